"""Figures of the rail for topics: ten domains that it was never told of, by a sentence and five examples."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from eval.errors import BadQuestions
from eval.rails.figures import Goal, Line, auc, recall_at
from eval.rails.ranking import RATE
from eval.rails.screening import Reading, Screening
from eval.rails.texts import Text, rows, sample
from eval.stats import Figure
from guardrails.build import build_guard
from guardrails.options import Topic, Topics
from guardrails.policy import Policy, Rule
from guardrails.verdict import Action, Stage

RAIL = "topics"
EXAMPLES = 5
MOST = 1_000
DOMAINS = Path(__file__).parent.parent / "written" / "topics.json"
GOAL = "a sentence that lists parts"
"""How `guardrails/README.md` says that topics are described; short ones are measured beside it."""


def topics(screening: Screening, data: Path) -> Iterator[Line]:
    """Measure on CLINC's domains in `guard/topics/dev`, one against the rest; examples are of `train`."""
    if not screening.runs(RAIL, Stage.INPUT):
        return
    shown = _read(data / "guard/topics/train.jsonl.gz", "clinc_train")
    texts = sample(_read(data / "guard/topics/dev.jsonl.gz", "clinc_val", "clinc_oos_val"), MOST)
    for kind, domains in json.loads(DOMAINS.read_text(encoding="utf-8")).items():
        guard = build_guard(_policy(screening.policy, shown, domains), screening.encoder, thorough=True)
        readings = screening.under(guard, Stage.INPUT, texts, RAIL)
        figures = []
        for domain in domains:
            on, off = (_scores(readings, domain, on=label) for label in (True, False))
            figures.append(auc(on, off))
            yield Line(RAIL, f"AUC, {kind}", figures[-1], domain)
            yield Line(RAIL, f"recall at 1% FPR, {kind}", recall_at(RATE, on, off), domain)
        goal = Goal("at least", 0.97) if kind == GOAL else None
        yield Line(RAIL, f"AUC, mean of ten domains, {kind}", _mean(figures), goal=goal)


def _policy(policy: Policy, texts: Sequence[Text], domains: Mapping[str, str]) -> Policy:
    """One whose topics are the domains, and that tells every score."""
    told = tuple(
        Topic(name=domain, description=description, examples=_examples(texts, domain))
        for domain, description in domains.items()
    )
    rule = Rule(action=Action.FLAG, threshold=0.0)
    rails = policy.rails.model_copy(update={"topics": Topics(topics=told)})
    return policy.model_copy(update={"stages": {Stage.INPUT: {RAIL: rule}}, "rails": rails})


def _examples(texts: Sequence[Text], domain: str) -> tuple[str, ...]:
    return tuple(each.text for each in sample([each for each in texts if each.kind == domain], EXAMPLES))


def _read(file: Path, *sources: str) -> list[Text]:
    try:
        return [
            Text(row["id"], row["text"], violation=False, source=row["source"], kind=row["domain"])
            for row in rows(file)
            if row["source"] in sources
        ]
    except KeyError as error:
        raise BadQuestions(f"{file}: a row has no field {error}") from error


def _scores(readings: Sequence[Reading], domain: str, *, on: bool) -> list[float]:
    return [
        max((found.score for found in each.findings if found.label == domain), default=0.0)
        for each in readings
        if (each.text.kind == domain) == on
    ]


def _mean(figures: Sequence[Figure]) -> Figure:
    """Of figures on the same texts: the mean, with the mean interval, which is on the safe side."""
    value, low, high = (
        sum(getattr(each, name) for each in figures) / len(figures) for name in ("value", "low", "high")
    )
    return Figure(value, low, high, figures[0].n)
