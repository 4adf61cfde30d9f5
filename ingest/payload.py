"""What a Qdrant engine keeps of a point beside its vectors, and which of it has an index: plain values.

The same for every engine. Knows none of them.
"""

from enum import StrEnum
from typing import Any

from ingest.access import Access
from ingest.documents import Chunk
from ingest.store import Point


class Index(StrEnum):
    """How a field is looked up."""

    TENANT = "tenant"  # by its value, which also decides what is stored together
    KEYWORD = "keyword"  # by its value, or any of its values
    PREFIX = "prefix"  # by its value, or how that begins
    DAY = "day"  # by a range


# The state of a document that another one took the place of; of others there is none.
SUPERSEDED = "superseded"
# Every field that a filter asks for.
INDEXES = {
    "tenant": Index.TENANT,
    "groups": Index.KEYWORD,
    "document": Index.KEYWORD,
    "version": Index.KEYWORD,
    "labels": Index.KEYWORD,
    "language": Index.KEYWORD,
    "uri": Index.PREFIX,
    "dated": Index.DAY,
    "expires": Index.DAY,
    "state": Index.KEYWORD,
}


def payload(point: Point) -> dict[str, Any]:
    """The point's payload."""
    chunk = point.chunk
    return {
        "version": point.version,
        "tenant": point.access.tenant,
        "groups": sorted(point.access.groups),
        "labels": sorted(point.labels),
        "language": point.language,
        "expires": point.expires,
        "state": SUPERSEDED if point.superseded else None,
        "dated": point.dated,
        "uri": point.uri,
        "title": point.title,
        "document": chunk.document_id,
        "chunk": chunk.chunk_id,
        "ordinal": chunk.ordinal,
        "text": chunk.text,
        "start": chunk.start,
        "end": chunk.end,
        "heading": chunk.heading,
        "page": chunk.page,
    }


def point(kept: dict[str, Any]) -> Point:
    """The point of a payload, which may be older than its latest fields."""
    chunk = Chunk(
        chunk_id=kept["chunk"],
        document_id=kept["document"],
        ordinal=kept["ordinal"],
        text=kept["text"],
        start=kept["start"],
        end=kept["end"],
        heading=kept["heading"],
        page=kept["page"],
    )
    return Point(
        version=kept["version"],
        chunk=chunk,
        uri=kept["uri"],
        title=kept["title"],
        access=Access.of(kept["tenant"], kept["groups"]),
        labels=frozenset(kept["labels"]),
        language=kept.get("language"),
        expires=kept.get("expires"),
        superseded=kept.get("state") == SUPERSEDED,
        dated=kept.get("dated"),
    )
