"""Whether a judge agrees with people: its verdicts against their labels, as Cohen's kappa.

A judge's metric gates only after this very judge, in this very manner, has been shown to agree on it.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.dataset import Question
from eval.errors import BadQuestions
from eval.metric import Failed, Metric
from eval.outcome import Outcome, Passage
from eval.stats import HALF, Figure, kappa

# Of fewer rows, a perfect agreement may be luck.
LEAST_ROWS = 30


class Labelled(BaseModel):
    """An answer and what a person says of it: whether it is good, in the sense of the metric.

    `reference`: the accepted answer, for metrics that hold an answer to it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    contexts: tuple[str, ...] = ()
    reference: str = ""
    label: bool

    @property
    def outcome(self) -> Outcome:
        """The row as the metric sees it in a run."""
        answers = (self.reference,) if self.reference else ()
        question = Question(id=self.id, question=self.question, answers=answers)
        shown = tuple(_passage(place, text) for place, text in enumerate(self.contexts))
        return Outcome(question=question, answer=self.answer, shown=shown)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a judge agrees with people on a metric; `failures`: rows without a verdict, and why."""

    metric: str
    judge: str
    kappa: Figure
    failures: dict[str, str]

    def suffices(self, least: float) -> bool:
        """Whether the metric may gate: enough rows, and an interval of kappa that lies above `least`."""
        return self.kappa.n >= LEAST_ROWS and self.kappa.low >= least


def measure(metric: Metric, judge: str, rows: Sequence[Labelled]) -> Agreement:
    """Hold the metric's verdicts to the labels; a score of a half or more is a yes, if more is better."""
    scores = dict(zip((row.id for row in rows), metric.scores([row.outcome for row in rows]), strict=True))
    said = {name: each for name, each in scores.items() if isinstance(each, float)}
    judged = [(each >= HALF) is (metric.better == "higher") for each in said.values()]
    labels = [row.label for row in rows if row.id in said]
    lacking = {name: _reason(each) for name, each in scores.items() if name not in said}
    found = kappa(list(map(int, labels)), list(map(int, judged)), len(lacking))
    return Agreement(metric.name, judge, found, lacking)


def read_labelled(path: Path) -> list[Labelled]:
    """The rows of a file, a JSON object a line.

    Raises:
        BadQuestions: it cannot be read, holds no row, or a row is wrong or named twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestions(f"{path}: cannot be read: {error}") from error
    rows: dict[str, Labelled] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            row = _row(path, number, line)
            if row.id in rows:
                raise BadQuestions(f"{path}, line {number}: the id {row.id!r} occurs twice")
            rows[row.id] = row
    if not rows:
        raise BadQuestions(f"{path}: holds no labelled row")
    return list(rows.values())


class Agreements:
    """What has been shown of judges, kept beside their verdicts: a file a judge and metric."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "agreement"

    def keep(self, agreement: Agreement) -> None:
        """Keep it in place of what was shown before."""
        file = self._file(agreement.metric, agreement.judge)
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(".new")
        scratch.write_text(json.dumps(asdict(agreement), indent=2), encoding="utf-8")
        scratch.replace(file)

    def find(self, metric: str, judge: str) -> Agreement | None:
        """What was shown, if anything that can be read."""
        try:
            told: dict[str, Any] = json.loads(self._file(metric, judge).read_text(encoding="utf-8"))
            return Agreement(**(told | {"kappa": Figure(**told["kappa"])}))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _file(self, metric: str, judge: str) -> Path:
        return self._folder / f"{metric}-{judge.replace('/', '_')}.json"


def _passage(place: int, text: str) -> Passage:
    name = str(place)
    return Passage(chunk_id=name, document_id=name, uri=name, text=text, start=0, end=len(text))


def _reason(score: float | Failed | None) -> str:
    return score.reason if isinstance(score, Failed) else "the metric does not apply to the row"


def _row(path: Path, number: int, line: str) -> Labelled:
    try:
        return Labelled.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "row"
        raise BadQuestions(f"{path}, line {number}, field {field}: {first['msg']}") from error
