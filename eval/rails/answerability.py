"""Figures of the answerability model: questions that a passage answers, told from those it only seems to.

It acts in no stage of a policy: where an adapter's calibration asks for it, its score says how readily the
adapter refuses (`service/reading.py`).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval.answers import f1
from eval.questions import Row, read_rows
from eval.rails.figures import Goal, Line, auc, recall_at
from eval.rails.screening import Screening, Watch
from eval.stats import figure
from service.scrutiny import as_read

if TYPE_CHECKING:
    from guardrails.answerability import Answerability, Found

RAIL = "answerability"
ALL = 1_000_000
AT_ONCE = 64
REFUSED = 0.08  # of the questions that a passage answers


def answerability(screening: Screening, data: Path) -> Iterator[Line]:
    """Measure the shipped model on `qa/dev.json`; no policy has it."""
    from guardrails.answerability import Answerability  # noqa: PLC0415  # seconds to import

    return of_model(Answerability.shipped(), data, screening.most, screening.watch)


def of_model(
    model: "Answerability", data: Path, most: int | None = None, watch: Watch = lambda *_: None
) -> Iterator[Line]:
    """Measure on `qa/dev.json`, or on `most` questions of it, each beside its own passage.

    Raises:
        BadQuestions: the file cannot be read.
    """
    rows = read_rows(data / "qa/dev.json", most or ALL, 0, distractors=0)
    found: list[Found] = []
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        found += model.found([(row.question, as_read(row.passages[0])) for row in some])
        watch(RAIL, len(found), len(rows))
    lacking = [each.lack for row, each in zip(rows, found, strict=True) if not row.answers]
    held = [each.lack for row, each in zip(rows, found, strict=True) if row.answers]
    yield Line(RAIL, "AUC", auc(lacking, held), goal=Goal("at least", 0.65))
    yield Line(RAIL, f"found at {REFUSED:.0%} false positives", recall_at(REFUSED, lacking, held))
    yield Line(RAIL, "answer's words, F1", figure(list(_overlaps(rows, found))), goal=Goal("at least", 0.68))


def _overlaps(rows: Sequence[Row], found: "Sequence[Found]") -> Iterator[float]:
    for row, each in zip(rows, found, strict=True):
        if row.answers:
            yield f1(as_read(row.passages[0])[slice(*each.span)], row.answers)
