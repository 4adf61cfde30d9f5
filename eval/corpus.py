"""The indexed documents as evaluation reads them: out of the catalog, as a principal.

A catalog is SQL, so that a server may have it open at the same time.
"""

import hashlib
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from ingest.access import Principal
from ingest.documents import document_id
from ingest.errors import NotIndexed
from ingest.record import Page, Record

PAGE = 500


class Shelf(Protocol):
    """Documents for a principal: `ingest.catalog.Catalog`."""

    def documents(self, principal: Principal, limit: int = 100, cursor: str | None = None) -> Page:
        """A page of records in the order of their uris, without their texts."""
        ...

    def document(self, principal: Principal, document_id: str) -> Record:
        """One document with its text. Raises `NotIndexed` if there is none that the principal may read."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A document: what it is called, who may read it (none: the whole tenant), and its cleaned text."""

    uri: str
    title: str
    text: str
    groups: frozenset[str] = frozenset()


class Corpus:
    """What one principal may read. Holds no texts: every call reads them anew."""

    def __init__(self, shelf: Shelf, principal: Principal) -> None:
        self._shelf = shelf
        self.principal = principal

    def records(self) -> Iterator[Record]:
        """All records in the order of their uris, without texts."""
        cursor: str | None = None
        while True:
            page = self._shelf.documents(self.principal, PAGE, cursor)
            yield from page.records
            cursor = page.next
            if cursor is None:
                return

    def sources(self) -> Iterator[Source]:
        """All documents, one text in memory at a time."""
        return (source for record in self.records() if (source := self._source(record)))

    def sample(self, count: int, dice: random.Random) -> list[Source]:
        """Up to `count` documents drawn at random, in the order of their uris."""
        records = list(self.records())
        drawn = sorted(dice.sample(range(len(records)), min(count, len(records))))
        return [source for place in drawn if (source := self._source(records[place]))]

    def restricted(self, uris: Collection[str]) -> int:
        """How many of these documents are kept to some groups."""
        return sum(record.uri in uris for record in self.records() if record.access.groups)

    def fingerprint(self) -> str:
        """12 characters that change with any document that this principal may read."""
        digest = hashlib.sha256()
        for record in self.records():
            digest.update(f"{record.uri}\n{record.content_hash}\n".encode())
        return digest.hexdigest()[:12]

    def _source(self, record: Record) -> Source | None:
        """With its text; None for a document that was deleted since it was listed."""
        try:
            whole = self._shelf.document(self.principal, record.document_id)
        except NotIndexed:
            return None
        return Source(whole.uri, whole.title, whole.text, whole.access.groups)


class Indexed:
    """Texts by uri, or by its end (`policies/leave-policy.md`), read as each tenant's administrator."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._uris: dict[str, list[str]] = {}
        self._texts: dict[tuple[str, str], str | None] = {}

    def text(self, tenant: str, uri: str) -> str | None:
        """The cleaned text; None if nothing is indexed there. Of several that end so, the first."""
        key = (tenant, uri)
        if key not in self._texts:
            self._texts[key] = self._read(tenant, uri)
        return self._texts[key]

    def _read(self, tenant: str, uri: str) -> str | None:
        for name in (uri, self._ending(tenant, uri)):
            try:
                found = self._shelf.document(Principal.administrator(tenant), document_id(tenant, name))
            except NotIndexed:
                continue
            return found.text
        return None

    def _ending(self, tenant: str, end: str) -> str:
        if tenant not in self._uris:
            corpus = Corpus(self._shelf, Principal.administrator(tenant))
            self._uris[tenant] = [record.uri for record in corpus.records()]
        return next((uri for uri in self._uris[tenant] if uri.endswith(f"/{end}")), end)
