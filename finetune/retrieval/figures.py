"""What a model of search changes: nDCG@10 on questions about documents that it was not trained on."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from eval.collection import Collection
from eval.retrieval import PLACES, Search, scored
from eval.stats import Comparison, figure, paired
from finetune.retrieval.index import Index
from finetune.retrieval.material import Material
from finetune.retrieval.parts import Part, whole
from finetune.retrieval.questions import asked

METRIC = f"ndcg@{PLACES}"
_MOST = 400  # made-up questions of a collection that has none of its own
Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Trial:
    """Questions about the held-out documents of a collection that is indexed."""

    index: Index
    questions: Collection
    pieces: bool

    def scores(self, search: Search) -> Scores:
        """Each question's nDCG@10."""

        def documents(text: str) -> list[Any]:
            found = search(text)
            return [replace(hit, uri=whole(hit.uri)) for hit in found] if self.pieces else found

        return scored(self.questions, documents).scores[METRIC]


def trial(material: Material, index: Index, seed: int, part: Part = Part.HELD) -> Trial:
    """That of a part of a collection: of its own questions, or, if it has none, of what its passages give."""
    collection = material.collection
    if collection.queries:
        return Trial(index, material.split.only(collection, part), pieces=False)
    points = [point for point in index.points() if material.split.part(point.uri) is part]
    dice = random.Random(seed)  # noqa: S311  # a reproducible sample, not a secret
    pairs = asked(points, 0, dice)
    drawn = dict(enumerate(dice.sample(pairs, min(_MOST, len(pairs)))))
    queries = {str(number): pair.question for number, pair in drawn.items()}
    relevant = {str(number): frozenset({whole(pair.name)}) for number, pair in drawn.items()}
    return Trial(index, replace(collection, queries=queries, relevant=relevant), pieces=True)


@dataclass(frozen=True, slots=True)
class Change:
    """A test's scores before and after."""

    name: str
    before: Scores
    after: Scores

    @property
    def gain(self) -> Comparison:
        """What changed."""
        return paired(self.before, self.after)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        gain = self.gain
        return {
            "before": asdict(figure(list(self.before.values()))),
            "after": asdict(figure(list(self.after.values()))),
            "difference": asdict(gain.difference),
            "p": gain.p,
        }


def as_card(changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
    """The figures as a card holds them: by model, then by what was measured."""
    kinds = {"before": [one.before for one in changes], "after": [one.after for one in changes]}
    names = [f"{METRIC}, {one.name}" for one in changes]
    return {
        kind: {name: asdict(figure(list(scores.values()))) for name, scores in zip(names, every, strict=True)}
        for kind, every in kinds.items()
    }
