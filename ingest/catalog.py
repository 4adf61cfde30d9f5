"""The catalog: what is indexed, who may see it, and which versions are published. In SQL.

What a reader may see is decided here and in the store by the same `ingest.access.access_filter`.
"""

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from ingest.access import Principal
from ingest.copies import Copies
from ingest.copies import keep as keep_copies
from ingest.database import PATIENCE, Database
from ingest.duplicates import Duplicates
from ingest.errors import BadCursor, CatalogFault, NotIndexed
from ingest.fingerprint import Fingerprint
from ingest.fingerprints import Fingerprints, imprints, keep
from ingest.quarantine import Quarantine
from ingest.readable import readable
from ingest.record import FileTrace, Page, Record, Visibility
from ingest.rows import as_record, as_row
from ingest.schema import CATALOG
from ingest.tables import (
    at_or_below,
    bands,
    copies,
    document_groups,
    documents,
    facts,
    files,
    fingerprints,
    hidden_versions,
    quarantine,
    signatures,
)
from ingest.traces import keep as keep_traces
from ingest.traces import outdate

GENERATION = "generation"
# FULL: a commit that a power cut takes back would show versions whose points are gone already.
PRAGMAS = {"synchronous": "FULL"}
# Records in memory at a time.
PAGE = 500
LISTED = [column for column in documents.columns if column.name != "text"]


class Catalog:
    """Documents, files and versions in a SQL database. Safe to use from several threads.

    Vendor errors arrive as `CatalogFault`.
    """

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """Open the database at `url` and bring its schema up to date.

        `patience`: seconds that a call waits for somebody else's lock.
        """
        self._database = Database(url, "catalog", CatalogFault, PRAGMAS, patience)
        self._begin = self._database.begin
        self.alone = self._database.alone
        self._database.migrate(CATALOG)
        self.fingerprints = Fingerprints(self._begin)
        self.copies = Copies(self._begin)
        self.duplicates = Duplicates(self._begin)
        self.quarantine = Quarantine(self._begin)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    # What a principal may read.

    def document(self, principal: Principal, document_id: str) -> Record:
        """One document with its text.

        Raises:
            NotIndexed: there is none, or `principal` may not see it.
        """
        wanted = and_(readable(principal), documents.c.document_id == document_id)
        with self._begin() as connection:
            row = connection.execute(select(documents).where(wanted)).one_or_none()
        if row is None:
            raise NotIndexed(f"no document {document_id}", "`python -m ingest list` shows what is indexed")
        return as_record(row)

    def readable(self, principal: Principal, ids: Collection[str]) -> frozenset[str]:
        """Those of the documents `ids` that are there and that `principal` may read."""
        wanted = and_(readable(principal), documents.c.document_id.in_(ids))
        with self._begin() as connection:
            return frozenset(connection.scalars(select(documents.c.document_id).where(wanted)))

    def documents(self, principal: Principal, limit: int = 100, cursor: str | None = None) -> Page:
        """Up to `limit` records in the order of their uris, after `cursor`, without their texts.

        Raises:
            BadCursor: `cursor` is not one that this method gave out.
        """
        wanted = readable(principal)
        if cursor is not None:
            wanted = and_(wanted, documents.c.uri > _uncursor(cursor))
        query = select(*LISTED).where(wanted).order_by(documents.c.uri).limit(limit + 1)
        with self._begin() as connection:
            records = tuple(as_record(row) for row in connection.execute(query))
        more = len(records) > limit
        return Page(records[:limit], _cursor(records[limit - 1].uri) if more else None)

    def held_in(self, principal: Principal, *files: str) -> tuple[Record, ...]:
        """The records at the uris `files` or, where one is an archive or e-mail, of what is inside it."""
        held = or_(documents.c.file.in_(files), documents.c.uri.in_(files))
        query = select(*LISTED).where(and_(readable(principal), held)).order_by(documents.c.uri)
        with self._begin() as connection:
            return tuple(as_record(row) for row in connection.execute(query))

    def below(self, principal: Principal, uri: str) -> Iterator[Record]:
        """The records of the file at `uri`, or of all files below it if it is a folder, in their uris' order.

        They are read as they are asked for, some at a time; what is removed meanwhile does no harm.
        """
        wanted, after = and_(readable(principal), at_or_below(documents.c.file, uri)), ""
        query = select(*LISTED).order_by(documents.c.uri).limit(PAGE)
        while True:
            with self._begin() as connection:
                rows = connection.execute(query.where(wanted, documents.c.uri > after)).all()
            yield from map(as_record, rows)
            if len(rows) < PAGE:
                return
            after = rows[-1].uri

    def count_below(self, principal: Principal, uri: str) -> int:
        """How many records `below` gives."""
        wanted = and_(readable(principal), at_or_below(documents.c.file, uri))
        with self._begin() as connection:
            return int(connection.scalar(select(func.count()).select_from(documents).where(wanted)) or 0)

    def totals(self, principal: Principal) -> tuple[int, int]:
        """How many documents `principal` may read, and how many chunks they have."""
        query = select(func.count(), func.coalesce(func.sum(documents.c.chunks), 0)).where(
            readable(principal)
        )
        with self._begin() as connection:
            count, chunks = connection.execute(query).one()
        return count, chunks

    def set_apart(self, today: date) -> dict[str, int]:
        """How many documents are not found as others are, or only through another one; of all tenants."""
        expired = documents.c.expires < today.isoformat()
        wanted = {"expired": expired, "superseded": documents.c.superseded_by.is_not(None)}
        counts = {
            name: select(func.count()).select_from(documents).where(which) for name, which in wanted.items()
        }
        counts |= {
            "copies": select(func.count()).select_from(copies),
            "quarantined": select(func.count()).select_from(quarantine),
        }
        with self._begin() as connection:
            return {name: int(connection.scalar(query) or 0) for name, query in counts.items()}

    # What the index as a whole needs; nothing of a document's content.

    def tenants(self) -> list[str]:
        """The tenants that have documents."""
        with self._begin() as connection:
            return list(
                connection.scalars(select(documents.c.tenant).distinct().order_by(documents.c.tenant))
            )

    def visibility(self) -> Visibility:
        """The hidden versions and the generation, as of one moment."""
        query = select(facts.c.value, hidden_versions.c.version).outerjoin_from(
            facts, hidden_versions, onclause=facts.c.name == GENERATION
        )
        with self._begin() as connection:
            rows = connection.execute(query.where(facts.c.name == GENERATION)).all()
        return Visibility(int(rows[0][0]), frozenset(row[1] for row in rows if row[1] is not None))

    def generation(self, principal: Principal) -> str:
        """Changes with every publication and removal in the principal's tenant, and with no other's."""
        return self.fact(_counter(principal.tenant)) or "0"

    def fact(self, name: str) -> str | None:
        """A fact about the index, such as its embedder; None if it is not known yet."""
        with self._begin() as connection:
            return connection.scalar(select(facts.c.value).where(facts.c.name == name))

    def state(self, **values: str) -> None:
        """Write facts, all at once."""
        with self._begin() as connection:
            _advance(connection)
            connection.execute(delete(facts).where(facts.c.name.in_(values)))
            connection.execute(
                insert(facts), [{"name": key, "value": value} for key, value in values.items()]
            )

    def traces(self, tenant: str, uri: str) -> dict[str, FileTrace]:
        """The traces of the file at `uri`, or of all files below it, by uri."""
        return self._traces(tenant, at_or_below(files.c.uri, uri))

    def traces_of(self, tenant: str, uris: Collection[str]) -> dict[str, FileTrace]:
        """The traces of the files at `uris`, by uri."""
        return self._traces(tenant, files.c.uri.in_(uris))

    def _traces(self, tenant: str, wanted: ColumnElement[bool]) -> dict[str, FileTrace]:
        with self._begin() as connection:
            rows = connection.execute(select(files).where(files.c.tenant == tenant, wanted)).all()
        return {row.uri: _trace(row) for row in rows}

    # Publication: each method is one transaction.

    def hide(self, versions: Sequence[str]) -> None:
        """Hide versions, before their points are written."""
        with self._begin() as connection:
            _advance(connection)
            _hide(connection, versions)

    def publish(self, records: Sequence[Record]) -> None:
        """Make each record's version the one that readers see, and hide the one that it replaces."""
        ids = [record.document_id for record in records]
        made = imprints({record.document_id: record.fingerprint for record in records if record.fingerprint})
        with self._begin() as connection:
            _advance(connection, *{record.access.tenant for record in records})
            outdate(connection, records)
            _retire(connection, ids)
            shown = [record.version for record in records]
            connection.execute(delete(hidden_versions).where(hidden_versions.c.version.in_(shown)))
            connection.execute(insert(documents), [as_row(record) for record in records])
            groups = [
                {"document_id": record.document_id, "name": group}
                for record in records
                for group in sorted(record.access.groups)
            ]
            if groups:
                connection.execute(insert(document_groups), groups)
            keep(connection, made)
            keep_copies(connection, records)

    def remove(self, tenant: str, records: Sequence[Record]) -> None:
        """Forget documents and their files' traces, and hide their versions."""
        held = [record.file for record in records]
        with self._begin() as connection:
            _advance(connection, tenant)
            _retire(connection, [record.document_id for record in records])
            connection.execute(delete(files).where(files.c.tenant == tenant, files.c.uri.in_(held)))

    def forget(self, versions: Sequence[str]) -> None:
        """Versions whose points are gone need not be hidden any longer."""
        with self._begin() as connection:
            connection.execute(delete(hidden_versions).where(hidden_versions.c.version.in_(versions)))

    def imprint(self, made: Mapping[str, Fingerprint]) -> None:
        """Give documents their fingerprints, by id; of those that are still there."""
        imprinted = imprints(made)
        with self._begin() as connection:
            _take_turn(connection)
            there = select(documents.c.document_id, documents.c.tenant).where(
                documents.c.document_id.in_(made)
            )
            rows = connection.execute(there).all()
            _advance(connection, *{row.tenant for row in rows})
            for table in (fingerprints, signatures, bands):
                connection.execute(delete(table).where(table.c.document_id.in_(made)))
            keep(connection, {row.document_id: imprinted[row.document_id] for row in rows})

    def trace(self, tenant: str, traces: Sequence[FileTrace]) -> None:
        """Remember what files looked like."""
        if not traces:
            return
        with self._begin() as connection:
            _take_turn(connection)
            keep_traces(connection, tenant, traces)


def _advance(connection: Connection, *tenants: str) -> None:
    """Count a change of the index, and of what these tenants see of it."""
    grown = cast(cast(facts.c.value, Integer) + 1, Text)
    # Whoever writes at the same time waits here, so that a tenant's first count is inserted once.
    connection.execute(update(facts).where(facts.c.name == GENERATION).values(value=grown))
    for name in sorted(map(_counter, tenants)):
        counted = update(facts).where(facts.c.name == name).values(value=grown)
        if connection.execute(counted).rowcount == 0:
            connection.execute(insert(facts).values(name=name, value="1"))


def _counter(tenant: str) -> str:
    """The name of a tenant's own generation among the facts, whose names are short."""
    return f"{GENERATION} {hashlib.sha256(tenant.encode()).hexdigest()[:32]}"


def _take_turn(connection: Connection) -> None:
    """One writer after the other, as `_advance` has it too: who deletes and then inserts must not meet."""
    connection.execute(select(facts.c.value).where(facts.c.name == GENERATION).with_for_update())


def _hide(connection: Connection, versions: Sequence[str]) -> None:
    connection.execute(delete(hidden_versions).where(hidden_versions.c.version.in_(versions)))
    if versions:
        connection.execute(insert(hidden_versions), [{"version": version} for version in versions])


def _retire(connection: Connection, ids: Sequence[str]) -> None:
    """Delete documents, and hide the versions that they showed."""
    gone = documents.c.document_id.in_(ids)
    _hide(connection, connection.scalars(select(documents.c.version).where(gone)).all())
    for table in (document_groups, fingerprints, signatures, bands, copies):
        connection.execute(delete(table).where(table.c.document_id.in_(ids)))
    connection.execute(delete(documents).where(gone))


def _cursor(uri: str) -> str:
    return base64.urlsafe_b64encode(uri.encode()).decode()


def _uncursor(cursor: str) -> str:
    try:
        return base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise BadCursor(
            "the cursor is not one of ours", "pass `next` of the page before, unchanged"
        ) from error


def _trace(row: Row[Any]) -> FileTrace:
    skipped = tuple((uri, why) for uri, why in row.skipped)
    return FileTrace(row.uri, row.stamp, row.content, row.recipe, skipped)
