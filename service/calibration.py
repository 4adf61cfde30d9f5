"""What an adapter's folder says of its use: how it reads, and how readily it refuses."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from service.errors import ModelUnavailable

CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class Pointed:
    """The adapter reads what the answerability model `by` points at (`service.scrutiny`), and nothing else.

    `constant + lacking x lack` is added to the refusal's first token then. Lacks are that model's own: with
    one of another name they mean nothing.
    """

    by: str
    constant: float
    lacking: float

    def lean(self, lack: float) -> float:
        """How readily it refuses where so much speaks against an answer."""
        return self.constant + self.lacking * lack


@dataclass(frozen=True, slots=True)
class Calibration:
    """How an adapter reads. `constant` is added to the refusal's first token where it reads all passages."""

    constant: float = 0.0
    pointed: Pointed | None = None

    @property
    def without_constants(self) -> "Calibration":
        """The same way of reading, with nothing added."""
        return Calibration(0.0, self.pointed and replace(self.pointed, constant=0.0, lacking=0.0))

    @property
    def weighs(self) -> bool:
        """Whether an engine has to weigh first tokens for this adapter."""
        return self != Calibration()


def calibration(adapter: Path | None) -> Calibration:
    """What the folder `adapter` says; of no adapter, and of a folder that says nothing, the plain one.

    Raises:
        ModelUnavailable: what it says is damaged.
    """
    file = adapter / CALIBRATION if adapter else None
    if adapter is None or file is None or not file.is_file():
        return Calibration()
    try:
        return _parsed(json.loads(file.read_text()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelUnavailable(
            adapter.name,
            f"{file} is damaged; calibrate the adapter anew: "
            f"python -m finetune calibrate {adapter} --questions FILE",
        ) from error


def keep(adapter: Path, found: Calibration) -> None:
    """Write it into the adapter's folder, whole or not at all."""
    scratch = adapter / f"{CALIBRATION}.new"
    scratch.write_text(json.dumps(asdict(found), indent=2) + "\n")
    scratch.replace(adapter / CALIBRATION)


def _parsed(kept: Mapping[str, Any]) -> Calibration:
    if "readings" in kept:  # of adapters before December 2026, which read twice
        return Calibration(float(kept["first"]))
    pointed = kept["pointed"]
    return Calibration(
        float(kept["constant"]),
        pointed and Pointed(str(pointed["by"]), float(pointed["constant"]), float(pointed["lacking"])),
    )
