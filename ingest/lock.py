"""Who owns a data folder: one process at a time, and where to reach it if it is a server.

Two files: `store.lock`, locked by the operating system for as long as the owner lives, and
`store.json`, in which the owner says who it is. A stale `store.json` is harmless: only the lock counts.
"""

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from ingest.errors import IndexBusy
from ingest.home import home, usable

LOCK = "store.lock"
OWNER = "store.json"
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that holds a data folder: the command it runs, and since when (ISO 8601, UTC).

    A server has an address, and a token for its folder's users.
    """

    pid: int
    address: str | None = None
    token: str | None = None
    command: str = ""
    since: str = ""

    def __str__(self) -> str:
        """How it is named to whoever has to wait for it."""
        told = ", ".join([self.command, f"since {self.since}"] if self.since else [])
        return f"process {self.pid}" + (f" ({told})" if told else "")


class Claim:
    """The folder is ours until the claim is released, or the process ends, however it ends."""

    def __init__(self, folder: Path, lock: FileLock, command: str) -> None:
        self._owner_file = folder / OWNER
        self._lock = lock
        self._owner = Owner(os.getpid(), None, None, command, datetime.now(UTC).isoformat(" ", "seconds"))
        self._announce(self._owner)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def serve(self, address: str) -> Owner:
        """Tell other processes to send their commands to `address` (such as `http://127.0.0.1:8000`).

        Returns the owner with its new token: the server answers only requests that carry it.
        """
        owner = replace(self._owner, address=address, token=secrets.token_urlsafe(32))
        self._announce(owner)
        return owner

    def release(self) -> None:
        """Let another process have the folder."""
        self._owner_file.unlink(missing_ok=True)
        self._lock.release()

    def _announce(self, owner: Owner) -> None:
        # Written beside and moved into place: nobody reads half a file, and only the user may read the token.
        draft = self._owner_file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(asdict(owner), stream)
        draft.replace(self._owner_file)


def claim(folder: Path, wait: float = 0.0, command: str = "a command") -> Claim | Owner:
    """Take the data folder for a `command`; or, if a server holds it, return that server.

    Waits up to `wait` seconds for a process that is no server.

    Raises:
        IndexBusy: another process that is no server holds it, and did not let go in time.
        UnusableFolder: it cannot be made, or not be written in.
    """
    with usable(home(folder)):
        return _claimed(folder, wait, command)


def _claimed(folder: Path, wait: float, command: str) -> Claim | Owner:
    lock = FileLock(folder / LOCK, mode=0o600, thread_local=False)
    end = time.monotonic() + wait
    while True:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            owner = _owner(folder)
            if owner is not None and owner.address is not None:
                return owner
            if time.monotonic() >= end:
                break
            time.sleep(PAUSE)
        else:
            return Claim(folder, lock, command)
    raise IndexBusy(
        f"{owner or 'process unknown'} is working in {folder}",
        "wait until it is done, or use another PLUMBLINE_HOME",
    )


def _owner(folder: Path) -> Owner | None:
    """What the owner says of itself; None while it has not said anything yet."""
    try:
        return Owner(**json.loads((folder / OWNER).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
