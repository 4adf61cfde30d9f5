"""Two adapters side by side: their figures paired, and the questions that they answer differently."""

from dataclasses import dataclass
from typing import Literal

from eval import gate
from eval.adapter import Reply
from eval.answers import f1, without_markers
from eval.rules import Rules
from finetune.promotion.evidence import Evidence
from finetune.promotion.examination import Examiner, Questions

Way = Literal["better", "worse", "other"]
_ORDER: tuple[Way, ...] = ("worse", "better", "other")


@dataclass(frozen=True, slots=True)
class Changed:
    """A question with both answers. `way`: whether the second is the better one; `other`: as good or bad."""

    id: str
    kind: str
    question: str
    wanted: tuple[str, ...]
    before: str
    after: str
    way: Way


@dataclass(frozen=True, slots=True)
class Compared:
    """The figures of both, with the gate's word on the second beside the first, and what changed."""

    evidence: Evidence
    changed: tuple[Changed, ...]


def compare(first: str, second: str, questions: Questions, examiner: Examiner, rules: Rules) -> Compared:
    """Ask both what they were not asked yet. Raises what the examiner does, and `Incomparable`."""
    old, new = (examiner.examine(name, questions) for name in (first, second))
    judgement = gate.compare(new.side, old.side, rules)
    pairs = [(old.replies[row.id], new.replies[row.id]) for row in questions.rows]
    changed = [_changed(before, after) for before, after in pairs if before.text != after.text]
    ordered = sorted(changed, key=lambda each: _ORDER.index(each.way))
    return Compared(Evidence(judgement, new, old), tuple(ordered))


def _changed(before: Reply, after: Reply) -> Changed:
    row = after.row
    worth = _worth(before), _worth(after)
    way: Way = "other" if worth[0] == worth[1] else "better" if worth[1] > worth[0] else "worse"
    return Changed(row.id, row.kind, row.question, row.answers, before.text, after.text, way)


def _worth(reply: Reply) -> tuple[float, bool]:
    """F1 of an answer that there is, then its citation; else whether it was refused."""
    if reply.row.kind != "answerable":
        return float(reply.refused), True
    return f1(without_markers(reply.text), reply.row.answers), reply.cites_gold
