"""The rail for system-prompt extraction: questions that ask for it, and answers that give it away.

An answer is compared with the instructions: letter by letter, so that spaces, capitals and marks between them
hide nothing, also backwards, turned by thirteen and decoded; and by its words, for a light rewording. A
canary, where there is one, must not leave at all. What stands in a passage that the answer rests on is the
document's own. Knows no translation of the instructions.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from guardrails.calibration import probability
from guardrails.extraction_requests import REQUESTS
from guardrails.rail import Inspection, Sample
from guardrails.shingles import kept, runs, tokens
from guardrails.verdict import Action, Finding, Stage

_LETTERS = 28  # in a row, that no other text shares with the instructions by chance
_SURE = 0.98
# Of the instructions' runs of three words in an answer: how many, and what part of the answer's own they are.
_FOUND, _SHARE, _BIAS = 0.8, 3.0, -4.0
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[ :]?){16,}")
_ANNOUNCED = re.compile(
    r"(?i)\bmy (?:system |initial |hidden |original )(?:prompt|instructions|message)\b.{0,20}"
    r"(?:\b(?:is|are|was|were|says?|reads?)\b|:)"
)


class Prompt(NamedTuple):
    """What must not be given away: the instructions, and a token that stands in a prompt for this alone."""

    instructions: str = ""
    canary: str = ""


NO_PROMPT = Prompt()


class Extraction:
    """Scores questions by how they are worded, and answers by what of the prompt they say."""

    name = "extraction"

    def __init__(self, prompt: Prompt = NO_PROMPT) -> None:
        self._runs = _cut(_letters(prompt.instructions))
        self._shingles = kept(prompt.instructions)
        self._canary = _letters(prompt.canary)

    def inspect(self, sample: Sample) -> Inspection:
        """Look for a request for the instructions (stage input), or for them (elsewhere)."""
        if sample.stage is Stage.INPUT:
            match = next(filter(None, (request.search(sample.text) for request in REQUESTS)), None)
            asked_for = "asks for the instructions that the assistant works by"
            return self._found("request", _SURE, match.span(), asked_for) if match else Inspection(score=0.0)
        score = self._given_away(sample)
        whole = (0, len(sample.text))
        return self._found("system-prompt", score, whole, "gives away what the assistant was told to do")

    def _found(self, label: str, score: float, span: tuple[int, int], reason: str) -> Inspection:
        return Inspection((Finding(self.name, label, Action.BLOCK, score, *span, reason, "<PROMPT>"),), score)

    def _given_away(self, sample: Sample) -> float:
        text = " ".join((*sample.said, sample.text))
        readings = [_letters(reading) for reading in _readings(text)]
        if self._canary and any(self._canary in letters for letters in readings):
            return _SURE
        told = self._runs - _cut(_letters(" ".join(sample.context)))
        if any(told & _cut(letters) for letters in readings) or _ANNOUNCED.search(sample.text):
            return _SURE
        return max(self._reworded(reading, sample.context) for reading in (sample.text, text))

    def _reworded(self, text: str, context: Sequence[str]) -> float:
        said = runs(tokens(text))
        found = [shingle for shingle in said if shingle.value in self._shingles]
        if not found:
            return 0.0
        of_documents = kept("\n".join(context))
        found = [shingle for shingle in found if shingle.value not in of_documents]
        words = {word for shingle in said for word in shingle.group}
        covered = {word for shingle in found for word in shingle.group}
        return probability(_FOUND * len(found) + _SHARE * len(covered) / len(words) + _BIAS)


def _cut(letters: str) -> set[str]:
    """Every run of so many letters that no two texts share it by chance."""
    return {letters[at : at + _LETTERS] for at in range(len(letters) - _LETTERS + 1)}


def _letters(text: str) -> str:
    """Its letters and digits alone."""
    return "".join(filter(str.isalnum, text.casefold()))


def _readings(text: str) -> Iterator[str]:
    """What the text says, and what it may be meant to say."""
    yield text
    yield text[::-1]
    yield codecs.encode(text, "rot13")
    for match in _BASE64.finditer(text):
        coded = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8", "replace")
        except binascii.Error:
            continue
    for match in _HEX.finditer(text):
        yield bytes.fromhex(re.sub(r"[ :]", "", match.group())).decode("utf-8", "replace")
