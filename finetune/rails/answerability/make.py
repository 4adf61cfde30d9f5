"""The way from a dataset to the answerability model: rows → train → pack → measure.

Writes the weights (.safetensors) and their figures beside them (.json).
"""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from eval.rails.figures import auc
from eval.stats import Figure
from finetune.datasets.dataset import load
from finetune.errors import BadDataset
from finetune.rails.answerability.learn import Recipe, marked, train
from finetune.rails.answerability.rows import Row, rows
from finetune.rails.encoder.learn import Say
from finetune.rails.encoder.start import fill
from finetune.rails.rail_card import write_answerability_card
from finetune.training.checkpoint import Checkpoint
from guardrails import weights
from guardrails.answerability import Answerability, save
from guardrails.tokens import Tokens
from guardrails.transformer import Shape, SpanReader


def make_answerability(
    dataset: Path, minilm: Path, out: Path, say: Say, recipe: Recipe | None = None
) -> dict[str, Any]:
    """Train on a built `dataset`, starting from the folder `minilm`; returns the figures.

    A killed run goes on from its last checkpoint, which lies beside `out`.

    Raises:
        BadDataset: it is damaged, or holds no questions without an answer.
        OtherRun: the checkpoint beside `out` is of another run.
    """
    recipe, tokens, built = recipe or Recipe(), Tokens.load(), load(dataset)
    read = rows(built.train, random.Random(recipe.seed))  # noqa: S311  # an order, not a secret
    if len({row.span is None for row in read}) != len((True, False)):
        raise BadDataset(f"{dataset}: holds no questions with an answer, or none without; both are learnt")
    torch.manual_seed(recipe.seed)  # the ends' weights are new
    network = fill(SpanReader(Shape(layers=recipe.layers)), weights.read(minilm / "model.safetensors"))
    origin = {"dataset": built.manifest["hash"], "recipe": list(recipe)}
    checkpoint = Checkpoint(out.with_suffix(".run"), origin)
    say(f"{len(read)} rows")
    told = train(network, marked(read, tokens), recipe, checkpoint, say)
    save(network, out, {"licence": "Apache-2.0", "card": "answerability.md"})
    held_out = rows(built.test, random.Random(recipe.seed))  # noqa: S311  # as above
    figures = {"told_apart": told_apart(Answerability.load(out), held_out), "curve": told}
    out.with_suffix(".json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    training = {"steps": told[-1]["step"], "minutes": round(told[-1]["seconds"] / 60, 1)}
    write_answerability_card(out, built.manifest, recipe._asdict(), training)
    checkpoint.remove()
    return figures


def told_apart(model: Answerability, held_out: Sequence[Row]) -> dict[str, dict[str, float]]:
    """The chance that a question without an answer has the higher score, by the kind of such questions."""
    lacks = [each.lack for each in model.found([(row.question, row.text) for row in held_out])]
    both = list(zip(held_out, lacks, strict=True))
    clean = [lack for row, lack in both if row.kind == "answerable"]
    return dict(_by_kind(both, clean))


def _by_kind(
    both: Sequence[tuple[Row, float]], clean: Sequence[float]
) -> Iterator[tuple[str, dict[str, float]]]:
    for kind in sorted({row.kind for row, _ in both} - {"answerable"}):
        figure = auc([lack for row, lack in both if row.kind == kind], clean)
        yield kind, _plain(figure)


def _plain(figure: Figure) -> dict[str, float]:
    return {"auc": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}
