"""A run's state on disk: written whole or not at all, so that a killed run resumes, and as itself only."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from finetune.training import origin


class Checkpoint:
    """One file in the run's folder, replaced atomically."""

    def __init__(self, folder: Path, origin: Mapping[str, Any]) -> None:
        """`origin` is all that makes this run itself: plain values by name."""
        self._folder, self._file, self._origin = folder, folder / "checkpoint.pt", dict(origin)

    def save(self, state: Mapping[str, Any]) -> None:
        """Write `state`; a kill at any moment leaves the previous one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        scratch = self._file.with_suffix(".tmp")
        torch.save({**state, "origin": self._origin}, scratch)
        scratch.replace(self._file)

    def load(self) -> dict[str, Any] | None:
        """The last state saved, or None at the start of a run.

        Raises:
            OtherRun: it is of a run with other data, base model or hyperparameters.
        """
        if not self._file.exists():
            return None
        state: dict[str, Any] = torch.load(self._file, map_location="cpu", weights_only=True)
        origin.check(self._folder, state["origin"], self._origin)
        return state

    def remove(self) -> None:
        """Forget the run, once its adapter is written."""
        shutil.rmtree(self._folder, ignore_errors=True)
