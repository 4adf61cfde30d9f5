"""The document rails' place in ingestion: text is let through, redacted, or kept out of the index."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from guardrails.redaction import redact
from guardrails.verdict import Action, Finding, Stage, Verdict
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


def screened(screen: Screen, extract: Extract) -> tuple[Extract, frozenset[str]]:
    """What may be indexed of `extract`, and the names of the rails that flagged it (labels).

    Raises:
        Quarantined: a rail blocks the text.
    """
    verdict = screen.screen(Stage.DOCUMENT, extract.text)
    flags = frozenset(found.rail for found in verdict.acting if found.action is Action.FLAG)
    if verdict.blocked:
        rails = sorted({found.rail for found in verdict.acting if found.action is Action.BLOCK})
        raise Quarantined(f"quarantined by {', '.join(rails)}", "read the file, and mend it or the policy")
    if verdict.action is not Action.REDACT:
        return extract, flags
    return _redacted(extract, verdict), flags


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
