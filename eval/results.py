"""A run's folder, read: `metrics.json` is its figures, `rows.jsonl` its rows with their scores."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from eval.errors import BadRun
from eval.metric import Better, Summary
from eval.outcome import Outcome

METRICS, ROWS = "metrics.json", "rows.jsonl"


class _Part(BaseModel):
    # Others may write more than is read here.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Measured(_Part):
    """A figure with its 95% interval; `coverage` is the part of the rows it applies to that were scored."""

    value: float = 0.0
    low: float = 0.0
    high: float = 0.0
    n: int = 0
    coverage: float = 1.0
    better: Better = "higher"
    summary: Summary = "mean"
    gates: bool = True

    @field_validator("value", "low", "high", "coverage", mode="before")
    @classmethod
    def _number(cls, given: object) -> object:
        return 0.0 if given is None else given


class DatasetOf(_Part):
    """What was asked; two runs of one version were asked the same."""

    name: str = ""
    version: str = ""
    rows: int = 0


class Manifest(_Part):
    """What a run is: when, over which questions, of which system.

    `groups`: the sets of groups that its documents are for, none twice; None: not known.
    """

    id: str
    at: str
    dataset: DatasetOf = DatasetOf()
    fingerprint: Mapping[str, str | None] = Field(default_factory=dict)
    seconds: float = 0.0
    groups: tuple[tuple[str, ...], ...] | None = None

    @field_validator("groups", mode="before")
    @classmethod
    def _sets(cls, given: object) -> object:
        if not isinstance(given, list | tuple):
            return given
        return [[each] if isinstance(each, str) else each for each in given]

    @field_validator("fingerprint", mode="before")
    @classmethod
    def _texts(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: each if each is None else str(each) for name, each in given.items()}


class Results(_Part):
    """The figures of a run; `breakdown` gives them by kind, format, tenant and language."""

    run: Manifest
    metrics: Mapping[str, Measured]
    breakdown: Mapping[str, Mapping[str, Mapping[str, Measured]]] = Field(default_factory=dict)
    failures: Mapping[str, int] = Field(default_factory=dict)


class Scored(_Part):
    """A row: what came back, how each metric scores it, and which metrics failed on it."""

    outcome: Outcome
    scores: Mapping[str, float | None]
    failures: Mapping[str, str]

    @property
    def id(self) -> str:
        """The question's."""
        return self.outcome.question.id


def read_results(folder: Path) -> Results:
    """The figures of the run in `folder`.

    Raises:
        BadRun: there is no run, or `metrics.json` is not one of a run.
    """
    file = folder / METRICS
    try:
        return Results.model_validate_json(file.read_bytes())
    except OSError as error:
        raise BadRun(f"{folder}: no finished run ({error.strerror}): `eval run --out` makes one") from error
    except ValidationError as error:
        raise BadRun(f"{file}: not the figures of a run: {_first(error)}") from error


def read_rows(folder: Path) -> Iterator[Scored]:
    """The rows of the run in `folder`, one at a time: a thousand hold hundreds of megabytes.

    Raises:
        BadRun: there are none, or one cannot be read.
    """
    file = folder / ROWS
    try:
        with file.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _row(file, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise BadRun(f"{file}: cannot be read: {error}") from error


def read_scores(folder: Path) -> dict[str, dict[str, float]]:
    """Every metric's scores by row, of the rows that it scored."""
    scores: dict[str, dict[str, float]] = {}
    for row in read_rows(folder):
        for name, score in row.scores.items():
            if score is not None:
                scores.setdefault(name, {})[row.id] = score
    return scores


def _row(file: Path, number: int, line: str) -> Scored:
    try:
        fields: dict[str, Any] = json.loads(line)
        extra = {name: fields.pop(name, {}) for name in ("scores", "failures")}
        known: Sequence[str] = tuple(Outcome.model_fields)
        outcome = Outcome.model_validate({name: fields[name] for name in known if name in fields})
        return Scored(outcome=outcome, **extra)
    except json.JSONDecodeError as error:
        raise BadRun(f"{file}, line {number}: not JSON: {error.msg}") from error
    except ValidationError as error:
        raise BadRun(f"{file}, line {number}: not a row of a run: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    fault = error.errors()[0]
    return f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}"
