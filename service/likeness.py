"""How like a question is to the sentence that answers it: what a small model's own judgement leaves out.

A question that was twisted a little (another name, another direction) still finds the passage, and a small
model answers it; its sentence is a little further away.
"""

from guardrails.sentences import sentences
from ingest.embedder import Embedder
from service.citations import claim


class Likeness:
    """Distances by an embedder. Blocking."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @property
    def name(self) -> str:
        """The embedder's; distances of different ones cannot be compared."""
        return self._embedder.name

    def distance(self, question: str, answer: str, text: str) -> float:
        """1 - the cosine of `question` and the sentence of `text` that holds `answer`.

        The nearest of them, if several do; of all, if none does.
        """
        every = [text[start:end] for start, end in sentences(text)]
        said = claim(answer).casefold()
        holding = [sentence for sentence in every if said and said in sentence.casefold()] or every or [text]
        rows = self._embedder.encode([question, *holding])
        return 1.0 - float((rows[1:] @ rows[0]).max())
