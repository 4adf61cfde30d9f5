"""The gate: has a change made anything worse? → each metric's verdict, and one over all.

Worse is a metric that is worse by more than its tolerance and by more than chance, over the rows that both
runs have; or one that is beyond a limit of its own. What is not known is never called good: a metric that
covers too few of its rows stops a change as well.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.comparison import Case, State, Verdict, decide
from eval.errors import BadRules, Incomparable
from eval.results import Manifest, Results, read_results, read_scores
from eval.rules import Rule, Rules

# What must be equal for a difference to mean anything; what else a fingerprint holds is what was changed.
CLASS = ("corpus",)
# Verdicts that say nothing of a change.
UNTOLD = {"not enough rows", "new"}
# Figures that are measured with a part of the system itself: by another one they are on another scale.
RULERS = {
    "embedder": {"semantic_similarity", "answer_relevancy", "answer_correctness"},
    "judge": {
        "faithfulness",
        "context_precision",
        "context_recall",
        "answer_relevancy",
        "answer_correctness",
        "noise_sensitivity",
        "factual_correctness",
    },
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's word on a run: what was changed since the `baseline` run (None: there is none)."""

    candidate: str
    baseline: str | None
    changed: Mapping[str, tuple[str | None, str | None]]
    verdicts: tuple[Verdict, ...]

    @property
    def regressions(self) -> tuple[Verdict, ...]:
        """Why it does not pass: what is worse, then what is not known."""
        stopping = (verdict for verdict in self.verdicts if verdict.stops)
        return tuple(sorted(stopping, key=lambda verdict: verdict.state != "worse"))

    @property
    def passed(self) -> bool:
        """Whether nothing stops it."""
        return not self.regressions

    def of(self, state: State) -> tuple[Verdict, ...]:
        """The verdicts of this state, those that gate first."""
        return tuple(sorted((v for v in self.verdicts if v.state == state), key=lambda v: not v.gates))


@dataclass(frozen=True, slots=True)
class Side:
    """A system as it was measured: its figures, and every metric's scores by row."""

    results: Results
    scores: Mapping[str, Mapping[str, float]]


def judge(candidate: Path, baseline: Path | None, rules: Rules) -> Judgement:
    """Hold the run in `candidate` against the one in `baseline`; without one, against the limits alone.

    Raises:
        Incomparable: they were asked different things, or of different documents, or too little.
        BadRun: one of them cannot be read.
        BadRules: a rule names a figure that neither of them has.
    """
    new = read_results(candidate)
    if baseline is None:
        return compare(Side(new, {}), None, rules)
    old = read_results(baseline)
    comparable(new.run, old.run)
    return compare(Side(new, read_scores(candidate)), Side(old, read_scores(baseline)), rules)


def compare(new: Side, old: Side | None, rules: Rules) -> Judgement:
    """As `judge`, of what is at hand already."""
    run = new.results.run
    if old is None:
        _known(rules, new.results.metrics)
        cases = _cases(rules, new, None)
        alone = Judgement(run.id, None, {}, decide(cases, rules.error))
        if alone.passed:
            _held(cases, run.dataset.rows)
            _told(cases, run.dataset.rows)
        return alone
    comparable(run, old.results.run)
    _known(rules, {*new.results.metrics, *old.results.metrics})
    cases = _cases(rules, new, old)
    verdicts = decide(cases, rules.error)
    gating = [verdict for verdict in verdicts if verdict.gates]
    if gating and all(verdict.state in UNTOLD for verdict in gating):
        raise Incomparable(f"{run.dataset.rows} questions are too few to tell: ask thirty or more")
    beside = Judgement(run.id, old.results.run.id, changed(run, old.results.run), verdicts)
    if beside.passed:
        _told(cases, run.dataset.rows)
    return beside


def _held(cases: Sequence[Case], asked: int) -> None:
    """Raise `Incomparable` where limits gate and none of them was held against enough rows."""
    limited = [case for case in cases if case.gates and (case.rule.floor, case.rule.ceiling) != (None, None)]
    if limited and all(case.new is None or case.new.n < case.rule.rows for case in limited):
        names = ", ".join(case.metric for case in limited)
        raise Incomparable(
            f"{asked} questions are too few to tell: no figure with a limit ({names}) is of as many rows as "
            "its rule asks for; ask thirty or more"
        )


def _told(cases: Sequence[Case], asked: int) -> None:
    """Raise `Incomparable` where a required figure is of fewer rows than its rule asks for."""
    untold = [
        f"{case.metric} is of {case.new.n if case.new else 0}, and {case.rule.rows} are asked for"
        for case in cases
        if case.rule.required and (case.new is None or case.new.n < case.rule.rows)
    ]
    if untold:
        raise Incomparable(
            f"{asked} questions are too few to tell: {', '.join(untold)}; ask thirty or more with answers"
        )


def _known(rules: Rules, metrics: Collection[str]) -> None:
    """A misspelt name would turn its limit off."""
    for number, rule in enumerate(rules.rule, start=1):
        plain = not set(rule.metric) & set("*?[")
        if plain and rule.metric not in metrics:
            raise BadRules(
                f"rule {number}: there is no figure {rule.metric!r}; there are {', '.join(metrics)}"
            )


def comparable(candidate: Manifest, baseline: Manifest) -> None:
    """Raise `Incomparable`, with the reason, unless the two runs are of one class."""
    if candidate.dataset.version != baseline.dataset.version:
        raise Incomparable(
            f"{candidate.id} was asked version {candidate.dataset.version or '(none)'} of the questions, "
            f"{baseline.id} version {baseline.dataset.version or '(none)'}: run the baseline again"
        )
    for part in CLASS:
        new, old = candidate.fingerprint.get(part), baseline.fingerprint.get(part)
        if new != old:
            raise Incomparable(
                f"the {part} of {candidate.id} is {new or 'not known'}, that of {baseline.id} "
                f"{old or 'not known'}: run the baseline again on the {part} of today"
            )


def changed(candidate: Manifest, baseline: Manifest) -> dict[str, tuple[str | None, str | None]]:
    """The parts of the fingerprint that differ: what they were, and what they are."""
    new, old = candidate.fingerprint, baseline.fingerprint
    return {
        name: (old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    }


def _rule(rules: Rules, name: str, other: Collection[str]) -> Rule:
    """The metric's rule; it only advises where there is none, or it was measured on another scale."""
    rule = rules.of(name) or Rule(metric="*", gates=False)
    return rule.model_copy(update={"gates": False}) if name in other else rule


def _cases(rules: Rules, new: Side, old: Side | None) -> list[Case]:
    known = old.results.metrics if old else {}
    before = old.scores if old else {}
    apart = changed(new.results.run, old.results.run) if old else {}
    other = {name for part, names in RULERS.items() if part in apart for name in names}
    return [
        Case(
            name,
            _rule(rules, name, other),
            new.results.metrics.get(name),
            known.get(name),
            new.scores.get(name, {}),
            before.get(name, {}),
            new.results.failures.get(name, 0),
        )
        for name in dict.fromkeys([*known, *new.results.metrics])
    ]
