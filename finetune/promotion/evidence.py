"""The evidence of a promotion: who was held against whom, on which questions, and what came of it.

JSON for programs, Markdown for people. It quotes no question and no answer: ids of rows alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.comparison import Verdict
from eval.gate import Judgement
from finetune.errors import BadRegistry
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

    def page(self) -> list[str]:
        """All of it, for people."""
        questions = self.new.questions
        asked = f"{len(questions.rows)} questions of {questions.name} (version {questions.version})"
        beside = f"beside {self.old.adapter}" if self.old else "by the limits alone: nothing was live"
        reasons = [f"- {verdict.metric}: {verdict.reason}" for verdict in self.judgement.regressions]
        told = [f"{asked}, {beside}. Mean [95% interval] (rows).", "", *markdown(HEAD, self.table())]
        return [*told, "", *reasons, *(f"- {note}" for note in self.notes)]

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


def keep(folder: Path, entry: Entry, told: dict[str, Any], page: Sequence[str]) -> str:
    """Write both forms; returns the path of the JSON below `folder`.

    `entry` is what the history tells of it; `told` and the Markdown `page` are what it rests on.

    Raises:
        BadRegistry: the folder cannot be written.
    """
    place = Path("evidence") / entry.adapter / entry.at.replace(":", "").replace("+0000", "Z")
    facts = entry.model_dump(include={"at", "by", "forced", "share"}) | told
    texts = {".json": json.dumps(facts, indent=2), ".md": "\n".join([*_head(entry), *page])}
    try:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        for ending, text in texts.items():
            scratch = (folder / place).with_name(f".{place.name}{ending}.new")
            # A reason may hold what the command line could not decode.
            scratch.write_text(f"{text}\n", encoding="utf-8", errors="surrogatepass")
            scratch.replace(folder / f"{place}{ending}")
    except OSError as error:
        raise BadRegistry(f"{folder / place}: cannot be written: {error.strerror}") from error
    return f"{place}.json"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _head(entry: Entry) -> list[str]:
    word = "the gate refuses it" if entry.failed else "the gate lets it pass"
    lines = [f"# {entry.adapter}: {word}", "", f"{entry.at}, asked by {entry.by}.", ""]
    return [*lines, f"**Overruled**, because: {entry.forced}", ""] if entry.forced else lines


def _measured(examination: Examination | None, metric: str) -> Mapping[str, float] | None:
    found = examination.side.results.metrics.get(metric) if examination else None
    return found.model_dump(include={"value", "low", "high", "n"}) if found else None


def _cell(figure: Mapping[str, float] | None, sign: str = "") -> str:
    if not figure or not figure["n"]:
        return "-"
    value, low, high = (f"{figure[part]:{sign}.3f}" for part in ("value", "low", "high"))
    return f"{value} [{low}, {high}] ({figure['n']})"
