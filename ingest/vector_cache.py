"""Vectors that were made before: an embedder that asks another one only for what is new to it.

A moved, renamed or re-cut text is not embedded again. The vectors are kept, as they are, in one SQLite file
of the data folder, each under an HMAC of the embedder's fingerprint and the text: without the folder's key
nobody can try whether a text was ever embedded. What is wrong with the file never fails a sync: the file is
set aside, once, and everything embedded as if there were none.
"""

import hmac
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, bindparam, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from ingest.embedder import Embedder, fingerprint
from ingest.fingerprint import KEY_FILE, Seal
from ingest.store import Vectors

FILE = "vectors.db"
# A statement takes so many values.
STEP = 500
# Of the limit, what is freed at once: the longest unused first.
FREED = 0.1
FAULTS = (SQLAlchemyError, OSError, ValueError)

_TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used INTEGER NOT NULL)",
    "CREATE INDEX IF NOT EXISTS vectors_used ON vectors (used)",
)
_FIND = text("SELECT key, vector FROM vectors WHERE key IN :keys").bindparams(
    bindparam("keys", expanding=True)
)
_TOUCH = text("UPDATE vectors SET used = :now WHERE key IN :keys").bindparams(
    bindparam("keys", expanding=True)
)
_KEEP = text("INSERT OR REPLACE INTO vectors (key, vector, used) VALUES (:key, :vector, :now)")
_FREE = text(
    "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors ORDER BY used LIMIT"
    " (SELECT 1 + CAST(:part * count(*) AS INTEGER) FROM vectors))"
)


class CachedEmbedder:
    """`embedder`, with the vectors of passages kept in `folder`, in about `limit` bytes; no questions'."""

    def __init__(self, embedder: Embedder, folder: Path, limit: int) -> None:
        self._embedder = embedder
        self._folder = folder
        self._limit = limit
        self._turn = threading.Lock()
        self._engine: Engine | None = None
        self._broken = False

    @property
    def name(self) -> str:
        """The embedder's."""
        return self._embedder.name

    @property
    def dimension(self) -> int:
        """The embedder's."""
        return self._embedder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length. Equal texts are embedded once."""
        if not texts:
            return self._embedder.encode(texts)
        with self._turn:
            keys = self._keys(texts)
            known = self._found(keys)
        new = {key: said for key, said in zip(keys, texts, strict=True) if key not in known}
        if new:
            made = dict(zip(new, self._embedder.encode(list(new.values())), strict=True))
            with self._turn:
                self._keep(made)
            known = {**known, **made}
        return np.stack([known[key] for key in keys])

    def encode_query(self, text: str) -> Vectors:
        """The embedder's."""
        return self._embedder.encode_query(text)

    def _keys(self, texts: Sequence[str]) -> list[bytes]:
        Seal.kept(self._folder)
        secret = (self._folder / KEY_FILE).read_bytes()
        maker = fingerprint(self._embedder)
        return [
            hmac.digest(secret, f"{maker}\n{said}".encode(errors="surrogatepass"), "sha256") for said in texts
        ]

    def _found(self, keys: Sequence[bytes]) -> Mapping[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        try:
            for connection, some in self._steps(sorted(set(keys))):
                rows = connection.execute(_FIND, {"keys": some}).all()
                found |= {key: self._vector(kept) for key, kept in rows}
                connection.execute(_TOUCH, {"keys": [key for key, _ in rows], "now": int(time.time())})
        except FAULTS as error:
            self._set_aside(error)
            return {}
        return found

    def _keep(self, made: Mapping[bytes, Vectors]) -> None:
        try:
            for connection, some in self._steps(list(made)):
                now = int(time.time())
                rows = [{"key": key, "vector": made[key].tobytes(), "now": now} for key in some]
                connection.execute(_KEEP, rows)
                while (
                    _bytes(connection) > self._limit and connection.execute(_FREE, {"part": FREED}).rowcount
                ):
                    pass
        except FAULTS as error:
            self._set_aside(error)

    def _vector(self, kept: bytes) -> Vectors:
        vector = np.frombuffer(kept, np.float32)
        if vector.shape != (self.dimension,) or not np.isclose(np.linalg.norm(vector), 1, atol=1e-3):
            raise ValueError("a vector of another shape")
        return vector

    def _steps(self, keys: Sequence[bytes]) -> Iterator[tuple[Connection, Sequence[bytes]]]:
        """A transaction for every few keys; none once the file was found broken."""
        if self._broken:
            return
        if self._engine is None:
            self._engine = create_engine(f"sqlite:///{self._folder / FILE}")
            with self._engine.begin() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
                for statement in _TABLE:
                    connection.exec_driver_sql(statement)
        for start in range(0, len(keys), STEP):
            with self._engine.begin() as connection:
                yield connection, keys[start : start + STEP]

    def _set_aside(self, error: Exception) -> None:
        """Go on without the file. The next process begins a new one."""
        self._broken = True
        if self._engine is not None:
            self._engine.dispose()
        for end in ("", "-wal", "-shm"):
            file = self._folder / f"{FILE}{end}"
            with suppress(OSError):
                file.replace(file.with_name(f"{FILE}.damaged{end}"))
        logging.getLogger(__name__).warning("the cache of vectors was set aside (%s)", type(error).__name__)


def _bytes(connection: Connection) -> int:
    """What the file holds, without what was freed in it."""
    pages, free, size = (
        int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
