"""Train the grounding rail: weights over how a claim compares with its passages, and their figures."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.grounding_texts import Texts
from finetune.rails.claims import Claim, judged, made
from finetune.rails.grounding_figures import Figures, as_markdown, figures_of, unseen_claims
from finetune.rails.learners import logistic
from guardrails.grounding import GroundingModel, features_of
from guardrails.grounding_features import NAMES
from guardrails.rail import Vectors

PARAGRAPHS, DEV_PARAGRAPHS = 320, 120
EMPHASIS = 3  # times that a claim judged by people counts: they are few against the made ones


@dataclass(frozen=True)
class Sources:
    """Where claims come from: `judged` holds train and dev.jsonl.gz, two are files of questions.

    `unseen` are texts for measuring alone.
    """

    judged: Path
    train_questions: Path
    dev_questions: Path
    unseen: Texts


def train_grounding(sources: Sources, out: Path, *, say: Callable[[str], None] = print) -> dict[str, object]:
    """Train, measure on claims that were not trained on, write weights and figures to `out` (.json).

    The figures go into the card beside it (.md) too, as tables.

    Raises:
        BadSource: a source cannot be read.
    """
    people = judged(sources.judged / "train.jsonl.gz")
    train = [*people, *made(sources.train_questions, PARAGRAPHS, seed=1)]
    dev = [*judged(sources.judged / "dev.jsonl.gz"), *made(sources.dev_questions, DEV_PARAGRAPHS, seed=2)]
    dev += unseen_claims(sources.unseen)
    say(f"{len(train)} claims to train on, {len(dev)} to measure on")
    often = np.repeat(np.arange(len(train)), [EMPHASIS] * len(people) + [1] * (len(train) - len(people)))
    weights, bias = logistic(_features(train)[often], _unsupported(train)[often])
    model = GroundingModel(weights, bias)
    scores = np.array([model.probability(row) for row in _features(dev)], dtype=np.float32)
    figures = figures_of(dev, scores)
    content: dict[str, object] = {
        "weights": dict(zip(NAMES, (round(float(weight), 4) for weight in weights), strict=True)),
        "bias": round(bias, 4),
        "figures": figures,
    }
    out.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    _show(figures, out.with_suffix(".md"))
    return content


def _features(claims: Sequence[Claim]) -> Vectors:
    return np.stack([features_of(claim.text, claim.passages) for claim in claims])


def _unsupported(claims: Sequence[Claim]) -> NDArray[np.bool_]:
    return np.array([not claim.supported for claim in claims])


def _show(figures: Figures, card: Path) -> None:
    """Put the tables under the card's heading `Figures`, in place of what stood there."""
    written = card.read_text(encoding="utf-8") if card.exists() else f"# {card.stem}\n\n## Figures\n"
    before, _, rest = written.partition("## Figures\n")
    _, heading, after = rest.partition("\n## ")
    card.write_text(f"{before}## Figures\n\n{as_markdown(figures)}{heading}{after}", encoding="utf-8")
