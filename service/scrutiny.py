"""What tells against an answer beside the model's own judgement: what a small model's judgement leaves out.

A question that was twisted a little (another name, another direction) still finds the passage, and a small
model answers it. Its sentence is a little further away; and who reads the passage with the question in mind
misses the answer in it.
"""

from collections.abc import Callable
from typing import NamedTuple

from guardrails.answerability import Answerability
from guardrails.sentences import sentences
from ingest.embedder import Embedder
from service.calibration import Doubt
from service.citations import claim
from service.prompts import Source


class Signs(NamedTuple):
    """Both grow with the doubt.

    `distance`: 1 - the cosine of the question and the passage's sentence that holds the answer, the nearest
    of them if several do; of all, if none does. `lack`: by how much it is likelier that none does.
    """

    distance: float
    lack: float


class Scrutiny:
    """Looks at an answer and its passage. Blocking."""

    def __init__(
        self, embedder: Embedder, answerability: Callable[[], Answerability] = Answerability.shipped
    ) -> None:
        """`answerability` loads the model when it is wanted: not every adapter asks for it."""
        self._embedder, self._answerability = embedder, answerability

    @property
    def embedder(self) -> str:
        """Its name: distances of different ones cannot be compared."""
        return self._embedder.name

    @property
    def answerability(self) -> str:
        """Its name: lacks of different ones cannot be compared. Raises `ModelError`: it cannot be loaded."""
        return self._answerability().name

    def is_meant(self, doubt: Doubt) -> bool:
        """Whether these are the models that `doubt` was chosen with. Raises as `answerability`."""
        asked = doubt.answerability
        return doubt.embedder == self.embedder and (not asked or asked == self.answerability)

    def signs(self, question: str, answer: str, passage: Source) -> Signs:
        """Of the `answer` to `question` from `passage`. Raises as `answerability`."""
        return Signs(self.distance(question, answer, passage.text), self.lack(question, passage))

    def distance(self, question: str, answer: str, text: str) -> float:
        """As `Signs` says."""
        every = [text[start:end] for start, end in sentences(text)]
        said = claim(answer).casefold()
        holding = [sentence for sentence in every if said and said in sentence.casefold()] or every or [text]
        rows = self._embedder.encode([question, *holding])
        return 1.0 - float((rows[1:] @ rows[0]).max())

    def lack(self, question: str, passage: Source) -> float:
        """As `Signs` says. Raises as `answerability`."""
        shown = f"{passage.heading}\n{passage.text}" if passage.heading else passage.text
        return self._answerability().lack(question, shown)
