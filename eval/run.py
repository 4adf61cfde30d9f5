"""The way of a run: read → ask → keep → score → summarise → write → report.

Whatever stops it, the same command goes on where it stopped; questions that failed are asked again.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eval.asking import ask_all
from eval.dataset import Question, read_dataset, version
from eval.errors import BadRun, OtherRun
from eval.fingerprint import Fingerprint
from eval.folder import ELSEWHERE, Dataset, Run, RunFolder, Scored, new_name
from eval.outcome import Outcome
from eval.target import OpenTarget, Target


class Watch(Protocol):
    """Hears how far a run is."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` questions; `stage` says what happens now."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask, and where to put what comes of it. `judge` is as fingerprints name it; empty: none."""

    dataset: Path
    out: Path
    concurrency: int = 1
    judge: str = ""


@dataclass(frozen=True, slots=True)
class Stages:
    """What a run is given: its target, and what is done with the outcomes."""

    target: OpenTarget
    score: Callable[[Sequence[Outcome]], Scored]
    report: Callable[[Path], None]
    watch: Watch


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is done; `failed` are the outcomes without an answer."""

    run: Run
    scored: Scored
    failed: tuple[Outcome, ...]


def evaluate(order: Order, stages: Stages) -> Finished:
    """Ask what is missing, then score, write and report everything.

    Raises:
        BadQuestions: the dataset cannot be read.
        OtherRun: the folder holds something else, or what was asked changed on the way.
        TargetFault, NoKey: nothing was asked.
        BadRun: the folder cannot be written, such as on a full disk.
    """
    questions, folder = read_dataset(order.dataset), RunFolder(order.out)
    try:
        with folder.held():
            run = asyncio.run(_ask(order, stages, questions, folder))
            outcomes = folder.outcomes(questions)
            stages.watch("scoring", len(outcomes), len(questions))
            scored = stages.score(outcomes)
            folder.finish(run, outcomes, scored)
            stages.report(folder.path)
    except OSError as error:
        raise BadRun(f"{order.out}: {error}: mend that, and the same command goes on from there") from error
    return Finished(run, scored, tuple(each for each in outcomes if each.error is not None))


async def _ask(order: Order, stages: Stages, questions: Sequence[Question], folder: RunFolder) -> Run:
    """Ask what has no answer yet; what was asked is kept, whatever stops it."""
    begun = folder.run()
    name = begun.id if begun else new_name()
    dataset = Dataset(name=order.dataset.stem, version=version(questions), rows=len(questions))
    stages.watch("opening", 0, len(questions))
    async with stages.target(name) as target:
        run = folder.begin(name, dataset, await _fingerprint(order, target))
        known = folder.answered()
        missing = [question for question in questions if question.id not in known]
        began = time.perf_counter()
        try:
            await ask_all(target, missing, order.concurrency, folder, stages.watch)
        finally:
            spent = run.seconds + time.perf_counter() - began
            run = folder.note(run.model_copy(update={"seconds": round(spent, 3)}))
        _stayed(run, await _fingerprint(order, target), folder)
    return run


async def _fingerprint(order: Order, target: Target) -> Fingerprint:
    return (await target.fingerprint()).model_copy(update={"judge": order.judge})


def _stayed(run: Run, now: Fingerprint, folder: RunFolder) -> None:
    """That all was asked of one system. Raises `OtherRun` if not; the folder is then no place to go on."""
    moved = run.fingerprint.changes(now)
    if moved:
        was = {name: f"{getattr(run.fingerprint, name)}, then {getattr(now, name)}" for name in moved}
        folder.note(run.model_copy(update={"fingerprint": now.model_copy(update=was)}))
        raise OtherRun(f"{folder.path}: while it was asked, its {', '.join(moved)} changed: {ELSEWHERE}")
