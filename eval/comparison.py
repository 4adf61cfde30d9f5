"""One metric of two runs: better, same, worse, or why that cannot be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from eval.results import Measured
from eval.rules import Rule
from eval.stats import Comparison, detectable, holm, paired

State = Literal["better", "same", "worse", "not enough rows", "coverage too low", "new"]
Scores = Mapping[str, float]

MOST_FLIPPED = 20
# A metric that applies to less than this part of the rows it applied to before is no longer the same figure.
SHRUNK = 0.5
# Of a scale from 0 to 1: so much lost is plain to see by few rows too, and not corrected for other figures.
PLAIN = 0.5
# Fewer rows that failed do not stop a change, however few there are in all: errors have their own limit.
FAILED = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a metric, and why; `flipped` are the rows that fell, the worst first.

    `new`: there is nothing to compare with. `change` is over the `rows` of both runs, with its 95% interval;
    `chance` is that of so large a change if nothing had changed, corrected for all metrics; `improved` is
    the probability that it became better; `detectable` is the smallest change that these rows show four times
    of five.
    """

    metric: str
    state: State
    reason: str
    gates: bool
    candidate: float
    baseline: float | None = None
    change: float = 0.0
    low: float = 0.0
    high: float = 0.0
    chance: float = 1.0
    improved: float = 0.5
    detectable: float | None = None
    rows: int = 0
    flipped: tuple[str, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether the change must not pass because of it."""
        return self.gates and self.state in {"worse", "coverage too low"}


@dataclass(frozen=True)
class Case:
    """A metric with what is known of it: its figure and scores by row in either run, and its rule.

    `new` or `old` is None where a run has no such figure; `failures` are rows that it failed on in the new.
    """

    metric: str
    rule: Rule
    new: Measured | None
    old: Measured | None
    after: Scores
    before: Scores
    failures: int = 0

    @property
    def failed(self) -> int:
        """Rows that the metric failed on; where nobody counted them, as the coverage tells."""
        if self.failures or not self.new or not self.new.coverage:
            return self.failures
        return round(self.new.n / self.new.coverage) - self.new.n

    @property
    def gates(self) -> bool:
        """Whether it may stop a change."""
        return self.rule.gates and all(each.gates for each in (self.new, self.old) if each)

    @property
    def sign(self) -> float:
        """1.0 where higher is better, else -1.0."""
        figure = self.new or self.old
        return 1.0 if figure is None or figure.better == "higher" else -1.0

    @cached_property
    def comparison(self) -> Comparison:
        """Old and new, over the rows that both have scored."""
        figure = self.old or self.new
        if figure is None:
            return paired(self.before, self.after)
        return paired(self.before, self.after, figure.better, figure.summary)

    @property
    def tells(self) -> bool:
        """Whether enough rows have it for a difference to mean anything: others ask no question."""
        return self.comparison.difference.n >= self.rule.rows

    @property
    def gain(self) -> float:
        """How much better it has become; below 0: worse."""
        return self.sign * self.comparison.difference.value

    def chance(self, way: float) -> float:
        """Of so large a change for the worse (`way` -1) or the better (1), if nothing had changed."""
        return self.comparison.p / 2 if self.gain * way > 0 else 1.0

    @property
    def fallen(self) -> tuple[str, ...]:
        """The rows that score worse than they did, the worst first."""
        both = (row for row in self.after if row in self.before)
        falls = {row: self.sign * (self.before[row] - self.after[row]) for row in both}
        return tuple(sorted((row for row in falls if falls[row] > 0), key=lambda row: -falls[row]))

    def verdict(self, worse: float, better: float, error: float, figures: int) -> Verdict:
        """The verdict, given the corrected chances, how small one counts, and of how many figures."""
        plain = self._plain()
        if state := self._unfit():
            return replace(plain, state=state[0], reason=state[1])
        if self.new is None or self.old is None:
            return plain
        if not self.tells:
            reason = f"{plain.rows} rows in both runs, {self.rule.rows} are asked for"
            return replace(plain, state="not enough rows", reason=reason)
        # With so few rows even a change of all of them would not be more than chance: that is not "same".
        blind = 2.0**-plain.rows * figures >= error
        return self._compared(replace(plain, reason=self._said()), worse, better, error, blind=blind)

    def _compared(self, plain: Verdict, worse: float, better: float, error: float, *, blind: bool) -> Verdict:
        within = self.rule.tolerance(plain.baseline or 0.0)
        if self.gain < -within and (worse < error or self._collapsed(error)):
            return replace(plain, state="worse", chance=worse, flipped=self.fallen[:MOST_FLIPPED])
        if self.gain > within and better < error:
            return replace(plain, state="better", chance=better)
        if blind:
            return replace(plain, state="not enough rows", reason=f"{plain.reason}; too few rows to tell")
        return replace(plain, state="same", chance=min(worse, better))

    def _collapsed(self, error: float) -> bool:
        scale = self.old is not None and 0.0 <= self.old.value <= 1.0
        return scale and self.gain <= -PLAIN and self.chance(-1.0) < error

    def _said(self) -> str:
        by, found = self.comparison, self.comparison.difference
        seen = detectable(found, paired=True)
        power = f"; {seen:.2g} could be seen" if seen is not None else ""
        flips = f"{len(by.up)} rose, {len(by.down)} fell"
        return (
            f"{found.value:+.3g} [{found.low:+.3g}, {found.high:+.3g}] over {found.n} rows of both runs "
            f"({flips}), better with probability {by.improved:.2f}{power}"
        )

    def _plain(self) -> Verdict:
        new, old, by = self.new, self.old, self.comparison.difference
        return Verdict(
            metric=self.metric,
            state="new",
            reason="there is nothing to compare it with",
            gates=self.gates,
            candidate=new.value if new else 0.0,
            baseline=old.value if old else None,
            change=by.value,
            low=by.low,
            high=by.high,
            improved=self.comparison.improved,
            detectable=detectable(by, paired=True),
            rows=by.n if old else new.n if new else 0,
        )

    def _unfit(self) -> tuple[State, str] | None:
        """What is wrong with the new figure by itself: a limit, or that it rests on too little."""
        if self.new is None:
            return "coverage too low", "the run has no such figure; the baseline has"
        if self.rule.ceiling == 0.0 and not self.new.n and self.failed:
            return "coverage too low", "what must never happen was looked for in no row: all failed"
        if self.new.n >= self.rule.rows and (broken := self.rule.broken(self.new.value)):
            return "worse", broken
        if self.failed >= FAILED and self.new.coverage < self.rule.coverage:
            asked = f"{self.rule.coverage:.0%} are asked for"
            return "coverage too low", f"{self.new.coverage:.0%} of its rows were scored, {asked}"
        if self.old and self.old.n >= self.rule.rows and self.new.n < SHRUNK * self.old.n:
            return "coverage too low", f"it applied to {self.old.n} rows, and now to {self.new.n}"
        return None


def decide(cases: Sequence[Case], error: float) -> tuple[Verdict, ...]:
    """Each case's verdict. `error`: how often an unchanged system may be stopped by chance.

    Those that advise are corrected among themselves: however many they are, the gate sees as well.
    """
    chances: dict[tuple[str, float], float] = {}
    corrected_for = dict[bool, int]()
    for gates in (True, False):
        some = [case for case in cases if case.gates is gates and case.tells]
        corrected_for[gates] = len(some)
        for way in (-1.0, 1.0):
            corrected = holm({case.metric: case.chance(way) for case in some})
            chances |= {(name, way): chance for name, chance in corrected.items()}
    return tuple(
        case.verdict(
            chances.get((case.metric, -1.0), 1.0),
            chances.get((case.metric, 1.0), 1.0),
            error,
            corrected_for[case.gates],
        )
        for case in cases
    )
