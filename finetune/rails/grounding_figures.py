"""What a grounding model does on claims that it was not trained on: by kind, source and length."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eval.grounding_texts import Texts
from eval.mutations import copies, mutations
from eval.stats import figure
from finetune.rails.claims import Claim
from finetune.rails.learners import auc
from guardrails.rail import Vectors

THRESHOLD = 0.5
CHANGED, COPIED = 1002, 200  # changed sentences of all texts, and copies of each source
_DRAWS = 200
_BINS = 5
_LENGTHS = ((40, "up to 40 characters"), (120, "up to 120"), (100_000, "longer"))

Figures = dict[str, dict[str, list[float]]]
"""By table and row: a value, the ends of its 95% interval, and the number of claims."""


def unseen_claims(texts: Texts) -> list[Claim]:
    """Copies of sentences of `texts`, and `CHANGED` changed ones: `kind` names the source and the change."""
    found = []
    for source, held in texts.items():
        copied = copies(held, COPIED, seed=5)
        changed = mutations(held, CHANGED // len(texts), seed=5)
        found += [Claim(text, passages, True, f"unseen: copy, {source}") for text, passages in copied]
        found += [Claim(each.text, each.passages, False, f"unseen: {each.kind}") for each in changed]
    return found


def figures_of(claims: Sequence[Claim], scores: Vectors) -> Figures:
    """AUC of the judged claims, parts flagged at `THRESHOLD`, and how often a score is right."""
    wrong = np.array([not claim.supported for claim in claims])
    judged = np.array([":" not in claim.kind for claim in claims])
    people = [claim for claim in claims if ":" not in claim.kind]
    groups: dict[str, Sequence[str]] = {
        "all": ["all"] * len(people),
        "source": [claim.kind for claim in people],
        "length": [_length(claim) for claim in people],
    }
    flags = [f"{claim.kind}, {'supported' if claim.supported else 'unsupported'}" for claim in claims]
    bins = [f"{int(min(score, 0.999) * _BINS) / _BINS:.1f} and more" for score in scores]
    return {
        "auc of judged claims": {
            group: _auc(wrong[judged][rows], scores[judged][rows])
            for by in groups.values()
            for group, rows in _rows(by).items()
            if len(set(wrong[judged][rows])) > 1
        },
        "part flagged": {kind: _mean(scores[rows] >= THRESHOLD) for kind, rows in _rows(flags).items()},
        "part unsupported, by score": {each: _mean(wrong[rows]) for each, rows in _rows(bins).items()},
    }


def as_markdown(figures: Figures) -> str:
    """A table for each part of `figures`."""
    lines = []
    for name, rows in figures.items():
        lines += [f"| {name} | value | 95% interval | claims |", "|---|---|---|---|"]
        lines += [
            f"| {row} | {value:.3f} | {low:.3f}-{high:.3f} | {n:.0f} |"
            for row, (value, low, high, n) in rows.items()
        ]
        lines.append("")
    return "\n".join(lines)


def _length(claim: Claim) -> str:
    return next(name for most, name in _LENGTHS if len(claim.text) <= most)


def _rows(groups: Sequence[str]) -> Mapping[str, NDArray[np.int64]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        rows[group].append(number)
    return {group: np.array(rows[group]) for group in sorted(rows)}


def _mean(values: NDArray[np.bool_]) -> list[float]:
    found = figure([float(value) for value in values])
    return [round(found.value, 4), round(found.low, 4), round(found.high, 4), len(values)]


def _auc(wrong: NDArray[np.bool_], scores: Vectors) -> list[float]:
    """With the interval of resampled rows; draws of one kind alone say nothing and are left out."""
    chance = np.random.default_rng(0)
    draws = (chance.integers(0, len(wrong), len(wrong)) for _ in range(_DRAWS))
    drawn = [auc(wrong[rows], scores[rows]) for rows in draws if len(set(wrong[rows])) > 1]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return [auc(wrong, scores), round(float(low), 4), round(float(high), 4), len(wrong)]
