"""A run's folder: which run it is, and its rows, kept as they come.

run.json        the run, written before anything is asked: who goes on with it must ask the same
rows.jsonl      an outcome a line, as they came; in the dataset's order and with scores once the run is done
metrics.json    the run and its figures
"""

import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from eval.dataset import Question
from eval.errors import OtherRun
from eval.fingerprint import Fingerprint
from eval.outcome import Outcome

ADDED = ("id", "scores", "failures")
ELSEWHERE = "use another --out, or remove the folder"


class Dataset(BaseModel):
    """What was asked."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    rows: int


class Run(BaseModel):
    """A run: `at` is when it began (UTC, ISO 8601), `seconds` how long it has been asking."""

    model_config = ConfigDict(frozen=True)

    id: str
    at: str
    dataset: Dataset
    fingerprint: Fingerprint
    seconds: float = 0.0


class Scored(Protocol):
    """What scoring gives: see `eval.scoring`."""

    @property
    def rows(self) -> Sequence[dict[str, Any]]:
        """`scores` and `failures` of each outcome, in order."""
        ...

    @property
    def metrics(self) -> dict[str, Any]:
        """A figure each."""
        ...

    @property
    def breakdown(self) -> dict[str, Any]:
        """Figures of parts."""
        ...

    @property
    def failures(self) -> dict[str, int]:
        """Rows without a score that should have one, by metric."""
        ...


def new_name() -> str:
    """A name for a run: its time, and what tells it from others of that second."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class RunFolder:
    """The folder of one run. One process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows = path / "rows.jsonl"

    @contextmanager
    def held(self) -> Iterator[None]:
        """For as long as the block lasts nobody else works here. Raises `OtherRun`."""
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path / ".lock", timeout=0, mode=0o600):
                yield
        except Timeout as error:
            raise OtherRun(
                f"{self.path}: another process is at work here; wait, or use another --out"
            ) from error

    def run(self) -> Run | None:
        """The run that was begun here, if one was. Raises `OtherRun` if that cannot be read."""
        file = self.path / "run.json"
        try:
            return Run.model_validate_json(file.read_text(encoding="utf-8")) if file.is_file() else None
        except (OSError, ValidationError) as error:
            raise OtherRun(f"{file} is damaged: {ELSEWHERE}") from error

    def begin(self, name: str, dataset: Dataset, fingerprint: Fingerprint) -> Run:
        """The run to go on with: a new one, or the one begun here.

        Raises:
            OtherRun: the one here asked other questions, or something else.
        """
        begun = self.run()
        if begun is None:
            if self._rows.exists():
                raise OtherRun(f"{self._rows} is of no run that can be gone on with: {ELSEWHERE}")
            at = datetime.now(UTC).isoformat(timespec="seconds")
            return self.note(Run(id=name, at=at, dataset=dataset, fingerprint=fingerprint))
        changed = begun.fingerprint.changes(fingerprint)
        if begun.dataset.version != dataset.version:
            changed = ["dataset", *changed]
        if changed:
            raise OtherRun(f"{self.path} holds a run with another {', '.join(changed)}: {ELSEWHERE}")
        return begun

    def note(self, run: Run) -> Run:
        """Write down which run it is, and how far."""
        self._write("run.json", [run.model_dump_json(indent=2)])
        return run

    def answered(self) -> set[str]:
        """The ids of questions with an outcome that is no error. Drops a last line that was cut short."""
        if not self._rows.exists():
            return set()
        with self._rows.open("r+b") as lines:
            whole = 0
            for line in lines:
                whole += len(line) if line.endswith(b"\n") else 0
            lines.truncate(whole)
        return {outcome.question.id for outcome in self._outcomes() if outcome.error is None}

    @contextmanager
    def kept(self) -> Iterator[Callable[[Outcome], None]]:
        """Keeps outcomes, each on the disk's way before the next question is asked."""
        with self._rows.open("a", encoding="utf-8") as lines:

            def keep(outcome: Outcome) -> None:
                lines.write(_line(outcome, {}))
                lines.flush()

            yield keep

    def outcomes(self, questions: Sequence[Question]) -> list[Outcome]:
        """The last outcome of each question that has one, in the questions' order."""
        last = {outcome.question.id: outcome for outcome in self._outcomes()}
        return [last[question.id] for question in questions if question.id in last]

    def finish(self, run: Run, outcomes: Sequence[Outcome], scored: Scored) -> None:
        """Write rows with their scores, then the figures: whoever finds those finds all."""
        lines = (_line(*row) for row in zip(outcomes, scored.rows, strict=True))
        self._write("rows.jsonl", lines)
        figures = {"metrics": scored.metrics, "breakdown": scored.breakdown, "failures": scored.failures}
        told = {"run": run.model_dump(), **figures}
        self._write("metrics.json", [json.dumps(told, ensure_ascii=False, indent=2)])

    def _outcomes(self) -> Iterator[Outcome]:
        with self._rows.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    row = json.loads(line)
                    yield Outcome.model_validate({name: row[name] for name in row if name not in ADDED})
                except (ValueError, TypeError) as error:
                    raise OtherRun(f"{self._rows}, line {number} is no row: {ELSEWHERE}") from error

    def _write(self, name: str, texts: "Sequence[str] | Iterator[str]") -> None:
        """Whole, or not at all."""
        scratch = self.path / f"{name}.new"
        with scratch.open("w", encoding="utf-8") as file:
            file.writelines(texts)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self.path / name)


def _line(outcome: Outcome, scores: dict[str, Any]) -> str:
    row = {"id": outcome.question.id, **outcome.model_dump(mode="json"), **scores}
    return json.dumps(row, ensure_ascii=False) + "\n"
