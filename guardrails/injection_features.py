"""What a window of text shows besides its meaning: wordings of attacks, and how it is spelt."""

import math
import re

import numpy as np

from guardrails.injection_patterns import CUES, Cue, fold
from guardrails.rail import Vectors

_DISGUISED = re.compile(
    r"[A-Za-z][013457@$!|€][A-Za-z]|[a-z][Ѐ-ӿͰ-Ͽ][a-z]|[A-Za-z](?:[ .\-_*]{1,3}[A-Za-z]\b){4,}"
)
_SURFACE = 6
WIDTH = len(CUES) + _SURFACE
"""How many numbers `features` gives."""


def cues(text: str) -> tuple[Cue, ...]:
    """Return the wordings found in `text`, as written or once look-alike letters are folded."""
    folded = fold(text)
    return tuple(
        cue for cue in CUES if cue.pattern.search(text) or (folded != text and cue.pattern.search(folded))
    )


def features(text: str, found: tuple[Cue, ...]) -> Vectors:
    """Return an array of shape (WIDTH,): one 0/1 per cue, then shares of the spelling in [0, 1]."""
    size = max(len(text), 1)
    surface = (
        min(len(_DISGUISED.findall(text)) * 10 / size, 1.0),
        sum(char.isupper() for char in text) / size,
        sum(char.isdigit() for char in text) / size,
        sum(not char.isalnum() and not char.isspace() for char in text) / size,
        sum(not char.isascii() for char in text) / size,
        min(math.log1p(size) / 8, 1.0),
    )
    return np.array([*(cue in found for cue in CUES), *surface], dtype=np.float32)
