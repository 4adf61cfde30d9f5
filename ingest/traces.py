"""Files' traces in the catalog: noted when all of a file is published, forgotten once some of it changes."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select

from ingest.record import FileTrace, Record
from ingest.tables import documents, files


def keep(connection: Connection, tenant: str, traces: Sequence[FileTrace]) -> None:
    """Note what files looked like, instead of what was noted of them before."""
    uris = [trace.uri for trace in traces]
    connection.execute(delete(files).where(files.c.tenant == tenant, files.c.uri.in_(uris)))
    connection.execute(insert(files), [{"tenant": tenant} | asdict(trace) for trace in traces])


def outdate(connection: Connection, records: Sequence[Record]) -> None:
    """Forget the traces of the files whose documents change with `records`, which are to be published.

    A trace tells of all that is shown of its file: with the one from before, a file that was brought back
    to what it was would count as unchanged, though a sync was killed or refused a part of it in between.
    """
    there = documents.c.document_id.in_([record.document_id for record in records])
    shown = set(connection.scalars(select(documents.c.version).where(there)))
    held: dict[str, set[str]] = {}
    for record in records:
        if record.version not in shown:
            held.setdefault(record.access.tenant, set()).add(record.file)
    for tenant, uris in held.items():
        connection.execute(delete(files).where(files.c.tenant == tenant, files.c.uri.in_(uris)))
