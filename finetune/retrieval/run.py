"""A training run on disk: its rows and checkpoints beside the folder that is to be made, which appears whole.

A killed run goes on where it was if it is started with the same words.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from finetune.errors import OtherRun
from finetune.place import fresh

_ROWS = "rows.json"


@contextmanager
def begun(out: Path, order: Mapping[str, Any]) -> Iterator["Run"]:
    """The run that makes `out`, which appears when the block ends well.

    Raises:
        BadPlace: `out` exists, cannot be written, or is being made by another process.
        OtherRun: a run with another order lies beside it.
    """
    with fresh(out):
        run = Run(out, order)
        yield run
        run.finish()


class Run:
    """The run that makes `out`."""

    def __init__(self, out: Path, order: Mapping[str, Any]) -> None:
        """`order` is everything that decides what comes of it.

        Raises:
            OtherRun: a run with another order lies beside it.
        """
        self._out, self.folder = out, out.with_name(f"{out.name}.run")
        self._digest = hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()
        kept = self._kept()
        if kept is not None and kept["order"] != self._digest:
            raise OtherRun(f"{self.folder} holds a run with other options or data: remove it, or repeat them")

    @property
    def model(self) -> Path:
        """Where the trained model is written."""
        return self.folder / "model"

    def rows(self, make: Callable[[], Sequence[Sequence[Any]]]) -> list[list[Any]]:
        """What is trained on: as it was made the first time."""
        kept = self._kept()
        if kept is None:
            kept = {"order": self._digest, "rows": [list(row) for row in make()]}
            self.folder.mkdir(parents=True, exist_ok=True)
            scratch = self.folder / f"{_ROWS}.new"
            scratch.write_text(json.dumps(kept))
            scratch.replace(self.folder / _ROWS)
        rows: list[list[Any]] = kept["rows"]
        return rows

    def finish(self) -> None:
        """Make the model appear, and forget the run."""
        self.model.rename(self._out)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kept(self) -> dict[str, Any] | None:
        file = self.folder / _ROWS
        if not file.exists():
            return None
        kept: dict[str, Any] = json.loads(file.read_text())
        return kept


def digest_of(source: Path) -> str:
    """The SHA-256 of a file, or of all files in a folder."""
    files = sorted(file for file in source.rglob("*") if file.is_file()) if source.is_dir() else [source]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(source.parent)} {file.stat().st_size}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
