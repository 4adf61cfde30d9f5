"""From documents to an embedder that knows their words: THE WAY of embedders.

read → index → ask of the documents what they answer → find what is near and wrong → train → index anew, and
measure on documents that were not trained on → card.
"""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from finetune.errors import BadSource
from finetune.hooks import Event
from finetune.retrieval.bench import Bench
from finetune.retrieval.cards import Made, describe
from finetune.retrieval.figures import Change, Trial, as_card, trial
from finetune.retrieval.index import Index, indexed
from finetune.retrieval.material import Material
from finetune.retrieval.negatives import Miner
from finetune.retrieval.parts import Part
from finetune.retrieval.questions import Pair, asked
from finetune.retrieval.recipe import Recipe
from finetune.retrieval.run import begun
from finetune.retrieval.trainers import Near, train_embedder
from ingest.store import Mode, embedded_text

MODES = (Mode.DENSE, Mode.HYBRID)


@dataclass(frozen=True, slots=True)
class Order:
    """What to make: of the embedder `base`, by `most` pairs of a source, each with so many `negatives`.

    `searches` of few words are made up of each passage. Where documents have questions of their own, those of
    the part that is trained on are taken too if `own`.
    """

    base: str
    most: int = 6_000
    negatives: int = 1
    searches: int = 2
    own: bool = True
    recipe: Recipe = Recipe()  # noqa: RUF009  # frozen


def make(
    materials: Sequence[Material], sources: Sequence[dict[str, str]], order: Order, out: Path, bench: Bench
) -> dict[str, Any]:
    """Make the embedder `out`; returns its card and what changed. All or nothing appears there.

    Raises:
        BadPlace: `out` exists, cannot be written, or is being made by another process.
        OtherRun: another run lies beside it.
        BadSource: there is nothing to train on.
        EmbedderUnavailable: the base cannot be loaded.
    """
    told, collections = {**asdict(order), "sources": list(sources)}, [one.collection for one in materials]
    with (
        begun(out, told) as run,
        indexed(collections, bench.load(order.base), bench.watch) as indices,
    ):
        both = list(zip(materials, indices, strict=True))
        rows = [Near(one[0], one[1], tuple(one[2])) for one in run.rows(lambda: _rows(both, order, bench))]
        tests = [trial(material, index, order.recipe.seed) for material, index in both]
        before = _scores(tests, bench, "before")
        report = bench.report(run.folder)
        history = train_embedder(bench.source(order.base), rows, order.recipe, run.folder, report)
        indices[0].library.reindex(embedder=bench.load(str(run.model)))
        after = _scores(tests, bench, "after")
        changes = [Change(name, before[name], after[name]) for name in before]
        made = Made("embedder", order.base, sources, len(rows), asdict(order), history)
        card = describe(run.model, made, as_card(changes))
    bench.hooks.tell(Event("trained", str(out), card))
    return {"name": card["name"], "folder": str(out), "rows": len(rows)} | {
        "changes": {change.name: change.told() for change in changes}
    }


def _rows(both: Sequence[tuple[Material, Index]], order: Order, bench: Bench) -> list[Near]:
    dice = random.Random(order.recipe.seed)  # noqa: S311  # a reproducible choice, not a secret
    rows = [row for material, index in both for row in _of(material, index, order, dice, bench)]
    if not rows:
        raise BadSource("no question can be made of these documents: are there any that are trained on?")
    dice.shuffle(rows)
    return rows


def _of(material: Material, index: Index, order: Order, dice: random.Random, bench: Bench) -> list[Near]:
    name = material.collection.name
    points = [point for point in index.points() if material.split.part(point.uri) is Part.TRAIN]
    own = _own(material, {point.uri: embedded_text(point) for point in points}) if order.own else []
    made_up = asked(points, order.searches, dice) if not material.paragraphs else []
    rows = []
    for pairs, is_made_up in ((own, False), (made_up, True)):
        drawn = dice.sample(pairs, min(order.most, len(pairs)))
        miner = Miner(index, material.split, dice, made_up=is_made_up)
        for number, (pair, others) in enumerate(miner.mined(drawn, order.negatives)):
            bench.watch(f"{name}: mine", number, len(drawn))
            rows.append(Near(pair.question, pair.passage, others))
    return [row for row in rows if len(row.negatives) == order.negatives]


def _own(material: Material, passages: dict[str, str]) -> list[Pair]:
    """The questions that documents have, each with one of the passages of each that is trained on."""
    questions = material.split.only(material.collection, Part.TRAIN)
    return [
        Pair(text, passages[name], name)
        for query, text in questions.queries.items()
        for name in sorted(questions.relevant[query])
        if name in passages
    ]


def _scores(tests: Sequence[Trial], bench: Bench, when: str) -> dict[str, dict[str, float]]:
    found = {}
    for number, one in enumerate(tests):
        bench.watch(f"measure {when}", number, len(tests))
        if one.questions.queries:
            for mode in MODES:
                found[f"{one.questions.name}, {mode}"] = dict(one.scores(one.index.search(mode)))
    return found
