"""Filters in Qdrant Edge's terms: what a principal may read, where a question looks, what is past.

Who may read a point stands in one field, by the names of `ingest.access.readers`, which hold the tenant too.
So the access filter is a list of names, any of which is enough: the engine takes the points from the lists of
its index and looks at none of them. By tenant and groups, which may be empty, it looked at each of the tenant
for the word statistics of every question: two thirds of the time of a search.
"""

from collections.abc import Collection, Sequence

import qdrant_edge as engine

from ingest.access import Access, AccessFilter, reader, readers
from ingest.payload import SUPERSEDED
from ingest.store import Past
from ingest.where import Where

READERS = "readers"
# Groups of one reader: up to so many conditions of one name each cost less than one of any name.
SEVERAL = 16
PAGE = 512


def allowed(access: AccessFilter, hidden: Collection[str]) -> engine.Filter:
    """The access filter, and the hidden versions. Every filter is made of one of these."""
    must_not: list[engine.ConditionType] = [any_of("version", hidden)] if hidden else []
    if access.groups is None:
        tenant = engine.FieldCondition("tenant", match=engine.MatchValue(access.tenant))
        return engine.Filter(must=[tenant], must_not=must_not)
    mine = [reader(access.tenant, group) for group in sorted(access.groups)]
    one_by_one, together = [reader(access.tenant), *mine[:SEVERAL]], mine[SEVERAL:]
    named: list[engine.ConditionType] = [
        engine.FieldCondition(READERS, match=engine.MatchValue(name)) for name in one_by_one
    ]
    return engine.Filter(should=[*named, any_of(READERS, together)] if together else named, must_not=must_not)


def narrowed(within: engine.Filter, where: Where, standing: Collection[str]) -> engine.Filter:
    """What `within` lets through and `where` asks for; what is `standing` for a copy there lies there."""
    named = {"labels": where.labels, "language": where.languages}
    must: list[engine.ConditionType] = [any_of(field, values) for field, values in named.items() if values]
    if where.path:
        inside = [engine.FieldCondition("uri", match=engine.MatchPrefix(start)) for start in where.below]
        must.append(engine.Filter(should=[any_of("uri", [where.path, *standing]), *inside]))
    if where.since or where.until:
        span = engine.RangeDateTime(gte=where.since, lte=where.until)
        must.append(engine.FieldCondition("dated", range=span))
    return _and(within, must, [any_of("labels", where.without_labels)] if where.without_labels else [])


def without(within: engine.Filter, past: Past) -> engine.Filter:
    """What `within` lets through, less what is past."""
    left_out: list[engine.ConditionType] = []
    if past.expired_before:
        span = engine.RangeDateTime(lt=past.expired_before)
        left_out.append(engine.FieldCondition("expires", range=span))
    if past.superseded:
        left_out.append(any_of("state", [SUPERSEDED]))
    return _and(within, [], left_out)


def any_of(field: str, values: Collection[str]) -> engine.FieldCondition:
    """That a field holds any of these."""
    return engine.FieldCondition(field, match=engine.MatchAny(sorted(values)))


def name_readers(shard: engine.EdgeShard) -> None:
    """Note who may read them on points that were written before that was one field.

    Before the field has an index: until then the engine writes it in place, and moves no point.
    """
    lacking, offset = engine.Filter(must=[engine.IsEmptyCondition(READERS)]), None
    while True:
        page = engine.ScrollRequest(
            offset=offset, limit=PAGE, filter=lacking, with_payload=["tenant", "groups"]
        )
        records, offset = shard.scroll(page)
        held: dict[Access, list[engine.PointId]] = {}
        for record in records:
            kept = record.payload or {}
            held.setdefault(Access.of(kept["tenant"], kept["groups"]), []).append(record.id)
        for access, ids in held.items():
            shard.update(engine.UpdateOperation.set_payload(ids, {READERS: readers(access)}))
        if offset is None:
            return


def _and(
    within: engine.Filter, must: "Sequence[engine.ConditionType]", must_not: "Sequence[engine.ConditionType]"
) -> engine.Filter:
    """What `within` lets through and both hold of. One filter: within another it would cost more."""
    if not must and not must_not:
        return within
    return engine.Filter(
        must=[*(within.must or ()), *must],
        should=within.should,
        must_not=[*(within.must_not or ()), *must_not],
    )
