"""What an adapter's folder says of its use: how often it reads, how readily it refuses at each reading."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from service.errors import ModelUnavailable

CALIBRATION = "calibration.json"
ONCE, TWICE = 1, 2


@dataclass(frozen=True, slots=True)
class Doubt:
    """The second reading refuses the more readily, the more tells against its answer (`service.scrutiny`).

    `constant + weight x distance + lacking x lack` stands in for the second reading's constant. Distances are
    the embedder's own, and lacks the answerability model's: with ones of other names they mean nothing. No
    such name: that model is not asked.
    """

    embedder: str
    constant: float
    weight: float
    answerability: str = ""
    lacking: float = 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """How often an adapter reads (`service.reading`), and what is added to the refusal's first token then."""

    readings: int = ONCE
    first: float = 0.0
    second: float = 0.0
    doubt: Doubt | None = None

    @property
    def weighs(self) -> bool:
        """Whether an engine has to weigh first tokens for this adapter."""
        return self != Calibration(self.readings)


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
        raise ModelUnavailable(adapter.name, f"{file} is damaged; calibrate the adapter anew") from error


def keep(adapter: Path, found: Calibration) -> None:
    """Write it into the adapter's folder, whole or not at all."""
    scratch = adapter / f"{CALIBRATION}.new"
    scratch.write_text(json.dumps(asdict(found), indent=2) + "\n")
    scratch.replace(adapter / CALIBRATION)


def _parsed(kept: Mapping[str, Any]) -> Calibration:
    doubt = kept.get("doubt")
    return Calibration(
        int(kept["readings"]),
        float(kept["first"]),
        float(kept.get("second", 0.0)),
        doubt and _doubt(doubt),
    )


def _doubt(kept: Mapping[str, Any]) -> Doubt:
    return Doubt(
        str(kept["embedder"]),
        float(kept["constant"]),
        float(kept["weight"]),
        str(kept.get("answerability", "")),
        float(kept.get("lacking", 0.0)),
    )
