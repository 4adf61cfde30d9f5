"""A document's record as a row of the catalog, and back."""

from typing import Any

from sqlalchemy import Row

from ingest.access import Access, audience
from ingest.record import Cut, Record

NAMES = (
    *("document_id", "uri", "file", "version", "title", "content_hash", "text", "chunks", "twin"),
    *("language", "expires", "superseded_by", "dated", "license", "updated_at"),
)


def as_row(record: Record) -> dict[str, Any]:
    """What the table of documents keeps."""
    row: dict[str, Any] = {name: getattr(record, name) for name in NAMES}
    groups, labels, readers = sorted(record.access.groups), sorted(record.labels), audience(record.access)
    return row | {"tenant": record.access.tenant, "groups": groups, "labels": labels, "audience": readers}


def as_record(row: Row[Any]) -> Record:
    """The record of a row, with its text and cuts if they were asked for."""
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented way to a row's names
    del values["audience"]
    access = Access.of(values.pop("tenant"), values.pop("groups"))
    cuts = tuple(map(Cut.of, values.pop("cuts", ())))
    return Record(access=access, labels=frozenset(values.pop("labels")), cuts=cuts, **values)
