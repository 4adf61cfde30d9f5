"""What a sync meets below its roots, and what becomes of it: on disk, so that a corpus may be any size.

A private, temporary SQLite database, which is gone with the process. Knows nothing of the catalog.
"""

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.errors import CatalogFault
from ingest.globs import EVERYTHING, Globs
from ingest.record import Record
from ingest.scan import Found, Passed, Root, scan

# An empty name: SQLite keeps it in memory up to a limit, beyond it in a file that nobody else can open.
SCRATCH = ""
TABLES = """
PRAGMA journal_mode = OFF;
CREATE TABLE met (uri TEXT UNIQUE NOT NULL, path BLOB, size INTEGER, stamp TEXT, fate INTEGER DEFAULT 0);
CREATE TABLE kept (uri TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE arrived (content TEXT, uri TEXT, PRIMARY KEY (content, uri)) WITHOUT ROWID;
"""
PAGE = 500


class Fate(IntEnum):
    """What became of a file that was met."""

    NONE = 0
    """Nothing of it is indexed; what it held has vanished."""
    WHOLE = 1
    """What it held stays: it is unchanged, or could not be read this time."""
    READ = 2
    """It was read: documents that it held and that were not met in it are gone from it."""


class Survey:
    """The files at and below some roots. What is met twice counts once. Safe to use from several threads."""

    def __init__(self, roots: Sequence[Root], only: Globs = EVERYTHING) -> None:
        """Look at everything that is meant.

        Raises:
            CatalogFault: there is no room for notes of it.
        """
        self.odd: list[tuple[str, str]] = []
        self.unseen: list[tuple[str, str]] = []
        self._turn = threading.Lock()
        self._notes = sqlite3.connect(SCRATCH, check_same_thread=False, isolation_level=None)
        self._notes.executescript(TABLES)
        for root in roots:
            for met in scan(root, only):
                self._meet(met)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._notes.close()

    def __len__(self) -> int:
        return int(self._rows("SELECT count(*) FROM met")[0][0])

    def found(self) -> Iterator[list[Found]]:
        """The files in the order in which they were met, some at a time."""
        last = 0
        query = "SELECT rowid, path, uri, size, stamp FROM met WHERE rowid > ? ORDER BY rowid LIMIT ?"
        while rows := self._rows(query, last, PAGE):
            yield [Found(Path(os.fsdecode(path)), *others) for _, path, *others in rows]
            last = rows[-1][0]

    def settle(self, file: str, fate: Fate) -> None:
        """Say what became of a file."""
        self._rows("UPDATE met SET fate = ? WHERE uri = ?", fate, file)

    def keep(self, uri: str) -> None:
        """The document at `uri` stays."""
        self._rows("INSERT OR IGNORE INTO kept VALUES (?)", uri)

    def arrive(self, uri: str, content: str) -> None:
        """A document with this content hash was published at `uri`, where there was none."""
        self._rows("INSERT OR IGNORE INTO arrived VALUES (?, ?)", content, uri)

    def gone(self, records: Iterable[Record]) -> Iterator[tuple[Record, Fate]]:
        """Those of `records` whose documents were not met, and what became of the files that held them."""
        for record in records:
            if not self._rows("SELECT 1 FROM kept WHERE uri = ?", record.uri):
                met = self._rows("SELECT fate FROM met WHERE uri = ?", record.file)
                fate = Fate(met[0][0]) if met else Fate.NONE
                if fate is not Fate.WHOLE and not self._is_unseen(record.file):
                    yield record, fate

    def claim(self, content: str) -> str | None:
        """The uri of a document with this content that arrived; each is claimed once."""
        rows = self._rows("SELECT uri FROM arrived WHERE content = ? ORDER BY uri LIMIT 1", content)
        if not rows:
            return None
        self._rows("DELETE FROM arrived WHERE content = ? AND uri = ?", content, rows[0][0])
        return str(rows[0][0])

    def _is_unseen(self, uri: str) -> bool:
        return any(uri == folder or uri.startswith(f"{folder}/") for folder, _ in self.unseen)

    def _meet(self, met: Found | Passed) -> None:
        if isinstance(met, Passed):
            (self.unseen if met.unseen else self.odd).append((met.uri, met.reason))
            return
        path = os.fsencode(met.path)
        before = self._rows("SELECT path FROM met WHERE uri = ?", met.uri)
        if not before:
            query = "INSERT INTO met (path, uri, size, stamp) VALUES (?, ?, ?, ?)"
            self._rows(query, path, met.uri, met.size, met.stamp)
        elif before[0][0] != path:
            other = os.fsdecode(before[0][0])
            self.odd.append((met.uri, f"{other} has this uri already; give each path its own --base"))

    def _rows(self, query: str, *values: Any) -> list[Any]:  # noqa: ANN401  # what SQLite takes and gives
        with self._turn:
            try:
                return self._notes.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise CatalogFault(
                    f"the sync's notes cannot be kept ({error})",
                    "make room where temporary files go (SQLITE_TMPDIR, TMPDIR, /var/tmp)",
                ) from error
