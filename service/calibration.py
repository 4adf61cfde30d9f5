"""What an adapter's folder says of its use: how readily it refuses, and how often it reads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.errors import ModelUnavailable
from service.reading import ONCE

CALIBRATION = "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """`first_token`: constants by word, for the word's first token where an answer begins.

    `readings`: see `service.reading`.
    """

    first_token: Mapping[str, float] = field(default_factory=dict)
    readings: int = ONCE


def calibration(adapter: Path | None) -> Calibration:
    """What the folder `adapter` says; of no adapter, and of a folder that says nothing, the plain one.

    Raises:
        ModelUnavailable: what it says is damaged.
    """
    file = adapter / CALIBRATION if adapter else None
    if adapter is None or file is None or not file.is_file():
        return Calibration()
    try:
        kept = json.loads(file.read_text())
        constants = {str(word): float(constant) for word, constant in kept.get("first_token", {}).items()}
        return Calibration(constants, int(kept.get("readings", ONCE)))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelUnavailable(adapter.name, f"{file} is damaged; calibrate the adapter anew") from error
