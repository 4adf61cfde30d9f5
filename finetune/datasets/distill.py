"""Distillation: a teacher's answers as what is to be learnt, if they are short, cited and grounded.

Every answer is noted as it comes, in a file beside `out`: a run that is killed, or whose teacher fails, goes
on from there. The rows appear at `out` once every question has its outcome, whole or not at all.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.datasets.examples import Example
from finetune.datasets.readings import Shown
from finetune.datasets.targets import CITES_NO_PASSAGE, Grounding, Target, target
from finetune.datasets.teacher import REFUSED, Teacher
from finetune.errors import BadSource, TeacherFailed
from finetune.place import fresh
from service.citations import numbers
from service.errors import EngineLacksModel
from service.reading import refuses

GIVE_UP = 10  # failures in a row: the teacher is down
CUT_OFF = "the answer was cut off"
WOULD_NOT = "the teacher would not answer"


@dataclass(frozen=True, slots=True)
class Distilled:
    """How many rows were kept and left out (by reason), and how many questions the teacher failed on."""

    kept: int
    skipped: Mapping[str, int]
    failed: int
    out: str | None

    def listing(self) -> dict[str, Any]:
        """As the command tells it."""
        return {"rows": self.kept, "skipped": dict(self.skipped), "failed": self.failed, "out": self.out}


@dataclass(frozen=True)
class Lesson:
    """Who is asked, by what answers are judged, and how many questions are asked at a time."""

    teacher: Teacher
    grounding: Grounding
    concurrency: int = 8
    watch: Callable[[int, int], None] = lambda _done, _total: None


def distill(examples: Sequence[Example], out: Path, lesson: Lesson) -> Distilled:
    """Ask the teacher every question of its passage, and write what can be learnt as our JSON lines.

    Raises:
        BadPlace: `out` exists, cannot be written, or is being written by another process.
        BadSource: the file of an earlier run is damaged.
        TeacherFailed: nothing comes from it any more.
    """
    wanted = {_key(example, lesson.teacher.model): example for example in examples}
    with fresh(out):
        notes = _Notes(out.with_name(f"{out.name}.part"))
        open_ = {key: example for key, example in wanted.items() if key not in notes.known}
        failed = asyncio.run(_Class(lesson, notes, len(wanted)).ask(open_))
        outcomes = [notes.known[key] for key in wanted if key in notes.known]
        rows = [outcome for outcome in outcomes if isinstance(outcome, dict)]
        if not failed:
            notes.publish(rows, out)
    skipped = Counter(outcome for outcome in outcomes if isinstance(outcome, str))
    return Distilled(len(rows), skipped, failed, None if failed else str(out))


def judged(example: Example, reply: str, lesson: Lesson) -> dict[str, Any] | str:
    """The row of a reply, or why there is none. An answer has to cite, as the adapter's have."""
    if not refuses(reply) and not numbers(reply):
        return CITES_NO_PASSAGE
    found = target(reply, [example.passage], lesson.grounding)
    if not isinstance(found, Target):
        return found
    return {
        "question": example.question,
        "answers": [] if found.answer is None else [found.answer],
        "passages": [example.passage],
        "answerable": found.answer is not None,
        "source": "distilled",
        "title": example.article,
        "teacher": lesson.teacher.model,
    }


class _Class:
    """Asks all that is open; stops when the teacher is down."""

    def __init__(self, lesson: Lesson, notes: "_Notes", total: int) -> None:
        self._lesson, self._notes, self._total = lesson, notes, total
        self._failed, self._in_a_row, self._last = 0, 0, TeacherFailed()

    async def ask(self, open_: Mapping[str, Example]) -> int:
        """How many questions it failed on."""
        left = iter(open_.items())
        workers = min(self._lesson.concurrency, len(open_))
        await asyncio.gather(*(self._work(left) for _ in range(workers)))
        if self._in_a_row >= min(GIVE_UP, len(open_)) > 0:
            raise TeacherFailed(f"{self._last}; what it has answered is kept: run the same command again")
        return self._failed

    async def _work(self, left: Iterable[tuple[str, Example]]) -> None:
        for key, example in left:
            if self._in_a_row >= GIVE_UP:
                return
            try:
                self._notes.note(key, await self._outcome(example))
                self._in_a_row = 0
            except TeacherFailed as error:
                self._failed, self._in_a_row, self._last = self._failed + 1, self._in_a_row + 1, error
            self._lesson.watch(len(self._notes.known), self._total)

    async def _outcome(self, example: Example) -> dict[str, Any] | str:
        shown = [Shown(example.heading, example.passage)]
        try:
            piece = await self._lesson.teacher.answer(example.question, shown)
        except EngineLacksModel as error:
            raise TeacherFailed(f"{error}; name one of its models with --model") from error
        except REFUSED:
            return WOULD_NOT
        return CUT_OFF if piece.finish == "length" else judged(example, piece.text, self._lesson)


class _Notes:
    """The outcome of every question so far, a line each: a row, or why there is none."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.known: dict[str, dict[str, Any] | str] = {}
        lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
        for number, line in enumerate(lines[:-1], start=1):
            try:
                key, outcome = json.loads(line)
            except ValueError as error:
                raise BadSource(f"{file}, line {number}: damaged; remove the file to begin anew") from error
            self.known[key] = outcome
        if lines and lines[-1]:  # killed amid a line
            whole = "".join(f"{line}\n" for line in lines[:-1])
            file.write_text(whole, encoding="utf-8")

    def note(self, key: str, outcome: dict[str, Any] | str) -> None:
        """Keep an outcome."""
        self._file.touch(mode=0o600)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps([key, outcome], ensure_ascii=False) + "\n")
        self.known[key] = outcome

    def publish(self, rows: Iterable[Mapping[str, Any]], out: Path) -> None:
        """Write the rows as a file, and forget the notes."""
        scratch = out.with_name(f".{out.name}.new")
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        scratch.touch(mode=0o600)  # it quotes documents that few may read
        scratch.write_text(lines, encoding="utf-8")
        scratch.replace(out)
        self._file.unlink(missing_ok=True)


def _key(example: Example, model: str) -> str:
    told = json.dumps([model, example.heading, example.passage, example.question])
    return hashlib.sha256(told.encode()).hexdigest()[:24]
