"""Hard negatives: passages that the search finds for a question and that are not its own.

Only passages of documents that are trained on, so that nothing is learnt of those that are measured.
"""

import random
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from finetune.retrieval.index import Index
from finetune.retrieval.parts import Part, Split, whole
from finetune.retrieval.questions import Pair
from ingest.reranker import shown

DEPTH = 30  # passages that are looked at


class Mined(NamedTuple):
    """A pair, and passages that do not answer its question."""

    pair: Pair
    negatives: tuple[str, ...]


class Miner:
    """Searches an index for what is near a question."""

    def __init__(self, index: Index, split: Split, dice: random.Random, *, made_up: bool = False) -> None:
        """Where questions are `made_up`, other pieces of their documents may answer them as well."""
        self._index, self._split, self._dice, self._made_up = index, split, dice, made_up

    def mined(self, pairs: Sequence[Pair], count: int) -> Iterator[Mined]:
        """Each pair with up to `count` negatives."""
        for pair in pairs:
            near = [text for text in self.near(pair.question, {pair.name}) if pair.passage not in text]
            yield Mined(pair, tuple(self._dice.sample(near, min(count, len(near)))))

    def near(self, question: str, relevant: Collection[str]) -> list[str]:
        """The passages found, best first, of documents that are trained on and are not `relevant`."""
        documents = {whole(name) for name in relevant} if self._made_up else set()
        found = [
            shown(passage)
            for passage in self._index.found(question, DEPTH)
            if passage.uri not in relevant
            and whole(passage.uri) not in documents
            and self._split.part(passage.uri) is Part.TRAIN
        ]
        return list(dict.fromkeys(found))
