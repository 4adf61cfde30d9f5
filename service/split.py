"""A comparison in the open: the share of conversations that a candidate answers for the promoted adapter."""

import hashlib
from dataclasses import dataclass
from typing import Literal

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
