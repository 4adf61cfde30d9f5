"""A PostgreSQL of our own: a throwaway cluster that listens on a Unix socket alone, started by the tests.

As root it runs as the user `postgres`, or `nobody`: PostgreSQL refuses to be root. Version 15 or later.
"""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# For a module whose tests, as far as they have a database, pass on both: `tests/conftest.py` sees to it.
BOTH = pytest.mark.databases
MISSING = "no PostgreSQL on this machine: `make services` installs Debian's"
# Nothing here outlives the tests, so nothing is forced to disk.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB")
_numbers = itertools.count(1)


def binaries() -> Path | None:
    """The folder with the newest initdb and pg_ctl of this machine; Debian keeps them off the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    named = shutil.which("initdb")
    first = next(iter([*found, *([Path(named).resolve()] if named else [])]), None)
    return first.parent if first and (first.parent / "pg_ctl").exists() else None


class Cluster:
    """A server in `folder`. It can be stopped and started again, as a database that falls over."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs = folder, programs
        self._user = _user()
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        # A language that does not sort by bytes: nothing of ours may rely on how a database sorts by itself.
        language = ("--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8")
        self._run("initdb", "--auth=trust", "--username=plumbline", "--encoding=UTF8", *language)

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = ["listen_addresses=", f"unix_socket_directories={self._folder}", *CARELESS]
        options = " ".join(f"-c {setting}" for setting in settings)
        self._run("pg_ctl", "start", "--wait", f"--log={self._folder / 'log'}", f"--options={options}")

    def stop(self) -> None:
        """Stop, and break every connection off, in the middle of whatever it does."""
        self._run("pg_ctl", "stop", "--wait", "--mode=fast")

    def url(self, name: str = "postgres") -> str:
        """The URL of a database."""
        return f"postgresql://plumbline@/{name}?host={self._folder}"

    def sql(self, statement: str) -> None:
        """Run a statement of the cluster's own, such as CREATE DATABASE."""
        import psycopg  # noqa: PLC0415  # only who has a cluster needs it

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    def database(self, template: str = "template0") -> str:
        """The name of a new database, like `template`."""
        name = f"d{next(_numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), f"--pgdata={self._folder / 'data'}", *options]
        who = (
            {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        )
        # A server keeps what it inherits: with a pipe, this would wait for its end.
        with (self._folder.parent / f"{self._folder.name}.out").open("ab") as out:
            subprocess.run(command, check=True, cwd="/", stdout=out, stderr=out, **who)


@contextmanager
def running(programs: Path) -> Iterator[Cluster]:
    """A cluster, started; removed in the end. Its folder has a short name: socket paths are limited."""
    folder = Path(tempfile.mkdtemp(prefix="plumbline-pg-"))
    try:
        cluster = Cluster(folder, programs)
        cluster.start()
        yield cluster
        cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_name(f"{folder.name}.out").unlink(missing_ok=True)


def _user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
