"""Where among the passages the answer stands, before a model writes it: passage, sentences, and how sure.

A small language model that is shown five passages answers from the wrong one more often than a still smaller
model that reads each together with the question; and of the sentences around the place that this one points
at, it takes the right words more often than of the whole passage. DECISIONS.md has the figures.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from guardrails.sentences import Span, sentences
from service.calibration import Calibration
from service.prompts import Source
from service.telemetry import warn

if TYPE_CHECKING:
    from guardrails.answerability import Answerability

# Sentences on each side of the place that are read with it.
BESIDE = 1
# A row of a table says nothing without its head, and one of a list little without the others.
ROW = re.compile(r"(?m)^[ \t]*(?:\||[-*•] |\d+[.)] |[^\n:;]{1,60}: [^\n;]+; )")


@dataclass(frozen=True, slots=True)
class Near:
    """What is read of a passage."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """The likeliest passage's number (from 1), and what to read of it.

    `lack`: by how much it is likelier that no passage holds an answer.
    """

    number: int
    near: Near
    lack: float


def shipped() -> "Answerability":
    """The shipped model. Raises `ModelError` if it cannot be loaded."""
    from guardrails.answerability import Answerability  # noqa: PLC0415  # seconds to import: not for --help

    return Answerability.shipped()


class Scrutiny:
    """Points at the place of an answer. Blocking; safe to call from several threads."""

    def __init__(self, answerability: "Callable[[], Answerability]" = shipped) -> None:
        """`answerability` loads the model when it is wanted: not every adapter asks for it."""
        self._answerability = answerability

    @property
    def model(self) -> str:
        """The model's name: what was chosen with another says nothing of this one.

        Raises:
            ModelError: it cannot be loaded.
        """
        return self._answerability().name

    def warm(self, adapter: str, manner: Calibration) -> None:
        """Load the model if `adapter` reads what it points at, so that no question waits. Raises as `model`.

        What was chosen with another model is told: the adapter reads all passages then.
        """
        if manner.pointed is None:
            return
        if manner.pointed.by != self.model:
            warn("calibrated with another answerability model: it reads all passages", adapter=adapter)
        self.point("warm", [Near("", "warm")])

    def point(self, question: str, passages: Sequence[Source]) -> Point:
        """The place in `passages`, of which there is one at least. Raises as `model`."""
        texts = [as_read(passage) for passage in passages]
        found = self._answerability().found([(question, text) for text in texts])
        best = min(range(len(found)), key=lambda place: found[place].lack)
        passage, (start, end) = passages[best], found[best].span
        above = len(texts[best]) - len(passage.text)
        near = Near(passage.heading, around(passage.text, (start - above, end - above)))
        return Point(best + 1, near, found[best].lack)


def around(text: str, place: Span) -> str:
    """The sentences of `text` that `place` touches, and `BESIDE` more on each side; with rows in it, all."""
    if ROW.search(text):
        return text
    every = list(sentences(text))
    touched = [n for n, (start, end) in enumerate(every) if end > place[0] and start < place[1]]
    if not touched:
        return text
    first, last = max(0, touched[0] - BESIDE), min(len(every) - 1, touched[-1] + BESIDE)
    return text[every[first][0] : every[last][1]].strip()


def as_read(passage: Source) -> str:
    """What the model reads of a passage, in training as well: its heading, then its text."""
    return f"{passage.heading}\n{passage.text}" if passage.heading else passage.text
