"""From the encoder's logits to probabilities, on texts that it was not trained on."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from finetune.rails.encoder.mixture import Amounts, Mixture
from finetune.rails.encoder.row import Row, innocent
from finetune.rails.encoder.sources import Library, share
from finetune.rails.learners import logistic
from guardrails.classifier import LEVELS, Classifier, Scale
from guardrails.judge import HEADS

PARTS, KEPT = 16, 3
# Of the discount for many windows that fits best here: these long texts are stranger than most. At all of it
# long jailbreaks of `dev` are missed; held-out pages are not flagged at any.
_PART = 0.2
_PAGE = 6000
_DOCUMENTS = 700
_LONG, _EACH = (2000, 4000, 6000), 150  # characters of long texts with something in them, texts of each
# Few from templates: those that were trained on are too easy to tell anything.
_AMOUNTS = Amounts(
    clean=0,
    office=0,
    planted=500,
    quoted=120,
    triggers=100,
    personas=100,
    direct=200,
    acts=100,
    people=300,
    blobs=0,
    set_in=200,
    foreign=100,
    lookalikes=0,
    contrasts=0,
    neutral=0,
    answers=0,
)

Numbers = NDArray[np.float32]


class Scores(NamedTuple):
    """The largest logits of some texts (texts, heads), and how many windows each text has (texts,)."""

    logits: Numbers
    windows: NDArray[np.int64]

    def scaled(self, scale: Scale) -> Numbers:
        """Return calibrated logits (texts, heads)."""
        rows = [scale.calibrated(row, int(n)) for row, n in zip(self.logits, self.windows, strict=True)]
        return np.stack(rows)


def split(library: Library) -> tuple[Library, Library]:
    """Return what is trained on, and what calibrates: one text in sixteen, and half of the held-out pages."""
    kept = [row for row in library.rows if share(row.text) % PARTS == KEPT]
    shelf = [row for row in library.documents if share(row.text) % PARTS == KEPT]
    rest = [row for row in library.rows if share(row.text) % PARTS != KEPT]
    others = [row for row in library.documents if share(row.text) % PARTS != KEPT]
    pages = [page for page in library.pages if share(page) // PARTS % 2 == 0]
    measured = [page for page in library.pages if share(page) // PARTS % 2]
    return Library(rest, others, measured), Library(kept, shelf, pages)


def calibration_rows(library: Library, seed: int) -> list[Row]:
    """Return whole texts of all lengths: public ones, pages, and pages with an attack planted in them."""
    dice = Random(seed)  # noqa: S311 sampling, not secrets
    mixture = Mixture(library, seed, _AMOUNTS)
    shelf = dice.sample(list(library.documents), min(_DOCUMENTS, len(library.documents)))
    return [
        *mixture.epoch(),
        *(row.worded(row.text[:_PAGE]) for row in shelf),
        *(
            innocent(page[start : start + 4000], "handbook", "page")
            for page in library.pages
            for start in range(0, len(page), 4000)
        ),
        *(
            make(longest)
            for make in (mixture.planted, mixture.set_in)
            for longest in _LONG
            for _ in range(_EACH)
        ),
    ]


def scores(classifier: Classifier, texts: Sequence[str]) -> Scores:
    """Read `texts` with `classifier`."""
    found = classifier.worst(texts)
    return Scores(np.stack([each.logits for each in found]), np.array([each.windows for each in found]))


def fitted(rows: Sequence[Row], found: Scores) -> Scale:
    """Return the scale by which probabilities mean what they say on `rows`, and what thresholds cost."""
    calibration = np.zeros((len(HEADS), 3), dtype=np.float32)
    costs = np.zeros((len(HEADS), len(LEVELS)), dtype=np.float32)
    for head in range(len(HEADS)):
        sure = np.array([row.labels[head] in {0, 1} for row in rows]) & np.isfinite(found.logits[:, head])
        labels = np.array([row.labels[head] == 1 for row in rows])[sure]
        logits, crowd = found.logits[sure, head], np.log(found.windows[sure])
        (_, weight), _ = logistic(np.column_stack([logits, crowd]), labels)
        weight = _PART * min(weight, 0)
        (slope,), bias = logistic((logits + weight * crowd)[:, np.newaxis], labels)
        calibration[head] = slope, slope * weight, bias
        innocent_logits = slope * (logits + weight * crowd)[~labels] + bias
        costs[head] = np.quantile(innocent_logits, [1 - level for level in LEVELS])
    return Scale(calibration, costs)
