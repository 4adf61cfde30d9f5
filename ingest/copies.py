"""Documents that are in the catalog and not in the store, because a twin is: equal text for equal readers.

Twins have equal title, text, readers, labels and terms: whoever may find one may find each, alike.
One of them stands for all. What would be written for the others is kept, so that another takes its place the
moment it changes or goes.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, insert, select

from ingest.access import Principal, access_filter
from ingest.documents import Chunk, Passage, chunk_id
from ingest.readable import readable
from ingest.record import Cut, Record
from ingest.rows import as_record
from ingest.store import Point
from ingest.tables import at_or_below, copies, documents, lies_in
from ingest.where import Where

# What tells where a passage stands in a copy.
NAMED = [documents.c.uri, documents.c.document_id, documents.c.content_hash, copies.c.cuts]
HEALED = 200  # twins in one step


def points(document: Record) -> list[Point]:
    """What the store keeps of a copy that takes its twin's place."""
    return [
        Point(
            version=document.version,
            chunk=_chunk(document, ordinal, cut),
            uri=document.uri,
            title=document.title,
            access=document.access,
            labels=cut.labels,
            language=document.language,
            expires=document.expires,
            superseded=document.superseded_by is not None,
            dated=document.dated,
        )
        for ordinal, cut in enumerate(document.cuts)
    ]


def _chunk(document: Record, ordinal: int, cut: Cut) -> Chunk:
    return Chunk(
        chunk_id=chunk_id(document.document_id, document.content_hash, ordinal),
        document_id=document.document_id,
        ordinal=ordinal,
        text=document.text[cut.start : cut.end],
        start=cut.start,
        end=cut.end,
        heading=cut.heading,
        page=cut.page,
    )


class Copies:
    """Which documents stand for which. Safe to use from several threads; one process publishes."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        """`begin` opens a transaction on the catalog's database."""
        self._begin = begin

    def standing(self, twins: Collection[str], leaving: Collection[str]) -> set[str]:
        """Those of `twins` for which a document is in the store, other than those of the ids `leaving`."""
        wanted = and_(documents.c.twin.in_(twins), documents.c.document_id.not_in(leaving), ~_is_copy())
        with self._begin() as connection:
            return set(connection.scalars(select(documents.c.twin).where(wanted)))

    def among(self, ids: Collection[str]) -> set[str]:
        """Those of the documents that are copies."""
        query = select(copies.c.document_id).where(copies.c.document_id.in_(ids))
        with self._begin() as connection:
            return set(connection.scalars(query))

    def stood_for(self, ids: Collection[str]) -> dict[str, str]:
        """Of each of these documents that is in the store, the twin."""
        wanted = and_(documents.c.document_id.in_(ids), documents.c.twin.is_not(None), ~_is_copy())
        query = select(documents.c.document_id, documents.c.twin).where(wanted)
        with self._begin() as connection:
            return {row.document_id: row.twin for row in connection.execute(query)}

    def heirs(self, leaving: Collection[str], standing: Collection[str] = ()) -> list[Record]:
        """Copies to take the place of the documents `leaving`, unless somebody of `standing` twins does."""
        orphaned = set(self.stood_for(leaving).values()) - set(standing)
        return self._first(orphaned - self.standing(orphaned, leaving), leaving)

    def orphans(self) -> list[Record]:
        """Some copies for which nobody stands, one a twin: after a crash between two writers, never else."""
        other = documents.alias()
        copied = exists().where(copies.c.document_id == other.c.document_id)
        stands = exists().where(other.c.twin == documents.c.twin, ~copied)
        lacking = select(documents.c.twin).where(_is_copy(), ~stands).distinct().limit(HEALED)
        with self._begin() as connection:
            twins = set(connection.scalars(lacking))
        return self._first(twins, ())

    def below(self, principal: Principal, uri: str) -> Iterator[tuple[str, str]]:
        """Of each copy at or below `uri` in the principal's tenant: its uri, and which stands for it."""
        first = documents.alias()
        copied = exists().where(copies.c.document_id == first.c.document_id)
        query = (
            select(documents.c.uri, func.min(first.c.uri))
            .select_from(documents.join(first, and_(first.c.twin == documents.c.twin, ~copied)))
            .where(documents.c.tenant == access_filter(principal).tenant, at_or_below(documents.c.file, uri))
            .where(_is_copy())
            .group_by(documents.c.uri)
            .order_by(documents.c.uri)
        )
        with self._begin() as connection:
            yield from ((row[0], row[1]) for row in connection.execute(query))

    def standing_in(self, principal: Principal, where: Where) -> dict[str, str]:
        """Of copies in `where.path` that the principal may read, by the uri of what stands for it: one."""
        first = documents.alias()
        copied = exists().where(copies.c.document_id == first.c.document_id)
        query = (
            select(first.c.uri, func.min(documents.c.uri))
            .select_from(documents.join(first, and_(first.c.twin == documents.c.twin, ~copied)))
            .where(readable(principal), _is_copy(), lies_in(documents.c.uri, where))
            .where(~lies_in(first.c.uri, where))
            .group_by(first.c.uri)
        )
        with self._begin() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def named(
        self, principal: Principal, passages: Sequence[Passage], instead: Mapping[str, str]
    ) -> list[Passage]:
        """The passages as they stand in copies: at those uris, and with the ids that they have there."""
        there = {instead[each.uri] for each in passages if each.uri in instead}
        query = (
            select(*NAMED)
            .join(copies, copies.c.document_id == documents.c.document_id)
            .where(readable(principal), documents.c.uri.in_(there))
        )
        with self._begin() as connection:
            rows = {row.uri: row for row in connection.execute(query)} if there else {}
        return [_at(rows.get(instead.get(each.uri, "")), each) for each in passages]

    def _first(self, twins: Collection[str], leaving: Collection[str]) -> list[Record]:
        """Of each twin the copy with the first uri."""
        query = (
            select(documents, copies.c.cuts)
            .join(copies, copies.c.document_id == documents.c.document_id)
            .where(documents.c.twin.in_(twins), documents.c.document_id.not_in(leaving))
            .order_by(documents.c.uri.desc())
        )
        with self._begin() as connection:
            rows = connection.execute(query).all() if twins else ()
            found = {row.twin: as_record(row) for row in rows}
        return [replace(heir, chunks=len(heir.cuts)) for heir in found.values()]


def keep(connection: Connection, records: Sequence[Record]) -> None:
    """Note those of `records` that are copies, with what would be written for them."""
    rows = [
        {"document_id": each.document_id, "cuts": [cut.row() for cut in each.cuts]}
        for each in records
        if each.is_copy
    ]
    if rows:
        connection.execute(insert(copies), rows)


def _at(copy: Row[Any] | None, found: Passage) -> Passage:
    """The passage as it stands in the copy of a row, if that is given."""
    if copy is None:
        return found
    cuts = [Cut.of(row) for row in copy.cuts]
    # The two may have been cut by other settings, until the next sync: then it keeps its own name.
    name = next(
        (
            chunk_id(copy.document_id, copy.content_hash, ordinal)
            for ordinal, cut in enumerate(cuts)
            if (cut.start, cut.end) == (found.start, found.end)
        ),
        found.chunk_id,
    )
    return replace(found, uri=copy.uri, document_id=copy.document_id, chunk_id=name)


def _is_copy() -> ColumnElement[bool]:
    return exists().where(copies.c.document_id == documents.c.document_id)
