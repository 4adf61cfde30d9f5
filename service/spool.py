"""Where uploads lie until they are indexed: a folder a job, below the data folder; so many bytes a tenant."""

import shutil
import threading
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from service.errors import RateLimited, TooLarge

FOLDER = "uploads"
# Seconds after which a tenant that has filled its part may come again.
WAIT = 30


class Spool:
    """The uploads of one data folder. Safe to use from several threads; blocking."""

    def __init__(self, folder: Path, most: int) -> None:
        """`folder` is the data folder; `most` is how many bytes of a tenant may lie here."""
        self._folder, self._most = folder / FOLDER, most
        self._turn = threading.Lock()
        self._held: dict[str, tuple[str, int]] = {}

    def place(self, job_id: str) -> Path:
        """The folder of a job's files."""
        return self._folder / job_id

    def take(self, tenant: str, job_id: str, count: int) -> None:
        """Count bytes of a job's files before they are written.

        Raises:
            TooLarge: this upload alone is more than a tenant may have here.
            RateLimited: with what the tenant has here already it is.
        """
        with self._turn:
            used = Counter[str]()
            for owner, size in self._held.values():
                used[owner] += size
            own = self._held.get(job_id, (tenant, 0))[1] + count
            if own > self._most:
                raise TooLarge(
                    f"the upload is larger than {_mebibytes(self._most)}: send its files in several"
                )
            if used[tenant] + count > self._most:
                raise RateLimited(
                    f"more than {_mebibytes(self._most)} of this tenant's uploads wait to be indexed: "
                    "send it again when some are (GET /v1/jobs), or raise max_spool_bytes",
                    {"Retry-After": str(WAIT)},
                )
            self._held[job_id] = (tenant, own)

    def resume(self, tenants: dict[str, str]) -> None:
        """Keep the folders of these jobs, each of its tenant, and remove all others."""
        with self._turn:
            self._held = {name: (tenant, _size(self.place(name))) for name, tenant in tenants.items()}
        self._clear(tenants)

    def remove(self, job_id: str) -> None:
        """Remove what was received for a job."""
        with self._turn:
            self._held.pop(job_id, None)
        shutil.rmtree(self.place(job_id), ignore_errors=True)

    def _clear(self, wanted: Collection[str]) -> None:
        for folder in self._folder.glob("*"):
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:g} MiB"
