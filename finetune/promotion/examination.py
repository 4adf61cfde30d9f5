"""An adapter is examined: it is asked a fixed set of questions, and each reply is scored.

Replies are kept as they come, by adapter and set: an examination that was killed goes on where it stopped,
and the live adapter is asked once, however many candidates are held against it. Scores are made anew.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from eval.adapter import LOWER, Reply, Scores, scores
from eval.gate import Side
from eval.questions import Row
from eval.results import DatasetOf, Manifest, Measured, Results
from eval.stats import figure
from guardrails.grounding import Grounding
from guardrails.guard import Guard
from guardrails.rail import Sample
from guardrails.verdict import Action, Stage

MEDIAN = frozenset({"latency_ms"})
LESS = LOWER | MEDIAN | {"output_blocked"}


@dataclass(frozen=True)
class Questions:
    """A fixed set of questions, by the name of its file; `sha256` is the file's."""

    name: str
    rows: tuple[Row, ...]
    sha256: str = ""

    @cached_property
    def version(self) -> str:
        """12 characters of the SHA-256 of the rows."""
        text = json.dumps([asdict(row) for row in self.rows], ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True)
class Examination:
    """What an adapter said to the questions, and every figure's scores by row."""

    adapter: str
    questions: Questions
    replies: Mapping[str, Reply]
    scores: Mapping[str, Scores]

    @cached_property
    def side(self) -> Side:
        """As the gate takes it."""
        asked = DatasetOf(
            name=self.questions.name, version=self.questions.version, rows=len(self.questions.rows)
        )
        return Side(
            Results(
                run=Manifest(id=self.adapter, at="", dataset=asked),
                metrics={name: _measured(name, of) for name, of in self.scores.items()},
            ),
            self.scores,
        )


class Rails:
    """What the rails say of replies: would they let it out, and do the passages carry it?"""

    def __init__(self, guard: Guard) -> None:
        self._guard, self._grounding = guard, Grounding()

    def scores(self, replies: Sequence[Reply]) -> dict[str, Scores]:
        """`output_blocked` of all, `grounded` (1: surely) of those that are no refusals."""
        given = [reply for reply in replies if not reply.refused]
        return {
            "grounded": {reply.row.id: self._grounded(reply) for reply in given},
            "output_blocked": {reply.row.id: self._blocked(reply) for reply in replies},
        }

    def _grounded(self, reply: Reply) -> float:
        return 1.0 - (self._grounding.inspect(Sample(reply.text, Stage.OUTPUT, _shown(reply))).score or 0.0)

    def _blocked(self, reply: Reply) -> float:
        verdict = self._guard.screen(Stage.OUTPUT, reply.text, context=_shown(reply))
        return float(verdict.action is Action.BLOCK)


@dataclass(frozen=True)
class Examiner:
    """Asks and scores. `ask` is given an adapter's name and a row.

    `manner` tells of an adapter all that makes its replies, but for its weights: how it is used, by which
    code. Kept replies are those of one manner. `watch` hears how many of how many an adapter has answered.
    """

    ask: Callable[[str, Row], Reply]
    manner: Callable[[str], str]
    rails: Rails
    kept: Path
    watch: Callable[[str, int, int], None]

    def examine(self, adapter: str, questions: Questions) -> Examination:
        """Ask what is not answered yet, and score all. Raises what `ask` raises."""
        file = self._file(adapter, questions)
        texts = _known(file)
        replies = []
        for number, row in enumerate(questions.rows, start=1):
            known = texts.get(row.id)
            reply = self._asked(file, adapter, row) if known is None else Reply(row, *known)
            replies.append(reply)
            self.watch(adapter, number, len(questions.rows))
        found = scores(replies) | self.rails.scores(replies)
        found["latency_ms"] = {reply.row.id: reply.ms for reply in replies}
        return Examination(adapter, questions, {reply.row.id: reply for reply in replies}, found)

    def _asked(self, file: Path, adapter: str, row: Row) -> Reply:
        reply = self.ask(adapter, row)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps([row.id, reply.text, reply.ms]) + "\n")
        return reply

    def _file(self, adapter: str, questions: Questions) -> Path:
        self.kept.mkdir(mode=0o700, parents=True, exist_ok=True)  # replies quote what few may read
        told = "\n".join((adapter, self.manner(adapter), questions.version))
        return self.kept / f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.jsonl"


def _known(file: Path) -> dict[str, tuple[str, float]]:
    """The replies that are kept; those of damaged lines are asked again. A last line that was cut off goes."""
    data = file.read_bytes() if file.is_file() else b""
    if not data.endswith(b"\n") and data:
        data = data[: data.rfind(b"\n") + 1]
        file.write_bytes(data)
    rows = filter(None, map(_kept, data.split(b"\n")))
    return {name: (said, ms) for name, said, ms in rows}


def _kept(line: bytes) -> tuple[str, str, float] | None:
    try:
        name, said, ms = json.loads(line.decode("utf-8"))
        return str(name), str(said), float(ms)
    except (TypeError, ValueError):
        return None


def _measured(name: str, of: Scores) -> Measured:
    found = figure(list(of.values()), "median" if name in MEDIAN else "mean")
    better, summary = "lower" if name in LESS else "higher", "median" if name in MEDIAN else "mean"
    return Measured.model_validate(asdict(found) | {"better": better, "summary": summary})


def _shown(reply: Reply) -> tuple[str, ...]:
    return tuple(passage.text for passage in reply.row.passages)
