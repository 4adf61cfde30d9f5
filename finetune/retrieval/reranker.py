"""From questions and passages to a reranker: THE WAY of rerankers.

read → index → for each question the passage that answers it, those that the search puts beside it, and
questions that a passage only seems to answer → train → weigh against the search → measure on documents that
were not trained on → card.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from finetune.hooks import Event
from finetune.retrieval.bench import Bench
from finetune.retrieval.cards import Made, describe
from finetune.retrieval.doubts import doubtful, told_apart
from finetune.retrieval.figures import Change, Trial, as_card, trial
from finetune.retrieval.index import Index, indexed
from finetune.retrieval.judgements import own, refused
from finetune.retrieval.material import Material
from finetune.retrieval.packing import pack
from finetune.retrieval.parts import Part
from finetune.retrieval.recipe import Recipe
from finetune.retrieval.run import begun
from finetune.retrieval.trainers import Judged, train_reranker
from finetune.retrieval.weigh import Remembered, keep, weighed
from ingest.cross_encoder import PACKED, WEIGHT, CrossEncoderReranker
from ingest.reranker import Reranked
from ingest.store import Mode


@dataclass(frozen=True, slots=True)
class Order:
    """What to make: a cross-encoder of the first `layers` of `base`, by `most` questions of a source.

    Each comes with so many `negatives`; `twisted` is the share of a passage's questions that are changed so
    that it does not answer them. `packed`: eight bits a weight, as the shipped one. `embedder`: the index's.
    `doubts`: a SQuAD v2 file, on which it is measured whether it tells answered questions from others.
    """

    base: str
    embedder: str
    layers: int = 4
    most: int = 6_000
    negatives: int = 3
    twisted: float = 0.3
    packed: bool = False
    doubts: str | None = None
    recipe: Recipe = Recipe(learning_rate=1e-4, tokens=160)  # noqa: RUF009  # frozen


def make(
    materials: Sequence[Material],
    sources: Sequence[dict[str, str]],
    order: Order,
    out: Path,
    cache: Path,
    bench: Bench,
) -> dict[str, Any]:
    """Make the reranker `out`; returns what changed. All or nothing appears there.

    `cache` is the folder of converted models.

    Raises:
        BadPlace: `out` exists, cannot be written, or is being made by another process.
        OtherRun: another run lies beside it.
        BadQuestions: `order.doubts` cannot be read.
        EmbedderUnavailable, RerankerUnavailable: a model cannot be loaded.
    """
    doubts = doubtful(Path(order.doubts)) if order.doubts else []
    told, collections = {**asdict(order), "sources": list(sources)}, [one.collection for one in materials]
    with (
        begun(out, told) as run,
        indexed(collections, bench.load(order.embedder), bench.watch) as indices,
    ):
        both = list(zip(materials, indices, strict=True))
        rows = [Judged(*row) for row in run.rows(lambda: _rows(both, order, bench))]
        report = bench.report(run.folder)
        history = train_reranker(
            bench.source(order.base), order.layers, rows, order.recipe, run.folder, report
        )
        if order.packed:
            (run.model / PACKED).unlink(missing_ok=True)
            pack(run.model)
        bench.watch("weigh", 0, 1)
        keep(run.model, WEIGHT, order.recipe.tokens)
        reranker = Remembered(CrossEncoderReranker(run.model, cache))
        weights = weighed(reranker, _trials(both, order, Part.TUNE))
        keep(run.model, reranker.weight, order.recipe.tokens)
        changes = [_change(one, reranker) for one in _trials(both, order, Part.HELD)]
        apart = told_apart(reranker, doubts) if doubts else None
        notes = _notes(weights, apart)
        made = Made("reranker", order.base, sources, len(rows), asdict(order), history, notes)
        card = describe(run.model, made, as_card(changes))
    bench.hooks.tell(Event("trained", str(out), card))
    return {"name": card["name"], "folder": str(out), "rows": len(rows), "weight": reranker.weight} | {
        "changes": {change.name: change.told() for change in changes},
        "told_apart": apart,
    }


def _notes(weights: Mapping[float, float], apart: Mapping[str, float] | None) -> list[str]:
    """What a card tells beside figures: how the weight was chosen, and how doubtful questions fare."""
    told = ", ".join(f"{weight:g}: {score:.4f}" for weight, score in weights.items())
    notes = [f"nDCG@10 on documents kept to choose the weight, by weight: {told}"] if told else []
    if apart:
        notes.append(
            f"questions that a passage answers, told from those that it only seems to answer: "
            f"AUC {apart['auc']:.3f} ({apart['n']} questions)"
        )
    return notes


def _rows(both: Sequence[tuple[Material, Index]], order: Order, bench: Bench) -> list[Judged]:
    dice = random.Random(order.recipe.seed)  # noqa: S311  # a reproducible choice, not a secret
    rows: list[Judged] = []
    for number, (material, index) in enumerate(both):
        bench.watch(f"{material.collection.name}: judgements", number, len(both))
        rows += own(material, index, order.most, order.negatives, dice)
        rows += refused(material, order.twisted, dice)
    dice.shuffle(rows)
    return rows


def _trials(both: Sequence[tuple[Material, Index]], order: Order, part: Part) -> list[Trial]:
    """Of what has questions of its own in that part."""
    found = [trial(material, index, order.recipe.seed, part) for material, index in both]
    return [one for one in found if one.questions.queries]


def _change(one: Trial, reranker: Remembered) -> Change:
    before = one.scores(one.index.search(Mode.HYBRID))
    return Change(one.questions.name, before, one.scores(one.index.reordered(Reranked(reranker))))
