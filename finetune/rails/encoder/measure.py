"""What the encoder does on texts that it was not trained on: figures by source, kind and length."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.stats import figure
from finetune.rails.encoder import texts
from finetune.rails.encoder.row import Row, innocent
from finetune.rails.encoder.sources import records, request
from finetune.rails.learners import auc
from guardrails.judge import HEADS

Numbers = NDArray[np.float32]
Flags = NDArray[np.bool_]
Share = list[float]
"""Value, lower and upper end of its 95% interval, number of texts."""

_BOUNDS = ((200, "up to 200"), (900, "201 to 900"), (3000, "901 to 3000"))
_BINS = 10
_DRAWS = 200
_ABOUT = frozenset({"civil_bias_templates", "toxigen_prompts"})  # what is written to compare groups
_LEAST = 20  # texts of a group from which on it has a figure of its own


def unseen(data: Path, pages: Sequence[str]) -> list[Row]:
    """Return the `dev` rows, and innocent texts of sources that nothing was trained on."""
    return [
        *_dev(data),
        *(
            innocent(page[start : start + 4000], "handbook", "page of 4,000 characters")
            for page in pages
            for start in range(0, max(len(page) - 3000, 0), 4000)
        ),
        *_corpus(data / "retrieval/cranfield", "abstract"),
        *_corpus(data / "retrieval/datatalks_faq", "answer with code"),
        *_written(),
    ]


def _written() -> Iterator[Row]:
    for name in ("lookalikes", "people", "answers"):
        yield from (innocent(text, "held out", f"held-out {name}") for text in texts.held_out(name))
    for text in texts.held_out("contrasts"):
        yield Row(text, None, 1, source="held out", kind="held-out contrasts")


def _dev(data: Path) -> Iterator[Row]:
    for row in records(data / "guard/injection/dev.jsonl.gz"):
        yield Row(row["text"], row["label"], source=row["source"], kind=row["kind"])
    for row in records(data / "guard/harm/dev.jsonl.gz"):
        text = request(row["text"])
        yield Row(text, None, row["label"], source=row["source"], kind="harm" if row["label"] else "innocent")
    for row in records(data / "guard/toxicity/dev.jsonl.gz"):
        if row["label"] is not None:
            about = row["categories"][0]
            told = row["source"] == "toxigen_prompts" or about == "being_adj"
            general = row["label"] if told else (None if row["label"] else 0)
            yield Row(row["text"], None, None, row["label"], general, row["source"], about)


def _corpus(folder: Path, kind: str) -> Iterator[Row]:
    name = next(folder.glob("corpus.jsonl*"))
    for row in records(name)[:800]:
        if row["text"].strip():
            yield innocent(row["text"], folder.name, kind)


def report(rows: Sequence[Row], logits: Numbers) -> dict[str, dict[str, Any]]:
    """Return the figures of every head for calibrated `logits` (rows, heads)."""
    return {
        head: _head(
            [row for row, known in zip(rows, kept, strict=True) if known], logits[kept, number], number
        )
        for number, head in enumerate(HEADS)
        if (kept := np.array([row.labels[number] is not None for row in rows])).any()
    }


def _head(rows: Sequence[Row], values: Numbers, head: int) -> dict[str, Any]:
    labels = np.array([row.labels[head] == 1 for row in rows])
    own = np.array(
        [
            row.source not in {"cranfield", "datatalks_faq", "held out"} and "page" not in row.kind
            for row in rows
        ]
    )
    limit = float(np.quantile(values[own & ~labels], 0.99))
    return {
        "auc": _auc(labels[own], values[own]),
        "probability_at_1_percent": round(float(_probability(limit)), 4),
        "recall_at_1_percent": _grouped(rows, labels, values > limit),
        "flagged_innocent_at_1_percent": _grouped(rows, ~labels, values > limit),
        "flagged_innocent_at_0.5": _grouped(rows, ~labels, values > 0),
        "recall_at_0.5": _grouped(rows, labels, values > 0),
        "reliability": _reliability(labels[own], _probability(values[own])),
    }


def _grouped(rows: Sequence[Row], chosen: Flags, flagged: Flags) -> dict[str, Share]:
    ways: Sequence[Callable[[Row], str]] = (
        lambda _: "all",
        lambda row: f"kind {row.kind}",
        lambda row: f"source {row.source}",
        lambda row: f"length {_length(row.text)}",
    )
    found: dict[str, Share] = {}
    for way in ways:
        names = np.array([way(row) for row in rows])
        for name in sorted(set(names[chosen])):
            members = chosen & (names == name)
            if members.sum() >= _LEAST or name == "all":
                found[name] = share_of(flagged[members])
    return found


def _length(text: str) -> str:
    return next((name for bound, name in _BOUNDS if len(text) <= bound), "over 3000")


def share_of(flags: Flags) -> Share:
    """Return the share of true `flags` with its interval."""
    made = figure([float(flag) for flag in flags], samples=500)
    return [round(made.value, 4), round(made.low, 4), round(made.high, 4), made.n]


def _auc(labels: Flags, values: Numbers) -> Share:
    dice = np.random.default_rng(7)
    drawn = []
    for _ in range(_DRAWS):
        rows = dice.integers(0, len(labels), len(labels))
        drawn.append(auc(labels[rows], values[rows]))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return [auc(labels, values), round(float(low), 4), round(float(high), 4), len(labels)]


def _probability(logits: Numbers | float) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float32)


def _reliability(labels: Flags, probabilities: Numbers) -> list[Share]:
    """Ten bins: mean probability, share of violations, and how many texts there are."""
    places = np.minimum((probabilities * _BINS).astype(int), _BINS - 1)
    return [
        [
            round(float(probabilities[inside].mean()), 3),
            round(float(labels[inside].mean()), 3),
            int(inside.sum()),
        ]
        for number in range(_BINS)
        if (inside := places == number).any()
    ]


def identity_gap(
    rows: Sequence[Row], logits: Numbers, terms: Sequence[str], threshold: float
) -> Mapping[str, Share]:
    """Return, for each term with enough innocent texts, the share of them that is flagged as toxic."""
    head = HEADS.index("toxicity")
    flagged = _probability(logits[:, head]) >= threshold
    found = {}
    for term in terms:
        inside = np.array(
            [
                row.toxicity == 0 and row.source in _ABOUT and f" {term} " in f" {row.text.lower()} "
                for row in rows
            ]
        )
        if inside.sum() >= _LEAST:
            found[term] = share_of(flagged[inside])
    return found
