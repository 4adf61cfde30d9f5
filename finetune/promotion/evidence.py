"""The evidence of a promotion: who was held against whom, on which questions, and what came of it.

JSON for programs, Markdown for people. It quotes no question and no answer: ids of rows alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.comparison import Verdict
from eval.gate import Judgement
from finetune.promotion.examination import Examination
from finetune.promotion.history import Entry

HEAD = ("figure", "before", "after", "difference", "verdict")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The gate's word on an adapter, with the examinations that it rests on; `old`: of what is live.

    `notes` tell what weakens it: questions that the adapter was trained on.
    """

    judgement: Judgement
    new: Examination
    old: Examination | None
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """The figures that stop it."""
        return tuple(verdict.metric for verdict in self.judgement.regressions)

    def plain(self) -> dict[str, Any]:
        """All of it, as JSON knows it."""
        questions = self.new.questions
        return {
            "adapter": self.new.adapter,
            "live": self.old.adapter if self.old else None,
            "questions": {
                "name": questions.name, "version": questions.version, "rows": len(questions.rows)
            },
            "passed": self.judgement.passed,
            "failed": list(self.failed),
            "figures": [self._figure(verdict) for verdict in self.judgement.verdicts],
            "notes": list(self.notes),
        }  # fmt: skip

    def table(self) -> list[tuple[str, ...]]:
        """A row a figure, under `HEAD`, those first that stop it."""
        ordered = sorted(self.judgement.verdicts, key=lambda verdict: not verdict.stops)
        return [self._row(verdict) for verdict in ordered]

    def _row(self, verdict: Verdict) -> tuple[str, ...]:
        told = self._figure(verdict)
        cells = (_cell(told["before"]), _cell(told["after"]), _cell(told["difference"], "+"))
        state = f"{verdict.state}: stops it" if verdict.stops else verdict.state
        return (verdict.metric, *cells, state if verdict.gates else f"{state} (advises)")

    def _figure(self, verdict: Verdict) -> dict[str, Any]:
        change = {"value": verdict.change, "low": verdict.low, "high": verdict.high, "n": verdict.rows}
        return {
            "metric": verdict.metric,
            "before": _measured(self.old, verdict.metric),
            "after": _measured(self.new, verdict.metric),
            "difference": change if self.old else None,
            "state": verdict.state,
            "reason": verdict.reason,
            "gates": verdict.gates,
            "stops": verdict.stops,
            "flipped": list(verdict.flipped),
        }


def keep(registry: Path, evidence: Evidence, entry: Entry) -> str:
    """Write both forms; returns the path of the JSON below `registry`.

    `entry` is what the history tells of it.
    """
    place = Path("evidence") / entry.adapter / entry.at.replace(":", "").replace("+0000", "Z")
    folder = (registry / place).parent
    folder.mkdir(parents=True, exist_ok=True)
    told = entry.model_dump(include={"at", "by", "forced", "share"}) | evidence.plain()
    texts = {".json": json.dumps(told, indent=2), ".md": "\n".join(_markdown(evidence, entry))}
    for ending, text in texts.items():
        scratch = folder / f".{place.name}{ending}.new"
        # A reason may hold what the command line could not decode.
        scratch.write_text(f"{text}\n", encoding="utf-8", errors="surrogatepass")
        scratch.replace(registry / f"{place}{ending}")
    return f"{place}.json"


def _markdown(evidence: Evidence, entry: Entry) -> list[str]:
    questions = evidence.new.questions
    word = "the gate lets it pass" if evidence.judgement.passed else "the gate refuses it"
    lines = [f"# {entry.adapter}: {word}", "", f"{entry.at}, asked by {entry.by}."]
    if entry.forced:
        lines += ["", f"**Overruled**, because: {entry.forced}"]
    asked = f"{len(questions.rows)} questions of {questions.name} (version {questions.version})"
    beside = f"beside {evidence.old.adapter}" if evidence.old else "by the limits alone: nothing was live"
    lines += ["", f"{asked}, {beside}. Mean [95% interval] (rows).", ""]
    lines += ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in evidence.table()]
    reasons = [f"- {verdict.metric}: {verdict.reason}" for verdict in evidence.judgement.regressions]
    return [*lines, "", *reasons, *(f"- {note}" for note in evidence.notes)]


def _measured(examination: Examination | None, metric: str) -> Mapping[str, float] | None:
    found = examination.side.results.metrics.get(metric) if examination else None
    return found.model_dump(include={"value", "low", "high", "n"}) if found else None


def _cell(figure: Mapping[str, float] | None, sign: str = "") -> str:
    if not figure or not figure["n"]:
        return "-"
    value, low, high = (f"{figure[part]:{sign}.3f}" for part in ("value", "low", "high"))
    return f"{value} [{low}, {high}] ({figure['n']})"
