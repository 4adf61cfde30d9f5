"""Documents that say the same, or nearly: listed for whoever may read them. In SQL.

Only documents of one audience are compared: that two tenants or groups have the same text is nobody's to
know. Documents that differ are never folded, however little: a price list of this year is not that of the
last one. They are listed here, and retrieval gives way to others before it shows both.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, select

from ingest.access import Principal
from ingest.readable import readable
from ingest.resemblance import similarity
from ingest.tables import bands, documents, signatures

# The least similarity that is looked for: below it many pairs would not be found (`ingest.resemblance`).
LEAST = 0.8
PAGE = 500

Pair = tuple[str, str, float]


class Group(NamedTuple):
    """The uris of documents that say the same, and the least similarity of one to the one it is most like."""

    uris: tuple[str, ...]
    similarity: float

    def listing(self) -> dict[str, Any]:
        """The group as `duplicates` shows it."""
        return {"uris": list(self.uris), "similarity": round(self.similarity, 3)}


class Duplicates:
    """Finds them. Safe to use from several threads."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        """`begin` opens a transaction on the catalog's database."""
        self._begin = begin

    def groups(self, principal: Principal, least: float) -> list[Group]:
        """Groups of documents that `principal` may read. In memory is what is alike, and no more."""
        joined = _Joined()
        with self._begin() as connection:
            for pair in self._equal(connection, principal):
                joined.join(*pair)
            for one, other, share in self._alike(connection, principal):
                if share >= least:
                    joined.join(one, other, share)
        return joined.groups()

    def _equal(self, connection: Connection, principal: Principal) -> Iterator[Pair]:
        """Each document whose text another one has, with the first of them."""
        wanted = and_(readable(principal), documents.c.audience.is_not(None))
        text = (documents.c.audience, documents.c.content_hash)
        first = func.min(documents.c.uri).label("first")
        several = select(*text, first).where(wanted).group_by(*text).having(func.count() > 1).subquery()
        same = and_(*(column == several.c[column.name] for column in text))
        query = select(several.c.first, documents.c.uri).select_from(documents.join(several, same))
        for row in connection.execution_options(yield_per=PAGE).execute(query.where(wanted)):
            if row[0] != row[1]:
                yield row[0], row[1], 1.0

    def _alike(self, connection: Connection, principal: Principal) -> Iterator[Pair]:
        """Each document that shares a band with others, with the first of those."""
        first, other = documents.alias(), documents.alias()
        one, two = signatures.alias(), signatures.alias()
        pairs = _sharing(readable(principal))
        query = (
            select(first.c.uri, other.c.uri, one.c.minima, two.c.minima)
            .select_from(pairs)
            .join(first, first.c.document_id == pairs.c.first)
            .join(other, other.c.document_id == pairs.c.other)
            .join(one, one.c.document_id == pairs.c.first)
            .join(two, two.c.document_id == pairs.c.other)
        )
        for row in connection.execution_options(yield_per=PAGE).execute(query):
            yield row[0], row[1], similarity(row[2], row[3])


def _sharing(wanted: ColumnElement[bool]) -> Any:  # noqa: ANN401  # a subquery has no type that says its columns
    """Distinct pairs of ids of the wanted documents: `other` is in a band of `first`."""
    held = (
        select(bands.c.band, bands.c.hash, documents.c.audience, bands.c.document_id)
        .select_from(bands.join(documents, documents.c.document_id == bands.c.document_id))
        .where(wanted, documents.c.audience.is_not(None))
        .cte("held")
    )
    place = (held.c.band, held.c.hash, held.c.audience)
    first = func.min(held.c.document_id).label("first")
    shared = select(*place, first).group_by(*place).having(func.count() > 1).subquery()
    same = and_(*(column == shared.c[column.name] for column in place))
    return (
        select(shared.c.first, held.c.document_id.label("other"))
        .select_from(held.join(shared, same))
        .where(held.c.document_id != shared.c.first)
        .distinct()
        .subquery()
    )


class _Joined:
    """Sets of uris that grow together (union-find), and how alike each is to its nearest in the set."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self._nearest: dict[str, float] = {}

    def join(self, one: str, other: str, share: float) -> None:
        for uri in (one, other):
            self._above.setdefault(uri, uri)
            self._nearest[uri] = max(share, self._nearest.get(uri, 0.0))
        low, high = sorted((self._top(one), self._top(other)))
        self._above[high] = low

    def groups(self) -> list[Group]:
        members: dict[str, list[str]] = {}
        for uri in sorted(self._above):
            members.setdefault(self._top(uri), []).append(uri)
        return [Group(tuple(uris), min(map(self._nearest.__getitem__, uris))) for uris in members.values()]

    def _top(self, uri: str) -> str:
        while (above := self._above[uri]) != uri:
            self._above[uri] = self._above[above]
            uri = above
        return uri
