"""The passages shown beside a question's own: random ones, or hard ones, as a search would find them."""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

import numpy as np

from ingest.embedder import Embedder
from ingest.store import Vectors
from service.prompts import Source

S = TypeVar("S", bound=Source)


class Distractors(Protocol):
    """Chooses up to `count` of the candidates, which are different ones, for a question."""

    def __call__(self, question: str, candidates: Sequence[S], count: int, dice: Random) -> list[S]:
        """Those chosen; their order tells nothing that a row may rely on."""
        ...


def random_distractors(question: str, candidates: Sequence[S], count: int, dice: Random) -> list[S]:  # noqa: ARG001  # a `Distractors`
    """Any of them: most are of other subjects, so they are easily told from the question's own."""
    return dice.sample(candidates, min(count, len(candidates)))


class HardDistractors:
    """Those nearest to the question by an embedder, best first: what a search would put beside its own.

    Nobody looks whether one of them holds an accepted answer too: a search does not either. A passage is
    embedded once, with its heading. Raises EmbedderUnavailable where the embedder does.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors = dict[str, Vectors]()

    def __call__(self, question: str, candidates: Sequence[S], count: int, dice: Random) -> list[S]:  # noqa: ARG002  # as a `Distractors`
        """The `count` nearest; of equals, those that come first."""
        if not candidates:
            return []
        likeness = self._rows(candidates) @ self._embedder.encode_query(question)
        return [candidates[place] for place in np.argsort(-likeness, kind="stable")[:count]]

    def _rows(self, passages: Sequence[Source]) -> Vectors:
        """Their vectors (len(passages), dimension)."""
        told = [f"{passage.heading}\n{passage.text}" for passage in passages]
        if new := [text for text in dict.fromkeys(told) if text not in self._vectors]:
            self._vectors.update(zip(new, self._embedder.encode(new), strict=True))
        return np.stack([self._vectors[text] for text in told])
