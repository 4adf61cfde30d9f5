"""What a search has tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Trial:
    """What was tried. `loss` is None where it was given up or failed; `state` says which."""

    number: int
    state: str
    loss: float | None
    chosen: Mapping[str, Any]
