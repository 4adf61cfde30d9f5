"""Every night: check → run → gate → report → publish → remember → tell. Read it from top to bottom.

Killed at any point, it leaves no half report: the work is done under another name, and the next run goes on
with it, for the date that it was begun for. Done once, a night is not done again. Nights on which nothing
ran cannot be measured any more: the next one says that they were missed, and is marked as late.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from eval.errors import BadRun, EvalError, Incomparable, NightFailed, OtherRun
from eval.gate import Judgement, comparable, judge
from eval.history import Point
from eval.night import APART, Nights, read_card, send
from eval.notify import Notice
from eval.report import Occasion, write_report
from eval.results import Manifest, Results, read_results
from eval.rules import Rules
from service.problems import Caught
from service.reports import ReportCard
from service.telemetry import failed


class Memory(Protocol):
    """The history, as far as a night needs it."""

    def remember(self, tenant: str, results: Results, night: str, verdict: str, *, late: bool) -> None:
        """Keep a night's figures, once."""
        ...

    def points(self, tenant: str, most: int = 60) -> list[Point]:
        """The nights so far, the oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a night is made with.

    `check` looks whether the index is in step with its documents, and says what is not, a sentence each.
    `run` asks the questions and leaves the run's folder; called again, it reuses the rows that are there.
    `senders` tell people; each returns nothing, or raises `Undelivered`.
    """

    tenant: str
    nights: Nights
    rules: Rules
    check: Callable[[], Sequence[str]]
    run: Callable[[Path], None]
    memory: Memory
    senders: Sequence[Callable[[Notice], None]] = ()
    baseline: Path | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Night:
    """What became of a date. `fresh`: whether it was made now. `faults`: who could not be told, and why."""

    date: date
    folder: Path
    card: ReportCard
    fresh: bool
    faults: tuple[str, ...] = field(default=())


def nightly(means: Means, night: date, today: date) -> list[Night]:
    """Make the report of `night`; then of the last date whose run was begun and not ended, if any.

    Raises:
        NightlyBusy: another process is at it.
        NightFailed: a date failed, and the others are done; what was asked is kept, and people are told.
    """
    with means.nights.alone():
        earlier = (means.nights.done(), means.nights.begun())
        # Of the last report, perhaps nobody was told; the last run was perhaps stopped.
        due = {max(each) for dates in earlier if (each := [day for day in dates if day < night])}
        made, failures = [], []
        for day in (night, *sorted(due)):
            try:
                made.append(_make(means, day, today))
            except NightFailed as error:
                failures.append(error)
    if failures:
        raise NightFailed("; ".join(map(str, failures))) from failures[0]
    told = (each for each in made if each.fresh or each.faults or each.date == night)
    return sorted(told, key=lambda each: each.date)


def _make(means: Means, night: date, today: date) -> Night:
    """The report of a date. Whatever goes wrong, people are told, and it is a `NightFailed`."""
    with Caught() as caught:
        return _made(means, night, today)
    reason, final = _reason(caught.error or NightFailed("it did not end")), means.nights.folder(night)
    notice = Notice.of_failure(means.tenant, night.isoformat(), reason)
    faults = send(means.senders, final if final.is_dir() else means.nights.partial(night), notice)
    raise NightFailed("; ".join([f"{night}: {reason}", *faults])) from caught.error


def _made(means: Means, night: date, today: date) -> Night:
    final = means.nights.folder(night)
    fresh = not final.is_dir()
    if fresh:
        _measure(means, night, today, means.nights.partial(night))
        final = means.nights.publish(night)
    card = read_card(final)
    if card is None:
        raise BadRun(f"{final} is no report of ours: move it away, and run the night again")
    means.memory.remember(means.tenant, read_results(final), card.date, card.verdict, late=card.late)
    return Night(night, final, card, fresh, _tell(means, final, card))


def _reason(error: Exception) -> str:
    """Why a night failed; of what nobody foresaw only the kind: its words may be a document's."""
    if isinstance(error, EvalError | OSError):
        return str(error)
    failed("the night failed", error)
    return f"something that nobody foresaw ({type(error).__name__}): the command's log says where"


def _measure(means: Means, night: date, today: date, partial: Path) -> None:
    """The run, its verdict and its report, in `partial`."""
    notes = list(means.check())
    if not _finished(partial):
        notes += _asked(means, night, partial)
    judgement, baseline, apart = _judged(means, night, partial)
    missed = means.nights.missed(night)
    occasion = Occasion(
        tenant=means.tenant,
        night=night.isoformat(),
        judgement=judgement,
        baseline=baseline,
        apart=apart,
        before=[each for each in means.memory.points(means.tenant) if each.night < night.isoformat()],
        late=night < today or bool(missed),
        missed=[each.isoformat() for each in missed],
        notes=notes,
    )
    if apart:
        (partial / APART).write_text(apart, "utf-8")
    write_report(partial, occasion)


def _asked(means: Means, night: date, partial: Path) -> list[str]:
    """Run; what was asked of a system that is another one since is dropped. Returns what to say of it."""
    try:
        means.run(partial)
    except OtherRun:
        means.nights.clear(night)
        means.run(partial)
        return ["The system was changed during the night's run: all was asked anew."]
    return []


def _finished(partial: Path) -> bool:
    """Whether an earlier attempt got as far as the figures, and they can be read."""
    try:
        read_results(partial)
    except BadRun:
        return False
    return True


def _judged(means: Means, night: date, partial: Path) -> tuple[Judgement, Manifest | None, str]:
    """The gate's word, against the newest good night that is comparable; why there is none, if so."""
    run, apart = read_results(partial).run, ""
    for folder in [means.baseline] if means.baseline else means.nights.good(night):
        try:
            before = read_results(folder).run
            comparable(run, before)
            return judge(partial, folder, means.rules), before, ""
        except (BadRun, Incomparable) as error:
            # An old report that is damaged is passed over.
            apart = apart or str(error)
    return judge(partial, None, means.rules), None, apart


def _tell(means: Means, folder: Path, card: ReportCard) -> tuple[str, ...]:
    """Tell of a regression, or of no comparison; who could not be told is tried again the next time."""
    link = f"{means.link}/v1/reports/{card.id}" if means.link else ""
    if card.verdict == "regression":
        notice = Notice.of_regression(means.tenant, card, link)
    elif card.verdict == "incomparable" and (why := folder / APART).is_file():
        notice = Notice.of_incomparable(means.tenant, card, why.read_text("utf-8"), link)
    else:
        return ()
    return send(means.senders, folder, notice)
