"""A run's state on disk: written whole or not at all, so that a killed run resumes."""

from pathlib import Path
from typing import Any

import torch


class Checkpoint:
    """One file in the run's folder, replaced atomically."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "checkpoint.pt"

    def save(self, state: dict[str, Any]) -> None:
        """Write `state`; a kill at any moment leaves the previous one."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._file.with_suffix(".tmp")
        torch.save(state, scratch)
        scratch.replace(self._file)

    def load(self) -> dict[str, Any] | None:
        """The last state saved, or None at the start of a run."""
        if not self._file.exists():
            return None
        state: dict[str, Any] = torch.load(self._file, map_location="cpu", weights_only=True)
        return state

    def remove(self) -> None:
        """Forget the run's state, once its adapter is written."""
        self._file.unlink(missing_ok=True)
