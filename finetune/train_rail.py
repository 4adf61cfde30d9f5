"""Train the prompt-injection rail: a small classifier over embedded windows, and its figures.

Knows nothing of policies: it reports what thresholds would cost, and a person chooses.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finetune.learners import auc, logistic, perceptron
from finetune.rail_texts import Text, labelled
from guardrails.injection import WINDOW
from guardrails.injection_features import cues, features
from guardrails.injection_model import InjectionModel
from guardrails.rail import Encoder, Vectors
from guardrails.sentences import windows

LONGEST = 6000  # characters of a text that are read; the attacks at hand show themselves by then
THRESHOLDS = (0.5, 0.8, 0.9, 0.95)

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Windows:
    """The windows of some texts as numbers; `owner[i]` is the place of window i's text."""

    vectors: Vectors
    features: Vectors
    owner: Integers
    texts: int

    def worst(self, values: Vectors) -> Vectors:
        """The largest of `values` (one a window) for each text, shape (texts,)."""
        worst = np.full(self.texts, -30.0, dtype=np.float32)
        np.maximum.at(worst, self.owner, values)
        return worst

    def counts(self) -> Integers:
        """How many windows each text has, at least 1; shape (texts,)."""
        return np.maximum(np.bincount(self.owner, minlength=self.texts), 1)


@dataclass(frozen=True)
class Report:
    """What the model does on texts that it was not trained on.

    Recalls are by kind of attack and by length of the text, each at the threshold where 1% of the benign
    texts are flagged. `flagged_benign` gives, by kind, how many texts there are and the part that each
    probability threshold flags.
    """

    texts: int
    auc: float
    threshold_at_1_percent: float
    recall_at_1_percent: dict[str, float]
    flagged_benign: dict[str, dict[str, float]]


def train_injection(
    data: Path, clean: Iterable[Text], encoder: Encoder, out: Path, *, say: Callable[[str], None] = print
) -> Report:
    """Train on `data`/train.jsonl.gz and more `clean` texts, measure on `data`/dev.jsonl.gz.

    Of `clean` one text in eight is held out, and measured too. Writes the model to `out` (.npz), and the
    report beside it (.json).

    Raises:
        BadSource: the data cannot be read.
    """
    texts = [*labelled(data / "train.jsonl.gz"), *clean]
    say(f"{len(texts)} texts, of them {sum(each.label for each in texts)} attacks")
    seen = as_windows(texts, encoder)
    say(f"{len(seen.owner)} windows embedded")
    model = fit(texts, seen)
    unseen = [*labelled(data / "dev.jsonl.gz"), *(each for each in texts if each.held_out and not each.label)]
    report = evaluate(model, unseen, as_windows(unseen, encoder))
    model.save(out)
    out.with_suffix(".json").write_text(json.dumps(asdict(report), indent=2) + "\n", encoding="utf-8")
    say(f"AUC {report.auc}, recall at 1% false positives: {report.recall_at_1_percent}")
    return report


def as_windows(texts: Sequence[Text], encoder: Encoder) -> Windows:
    """Cut, embed and describe `texts`, as the rail does."""
    pieces: list[str] = []
    owner: list[int] = []
    for place, each in enumerate(texts):
        cut = (each.text[start:end].strip() for start, end in windows(each.text[:LONGEST], WINDOW))
        pieces += (found := [piece for piece in cut if piece])
        owner += [place] * len(found)
    shown = np.stack([features(piece, cues(piece)) for piece in pieces])
    return Windows(encoder.encode(pieces), shown, np.array(owner, dtype=np.int64), len(texts))


def fit(texts: Sequence[Text], seen: Windows) -> InjectionModel:
    """Train on windows, each with its text's label; calibrate on the texts that are held out."""
    labels = np.array([each.label == 1 for each in texts])
    held = np.array([each.held_out for each in texts])
    rows = ~held[seen.owner]
    inputs, targets = np.hstack([seen.vectors, seen.features])[rows], labels[seen.owner[rows]]
    layers = perceptron(inputs, targets)
    raw = InjectionModel(*layers, np.array([1, 0, 0], dtype=np.float32))
    logits, crowd = seen.worst(raw.logits(seen.vectors, seen.features)), np.log(seen.counts())
    scale, bias = logistic(np.column_stack([logits, crowd])[held], labels[held])
    return InjectionModel(*layers, np.array([*scale, bias], dtype=np.float32))


def evaluate(model: InjectionModel, texts: Sequence[Text], seen: Windows) -> Report:
    """Measure `model` on texts that it has not seen. Data without both labels has no AUC and is an error."""
    labels = np.array([each.label == 1 for each in texts])
    logits = seen.worst(model.logits(seen.vectors, seen.features))
    scores = np.array(
        [model.probability(float(logit), int(n)) for logit, n in zip(logits, seen.counts(), strict=True)]
    )
    limit = float(np.quantile(scores[~labels], 0.99))
    groups = {"all": labels} | {
        group: np.array([each.label == 1 and group in {each.kind, each.length} for each in texts])
        for group in sorted({name for each in texts if each.label for name in (each.kind, each.length)})
    }
    benign = {
        kind: np.array([not each.label and each.kind == kind for each in texts])
        for kind in sorted({each.kind for each in texts if not each.label})
    }
    return Report(
        texts=len(texts),
        auc=auc(labels, scores),
        threshold_at_1_percent=round(limit, 4),
        recall_at_1_percent={
            group: round(float((scores[rows] > limit).mean()), 3) for group, rows in groups.items()
        },
        flagged_benign={
            kind: {"texts": int(rows.sum())}
            | {f"at {limit}": round(float((scores[rows] >= limit).mean()), 4) for limit in THRESHOLDS}
            for kind, rows in benign.items()
        },
    )
