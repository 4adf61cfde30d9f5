"""The document rails' place in ingestion: text is let through, redacted, or kept out of the index."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol

from guardrails.policy import Policy
from guardrails.policy_file import load_policy
from guardrails.redaction import redact
from guardrails.shelf import Assignments
from guardrails.verdict import FAILED, Action, Finding, Stage, Verdict
from ingest.documents import Extract
from ingest.errors import Quarantined


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


def screened(
    screen: Screen, extract: Extract, note: Callable[[Verdict], None] = _unnoted
) -> tuple[Extract, frozenset[str]]:
    """What may be indexed of `extract`, and the names of the rails that flagged it (labels).

    `note` is told what was found, before anything follows from it.

    Raises:
        Quarantined: a rail blocks the text.
    """
    verdict = screen.screen(Stage.DOCUMENT, extract.text)
    if verdict.findings:
        note(verdict)
    flags = frozenset(found.rail for found in verdict.acting if found.action is Action.FLAG)
    if verdict.blocked:
        rails = sorted({_named(found) for found in verdict.acting if found.action is Action.BLOCK})
        raise Quarantined(f"quarantined by {', '.join(rails)}", "read the file, and mend it or the policy")
    if verdict.action is not Action.REDACT:
        return extract, flags
    return _redacted(extract, verdict), flags


def _named(found: Finding) -> str:
    return f"{found.rail} (it failed: {found.reason})" if found.label == FAILED else found.rail


@dataclass(frozen=True, slots=True)
class _Cut:
    """A span of the old text, what stands in its place, and where that begins in the new text."""

    start: int
    end: int
    replacement: str
    moved: int


def _redacted(extract: Extract, verdict: Verdict) -> Extract:
    """`extract` with the redacted text; marks and blocks move along with what they point at."""
    cuts = _cuts(extract.text, [found for found in verdict.acting if found.action is Action.REDACT])
    hidden = {extract.text[cut.start : cut.end]: cut.replacement for cut in cuts}
    marks = tuple(
        replace(mark, start=_moved(mark.start, cuts), title=_without(mark.title, hidden))
        for mark in extract.marks
    )
    blocks = tuple((_moved(start, cuts), _moved(end, cuts, end=True)) for start, end in extract.blocks)
    return replace(
        extract, title=_without(extract.title, hidden), text=verdict.text, marks=marks, blocks=blocks
    )


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
