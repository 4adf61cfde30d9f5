"""The SQL database under the catalog, and under the service's ledger: SQLite in a file, or PostgreSQL by URL.

The only module that knows in what the two differ: how a connection is set up, how one process migrates
alone, what their errors mean, and what their texts can hold.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from ingest.identity import Identity, identity
from ingest.schema import Schema, UnknownSchema

# Seconds that a statement waits for somebody else's lock.
PATIENCE = 30.0
# The advisory locks of whoever migrates, and of whoever writes to the index: any numbers that nothing else in
# the database uses.
MIGRATING, WRITING = 7_205_759, 7_205_760
# A server that vanished without a word is noticed in about a minute, not in the kernel's two hours.
KEEPALIVE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# A process that froze in the middle of a transaction lets go of its locks after so many milliseconds.
IDLE_IN_TRANSACTION = 60_000

# What an error means, by the beginning of its SQLSTATE or of SQLite's name for it; the first that fits.
MEANINGS = (
    (("55P03", "40P01", "SQLITE_BUSY", "SQLITE_LOCKED"), "is locked by somebody else: try again"),
    (("53100", "SQLITE_FULL"), "has no room left on its disk: make some"),
    (("25006", "SQLITE_READONLY"), "may only be read, not written: see which server it is, and whose files"),
    (("53300",), "takes no more connections: raise its max_connections, or run fewer servers"),
    (("28", "3D000"), "lets nobody in: see that its URL names the right user, password and database"),
    (("08", "57P"), "cannot be reached: see that it runs, and try again"),
)
UNREACHABLE = MEANINGS[-1][1]

Fault = Callable[[str], Exception]


class Database:
    """Transactions on one database. Safe to use from several threads and processes.

    What SQLAlchemy raises arrives as `fault(message)`; the message never holds a value of a statement.
    """

    def __init__(
        self, url: str, name: str, fault: Fault, pragmas: Mapping[str, str], patience: float = PATIENCE
    ) -> None:
        """`name` is what messages call it; `pragmas` are for SQLite; `patience` in seconds."""
        self._name, self._fault, self._url, self._patience = name, fault, make_url(url), patience
        self.engine = (
            _sqlite(url, pragmas, patience) if _is_sqlite(self._url) else _server(url, name, patience)
        )

        self._file: Identity | None = None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction, committed at the end of the block."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._fault(f"the {self._name} {meaning(error)}") from error

    @contextmanager
    def hurried(self, patience: float) -> Iterator[Connection]:
        """A transaction that waits so many seconds, and no longer, for somebody else's lock."""
        with self.begin() as connection:
            if connection.dialect.name != "sqlite":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience * 1_000)}")
                yield connection
                return
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience * 1_000)}").close()
            try:
                yield connection
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={int(self._patience * 1_000)}").close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes that ask for it too from writing to the index until the block ends.

        A database in a file has the processes of one data folder alone, and `ingest.lock` keeps those apart.
        """
        if _is_sqlite(self._url):
            yield
            return
        try:
            # No transaction, which the server would end when it has been idle for a while.
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(select(func.pg_advisory_lock(WRITING)))
                try:
                    yield
                finally:
                    connection.execute(select(func.pg_advisory_unlock(WRITING)))
        except SQLAlchemyError as error:
            raise self._fault(f"the {self._name} {meaning(error)}") from error

    def lost(self) -> bool:
        """Whether the file that was opened is gone, or another one: SQLite would go on writing to nowhere."""
        return self._file is not None and self._file != _identity(self._url)

    def migrate(self, schema: Schema) -> None:
        """Bring the tables up to date; while one process does, others wait.

        Unlike `begin`, it says where the database is and what the driver says: this is read by whoever
        starts a program, not by callers of the API.
        """
        try:
            if _is_sqlite(self._url):
                self._write_ahead()
            with self.engine.begin() as connection:
                if not schema.reached(connection):
                    _alone(connection)
                    schema.migrate(connection)
            self._file = _identity(self._url)
        except (UnknownSchema, SQLAlchemyError) as error:
            self.close()
            raise self._fault(self._unfit(error)) from error

    def _write_ahead(self) -> None:
        """Give the file a write-ahead log, which stays. SQLite does not wait there: ask again."""
        until_free = Retrying(
            retry=retry_if_exception(_busy),
            stop=stop_after_delay(self._patience),
            wait=wait_random(0.01, 0.05),
            reraise=True,
        )
        with self.engine.connect() as connection:
            until_free(connection.exec_driver_sql, "PRAGMA journal_mode=WAL").close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def _unfit(self, error: UnknownSchema | SQLAlchemyError) -> str:
        if isinstance(error, UnknownSchema):
            return (
                f"the {self._name}'s schema is not one that this version knows ({error}): "
                f"use the Plumbline that wrote it, or another database or PLUMBLINE_HOME"
            )
        where = self._url.render_as_string(hide_password=True)
        return f"the {self._name} at {where} {meaning(error, words=True)}"


def meaning(error: SQLAlchemyError, *, words: bool = False) -> str:
    """What went wrong and what to do, as the rest of a sentence about the database.

    SQLite's words are given, they hold no values. PostgreSQL's may hold a whole row: only its name for the
    error is given, unless `words` are asked for and it is about the connection.
    """
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        found = _told(getattr(cause, "sqlite_errorname", None) or "")
        return f"{found} ({cause})" if found else f"failed ({type(error).__name__}: {cause})"
    state = getattr(cause, "sqlstate", None)
    if cause is None:
        return f"failed ({type(error).__name__}): try again"
    # Without a state the server has not spoken: it is not there, or no longer.
    found = _told(state or "08")
    if found is None:
        return f"failed ({type(cause).__name__}, SQLSTATE {state})"
    said = f": {str(cause).splitlines()[0]}" if words and str(cause) and state is None else ""
    return f"{found} ({type(cause).__name__}{said})"


def _told(code: str) -> str | None:
    return next((told for beginnings, told in MEANINGS if code.startswith(beginnings)), None)


def _alone(connection: Connection) -> None:
    """Wait until no other process migrates this database, and keep the others out until the end."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _identity(url: URL) -> Identity | None:
    """That of its file; None if the database lies elsewhere."""
    return identity(Path(url.database)) if url.database and _is_sqlite(url) else None


def _sqlite(url: str, pragmas: Mapping[str, str], patience: float) -> Engine:
    tuned = {"foreign_keys": "ON", "busy_timeout": str(int(patience * 1_000))} | dict(pragmas)

    def tune(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's connection has no type
        cursor = connection.cursor()
        for name, value in tuned.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    engine = create_engine(url)
    event.listen(engine, "connect", tune)
    return engine


def _busy(error: BaseException) -> bool:
    name = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _server(url: str, name: str, patience: float) -> Engine:
    def tune(connection: Any, _record: object) -> None:  # noqa: ANN401  # as above
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {int(patience * 1_000)}")
        cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION}")
        cursor.close()
        connection.commit()

    chosen = make_url(url).query
    ours = KEEPALIVE | {"application_name": f"plumbline {name}"}
    engine = create_engine(
        url,
        # Asked before each use: a database that was restarted costs nobody an error.
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args={key: value for key, value in ours.items() if key not in chosen},
    )
    event.listen(engine, "connect", tune)
    event.listen(engine, "before_cursor_execute", _storable, retval=True)
    return engine


def _storable(
    _connection: object,
    _cursor: object,
    statement: str,
    parameters: Any,  # noqa: ANN401  # a row of values by name, or a list of them
    *_: object,
) -> tuple[str, Any]:
    """PostgreSQL's texts cannot hold NUL: U+FFFD stands for it, in what is kept and in what is looked for."""
    if isinstance(parameters, dict):
        return statement, _sound(parameters)
    return statement, [_sound(each) for each in parameters] if parameters else parameters


def _sound(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in values.items()
    }
