"""Train the grounding rail: weights over what a claim shares with its passages, and their figures."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finetune.claims import Claim, judged, made
from finetune.learners import auc, logistic
from guardrails.grounding import GroundingModel, features_of
from guardrails.grounding_features import NAMES
from guardrails.rail import Encoder, Vectors

PARAGRAPHS, DEV_PARAGRAPHS = 600, 250


@dataclass(frozen=True)
class Sources:
    """Where claims come from: `judged` holds train and dev.jsonl.gz, the others are files of questions."""

    judged: Path
    train_questions: Path
    dev_questions: Path


def train_grounding(
    sources: Sources, encoder: Encoder, out: Path, *, say: Callable[[str], None] = print
) -> dict[str, object]:
    """Train, measure on claims that were not trained on, and write weights and figures to `out` (.json).

    Raises:
        BadSource: a source cannot be read.
    """
    train = [*judged(sources.judged / "train.jsonl.gz"), *made(sources.train_questions, PARAGRAPHS, seed=1)]
    dev = [*judged(sources.judged / "dev.jsonl.gz"), *made(sources.dev_questions, DEV_PARAGRAPHS, seed=2)]
    say(f"{len(train)} claims to train on, {len(dev)} to measure on")
    weights, bias = logistic(_features(train, encoder), _unsupported(train))
    model = GroundingModel(weights, bias)
    scores = np.array([model.probability(row) for row in _features(dev, encoder)], dtype=np.float32)
    content: dict[str, object] = {
        "weights": dict(zip(NAMES, (round(float(weight), 4) for weight in weights), strict=True)),
        "bias": round(bias, 4),
        "figures": _figures(dev, scores),
    }
    out.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return content


def _features(claims: Sequence[Claim], encoder: Encoder) -> Vectors:
    return np.stack([features_of(claim.text, claim.passages, encoder) for claim in claims])


def _unsupported(claims: Sequence[Claim]) -> NDArray[np.bool_]:
    return np.array([not claim.supported for claim in claims])


def _figures(claims: Sequence[Claim], scores: Vectors) -> dict[str, object]:
    truth = _unsupported(claims)
    artificial = np.array([claim.kind.startswith("made") for claim in claims])
    kinds = sorted({(claim.kind, claim.supported) for claim in claims})
    return {
        "auc_judged": auc(truth[~artificial], scores[~artificial]),
        "auc_made": auc(truth[artificial], scores[artificial]),
        "flagged_at_0.5": {
            f"{kind}, {'supported' if supported else 'unsupported'}": _flagged(
                claims, scores, kind, supported=supported
            )
            for kind, supported in kinds
        },
    }


def _flagged(claims: Sequence[Claim], scores: Vectors, kind: str, *, supported: bool) -> dict[str, float]:
    rows = np.array([claim.kind == kind and claim.supported is supported for claim in claims])
    return {"claims": int(rows.sum()), "flagged": round(float((scores[rows] >= 0.5).mean()), 3)}  # noqa: PLR2004 named in the key
