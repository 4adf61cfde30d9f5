"""A comparison in the open: the share of conversations that a candidate answers for the promoted adapter."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from service.errors import ModelUnavailable

Arm = Literal["", "baseline", "candidate"]  # the empty one: nothing was being compared
_WHOLE = 2**64


@dataclass(frozen=True, slots=True)
class Split:
    """`share` of the conversations (0 to 1) for the adapter `candidate`."""

    candidate: str
    share: float

    def arm(self, key: str) -> Arm:
        """The side of everything that has this key: as good as drawn, and the same on every server.

        A larger share takes more in and lets nobody out; another candidate draws anew.
        """
        text = f"{self.candidate}\n{key}".encode("utf-8", "surrogatepass")
        drawn = int.from_bytes(hashlib.sha256(text).digest()[:8])
        return "candidate" if drawn < self.share * _WHOLE else "baseline"


def read_split(file: Path) -> Split | None:
    """The comparison that `file` asks for; None where there is no such file.

    Raises:
        ModelUnavailable: it is damaged.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        split = Split(str(told["candidate"]), float(told["share"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(file) from error
    if not 0 <= split.share <= 1:
        raise _damaged(file)
    return split


def _damaged(file: Path) -> ModelUnavailable:
    remedy = "remove it, or write it with `finetune promote --canary`"
    return ModelUnavailable(file.name, f"{file} is damaged: {remedy}")
