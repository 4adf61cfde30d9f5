"""What makes a run itself: with anything else, what it has left says nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finetune.errors import OtherRun


def check(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise `OtherRun`, naming what differs, unless what lies in `folder` is of the same run."""
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if changed:
        told = ", ".join(f"{name} {before.get(name)}, not {now.get(name)}" for name in changed)
        raise OtherRun(
            f"{folder} holds what another run has left: {told}; "
            "give the same again to go on from there, or remove the folder to begin anew"
        )
