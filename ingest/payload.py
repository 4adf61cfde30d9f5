"""A point as an engine keeps it beside its vectors: a flat object of JSON, the same in every engine."""

from typing import Any

from ingest.access import Access
from ingest.documents import Chunk
from ingest.store import Point

# What is filtered by, besides the tenant: each has an index.
KEYWORDS = ("groups", "document", "version")


def payload(point: Point) -> dict[str, Any]:
    """What is kept of a point."""
    chunk = point.chunk
    return {
        "version": point.version,
        "tenant": point.access.tenant,
        "groups": sorted(point.access.groups),
        "labels": sorted(point.labels),
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
    """The point that `payload` made `kept` of."""
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
    access = Access.of(kept["tenant"], kept["groups"])
    return Point(kept["version"], chunk, kept["uri"], kept["title"], access, frozenset(kept["labels"]))
