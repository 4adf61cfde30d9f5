"""The indexed documents as a source: questions made of their passages, each answered by its passage.

Without a teacher questions come from evaluation's templates (facts, definitions, dates, tables) and from
cloze; a teacher writes its own. Either way the answer must stand in the passage and pass the grounding rail.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from eval.corpus import Corpus
from finetune.datasets.examples import Example
from finetune.datasets.gathering import Gathered
from finetune.datasets.library import Passage
from finetune.datasets.targets import UNGROUNDED, Grounding, supported
from finetune.errors import BadSource

CORPUS = "corpus"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question of a passage, and its answer; None if no document holds one."""

    passage: Passage
    question: str
    answer: str | None
    origin: str


class Maker(Protocol):
    """Makes questions of a corpus."""

    def make(self, corpus: Corpus, count: int, seed: int, skipped: Counter[str]) -> Iterator[Drawn]:
        """About `count` of them. What comes to nothing is counted in `skipped`. Raises `BadSource`."""
        ...


@dataclass(frozen=True)
class Documents:
    """The documents that a principal may read, as a source of up to `count` questions."""

    corpus: Corpus
    maker: Maker
    grounding: Callable[[], Grounding]
    count: int
    seed: int
    license: str = ""

    def gather(self) -> Gathered:
        """As `Source.gather`."""
        skipped: Counter[str] = Counter()
        rail, examples = self.grounding(), []
        for drawn in self.maker.make(self.corpus, self.count, self.seed, skipped):
            if drawn.answer is None or supported(drawn.answer, drawn.passage.text, rail):
                examples.append(_example(drawn))
            else:
                skipped[UNGROUNDED] += 1
        if not examples:
            raise BadSource(
                f"{CORPUS}: no question can be made of the documents: is anything indexed for this reader?"
            )
        return Gathered(
            CORPUS,
            CORPUS,
            self.corpus.fingerprint(),
            examples,
            dict(skipped),
            self.license,
            drawn=True,
            facts={
                "reader": self.corpus.principal.subject,
                "restricted": self.corpus.restricted({example.article for example in examples}),
            },
        )


def _example(drawn: Drawn) -> Example:
    place = drawn.passage
    return Example(CORPUS, drawn.origin, place.uri, place.heading, place.text, drawn.question, drawn.answer)
