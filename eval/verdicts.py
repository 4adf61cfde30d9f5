"""What judges have said, kept in one folder: a verdict is paid for once. A file each, whole or not there."""

import hashlib
import os
from pathlib import Path


class Verdicts:
    """Texts by their key. Failures are never kept: whoever asks again, asks the judge again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> str | None:
        """What was kept, if anything."""
        try:
            return self._file(key).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def put(self, key: str, verdict: str) -> None:
        """Keep a verdict; several processes may."""
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(f".{os.getpid()}")
        scratch.write_text(verdict, encoding="utf-8")
        scratch.replace(file)

    def _file(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.json"
