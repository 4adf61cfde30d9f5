"""The document rails' place in ingestion: text is let through, redacted, or kept out of the index."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol

from guardrails.policy import Policy
from guardrails.policy_file import load_policy
from guardrails.redaction import redact
from guardrails.shelf import Assignments
from guardrails.verdict import FAILED, Action, Finding, Stage, Verdict
from ingest.documents import Extract, Flag
from ingest.errors import Quarantined, RailFailed
from ingest.tally import Tally, tally

REMEDY = (
    "read the file; mend it or the policy, or let this text through: `python -m ingest quarantine release`"
)

Release = Callable[[str], str | None]
"""Of a text's SHA-256: by whom and when it was decided that it goes on whatever the rails say; or None."""


class Passed(NamedTuple):
    """What may be indexed, which passages of it the rails flagged, each under its name, what was found."""

    extract: Extract
    flags: tuple[Flag, ...]
    findings: Tally


class Screen(Protocol):
    """What `guardrails.guard.Guard` offers. Ingestion knows nothing else of the rails."""

    def screen(self, stage: Stage, text: str) -> Verdict:
        """Judge `text`. Never raises for what a rail does."""
        ...


class NoScreen:
    """Lets everything through: for an index without document rails."""

    def screen(self, stage: Stage, text: str) -> Verdict:  # noqa: ARG002  # the protocol's signature
        """Allow."""
        return Verdict(Action.ALLOW, text)


class LazyScreen:
    """A screen that is made when the first text comes: a sync that changes nothing loads no models."""

    def __init__(self, make: Callable[[], Screen]) -> None:
        self._make = make

    def screen(self, stage: Stage, text: str) -> Verdict:
        """Judge `text`."""
        return self._made.screen(stage, text)

    @cached_property
    def _made(self) -> Screen:
        return self._make()


class Screening(NamedTuple):
    """A tenant's document rails, and the policy that they follow."""

    screen: Screen
    policy: Policy

    @property
    def recipe(self) -> str:
        """Names the rules for documents alone: what is indexed is screened again when they change."""
        return self.policy.at(Stage.DOCUMENT).version


class Screens(Protocol):
    """Gives each sync the document rails of its tenant's policy. One sync keeps those that it began with."""

    def of(self, tenant: str) -> Screening:
        """The tenant's screening.

        Raises:
            PolicyError: the policy cannot be read.
        """
        ...


NO_RULES = Policy(name="none", message={"en": "-"}, stages={})


@dataclass(frozen=True, slots=True)
class OneScreen:
    """The same for every tenant."""

    screen: Screen
    policy: Policy = NO_RULES

    def of(self, tenant: str) -> Screening:  # noqa: ARG002  # the protocol's signature
        """The one there is."""
        return Screening(self.screen, self.policy)


NO_SCREENS = OneScreen(NoScreen())


@dataclass(frozen=True, slots=True)
class PolicyScreens:
    """Each tenant's policy as it is assigned, read when a sync begins; `make` makes its document rails."""

    assignments: Assignments
    make: Callable[[Policy], Screen]

    def of(self, tenant: str) -> Screening:
        """The tenant's screening. Reads a file; the rails are made when the first text comes."""
        policy = load_policy(self.assignments.policy(tenant))
        # The other stages' rails need not be made.
        return Screening(LazyScreen(lambda: self.make(policy.at(Stage.DOCUMENT))), policy)


def _unnoted(_: Verdict) -> None:
    """Nobody is told."""


def _unreleased(_: str) -> None:
    """Nobody decided anything."""


def screened(
    screen: Screen,
    extract: Extract,
    note: Callable[[Verdict], None] = _unnoted,
    release: Release = _unreleased,
) -> Passed:
    """What may be indexed of `extract`.

    `note` is told what was found, before anything follows from it. Text that a rail blocks goes on, flagged,
    if somebody decided so of just this text: `release` is asked for that decision.

    Raises:
        Quarantined: a rail blocks the text; `RailFailed` if only because it could not judge.
    """
    verdict = screen.screen(Stage.DOCUMENT, extract.text)
    if verdict.blocked and (released := release(_hash(extract))):
        verdict = replace(verdict, findings=tuple(_let_through(each, released) for each in verdict.findings))
    if verdict.findings:
        note(verdict)
    _check(extract, verdict)
    cuts = _cuts(extract.text, [found for found in verdict.acting if found.action is Action.REDACT])
    flags = tuple(_flags(verdict, cuts))
    return Passed(_redacted(extract, cuts) if cuts else extract, flags, tally(verdict))


def _check(extract: Extract, verdict: Verdict) -> None:
    blocking = [found for found in verdict.acting if found.action is Action.BLOCK]
    if not blocking:
        return
    rails = ", ".join(sorted({_named(found) for found in blocking}))
    failed = all(found.label == FAILED for found in blocking)
    kind = RailFailed if failed else Quarantined
    raise kind(f"quarantined by {rails}", REMEDY, content_hash=_hash(extract), findings=tally(verdict))


def _hash(extract: Extract) -> str:
    return hashlib.sha256(extract.text.encode()).hexdigest()


def _let_through(found: Finding, reason: str) -> Finding:
    if found.action is not Action.BLOCK or found.shadow:
        return found
    return replace(found, action=Action.FLAG, reason=f"{found.reason} ({reason})")


def _named(found: Finding) -> str:
    return f"{found.rail} (it failed: {found.reason})" if found.label == FAILED else found.rail


def _flags(verdict: Verdict, cuts: Sequence["_Cut"]) -> Iterator[Flag]:
    """The flagged passages, in the new text."""
    for found in verdict.acting:
        if found.action is Action.FLAG:
            yield Flag(_moved(found.start, cuts), _moved(found.end, cuts, end=True), found.rail)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A span of the old text, what stands in its place, and where that begins in the new text."""

    start: int
    end: int
    replacement: str
    moved: int


def _redacted(extract: Extract, cuts: Sequence[_Cut]) -> Extract:
    """`extract` with the cuts made; marks and blocks move along with what they point at."""
    hidden = {extract.text[cut.start : cut.end]: cut.replacement for cut in cuts}
    marks = tuple(
        replace(mark, start=_moved(mark.start, cuts), title=_without(mark.title, hidden))
        for mark in extract.marks
    )
    blocks = tuple((_moved(start, cuts), _moved(end, cuts, end=True)) for start, end in extract.blocks)
    return replace(
        extract,
        title=_without(extract.title, hidden),
        text=_text(extract.text, cuts),
        marks=marks,
        blocks=blocks,
    )


def _text(text: str, cuts: Sequence[_Cut]) -> str:
    starts = [0, *(cut.end for cut in cuts)]
    ends = [*(cut.start for cut in cuts), len(text)]
    parts = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return parts[0] + "".join(f"{cut.replacement}{part}" for cut, part in zip(cuts, parts[1:], strict=True))


def _cuts(text: str, findings: Sequence[Finding]) -> list[_Cut]:
    """The redacted spans in order, those that overlap as one, with what the guard puts there."""
    groups: list[list[Finding]] = []
    reach = 0
    for found in sorted(findings, key=lambda found: (found.start, -found.end)):
        if groups and found.start < reach:
            groups[-1].append(found)
        else:
            groups.append([found])
        reach = max(reach, found.end)
    cuts = []
    shift = 0
    for group in groups:
        start, end = group[0].start, max(found.end for found in group)
        local = [replace(found, start=found.start - start, end=found.end - start) for found in group]
        cuts.append(_Cut(start, end, redact(text[start:end], local), start + shift))
        shift += len(cuts[-1].replacement) - (end - start)
    return cuts


def _moved(position: int, cuts: Sequence[_Cut], *, end: bool = False) -> int:
    """Where `position` lies in the new text; inside a cut, where its replacement begins (or ends)."""
    passed = (bisect_left if end else bisect_right)(cuts, position, key=lambda cut: cut.start)
    if passed == 0:
        return position
    last = cuts[passed - 1]
    if position >= last.end:
        return last.moved + len(last.replacement) + position - last.end
    return last.moved + (len(last.replacement) if end else 0)


def _without(title: str, hidden: Mapping[str, str]) -> str:
    for secret, replacement in hidden.items():
        title = title.replace(secret, replacement)
    return title
