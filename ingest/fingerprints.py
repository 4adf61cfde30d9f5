"""Which fingerprints the catalog holds, and which are lacking. In SQL, on the catalog's own connections."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select

from ingest.access import Access
from ingest.fingerprint import Fingerprint
from ingest.resemblance import Signature, signature
from ingest.tables import bands, document_groups, documents, fingerprints, signatures

PAGE = 200  # in memory at a time


class Fingerprints:
    """Reads them. Safe to use from several threads."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._begin = begin

    def closed(
        self, tenant: str, recipe: str, *, every_tenant: bool = False
    ) -> Iterator[tuple[Access, bytes]]:
        """Of each document that only some in `tenant` may read: who they are, and its hashes.

        With `every_tenant`, of those of all others too. They come as they are read: all may be much.
        """
        own = documents.c.tenant == tenant
        return self._held(recipe, or_(~own, _grouped()) if every_tenant else and_(own, _grouped()))

    def readable(self, tenant: str, recipe: str) -> Iterator[tuple[Access, bytes]]:
        """The same of each document that all in `tenant` may read."""
        return self._held(recipe, and_(documents.c.tenant == tenant, ~_grouped()))

    def _held(self, recipe: str, wanted: ColumnElement[bool]) -> Iterator[tuple[Access, bytes]]:
        query = (
            select(documents.c.tenant, documents.c.groups, fingerprints.c.hashes)
            .join(fingerprints, fingerprints.c.document_id == documents.c.document_id)
            .where(wanted, fingerprints.c.recipe == recipe)
        )
        with self._begin() as connection:
            for tenant, groups, hashes in connection.execution_options(yield_per=PAGE).execute(query):
                yield Access.of(tenant, groups), hashes

    def missing(self, recipe: str, limit: int) -> list[tuple[str, str]]:
        """Ids and texts of up to `limit` documents without a fingerprint of this recipe."""
        query = select(documents.c.document_id, documents.c.text).where(_lacks(recipe)).limit(limit)
        with self._begin() as connection:
            return [(row.document_id, row.text) for row in connection.execute(query)]

    def lacking(self, recipe: str) -> int:
        """How many documents have no fingerprint of this recipe."""
        query = select(func.count()).select_from(documents).where(_lacks(recipe))
        with self._begin() as connection:
            return int(connection.execute(query).scalar_one())


class Imprint(NamedTuple):
    """A document's fingerprint, and its signature if it has words enough for one."""

    fingerprint: Fingerprint
    signature: Signature | None


def imprints(made: Mapping[str, Fingerprint]) -> dict[str, Imprint]:
    """The fingerprints by the documents' ids, each with its signature. Takes milliseconds each."""
    return {document: Imprint(each, signature(each)) for document, each in made.items()}


def keep(connection: Connection, made: Mapping[str, Imprint]) -> None:
    """Add the imprints of documents that have none, by the documents' ids."""
    marks = [
        {"document_id": document, "recipe": each.fingerprint.recipe, "hashes": each.fingerprint.hashes}
        for document, each in made.items()
    ]
    signed = {document: each.signature for document, each in made.items() if each.signature}
    minima = [{"document_id": document, "minima": each.minima} for document, each in signed.items()]
    hashes = [
        {"document_id": document, "band": band, "hash": digest}
        for document, each in signed.items()
        for band, digest in enumerate(each.bands)
    ]
    for table, rows in ((fingerprints, marks), (signatures, minima), (bands, hashes)):
        if rows:
            connection.execute(insert(table), rows)


def _grouped() -> ColumnElement[bool]:
    return exists().where(document_groups.c.document_id == documents.c.document_id)


def _lacks(recipe: str) -> ColumnElement[bool]:
    of_document = fingerprints.c.document_id == documents.c.document_id
    return ~exists().where(of_document, fingerprints.c.recipe == recipe)
