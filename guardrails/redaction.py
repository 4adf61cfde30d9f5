"""Redaction: findings applied to a text, overlaps merged."""

from collections.abc import Iterable
from dataclasses import replace

from guardrails.verdict import Action, Finding


def redact(text: str, findings: Iterable[Finding]) -> str:
    """Return `text` with the span of every redacting finding replaced.

    Spans that overlap are replaced together, by the replacement of the longest of them.
    """
    pieces: list[str] = []
    at = 0
    for span in merged(found for found in findings if found.action is Action.REDACT):
        pieces += [text[at : span.start], span.replacement]
        # White space at its end belongs to what follows.
        removed = text[span.start : span.end]
        at = span.start + len(removed.rstrip() or removed)
    return "".join([*pieces, text[at:]])


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by place, those that overlap as one: with the replacement of the longest of them."""
    apart: list[Finding] = []
    for found in sorted(findings, key=lambda found: (found.start, -found.end)):
        if apart and found.start < apart[-1].end:
            last = apart[-1]
            longest = max(last, found, key=lambda span: span.end - span.start)
            apart[-1] = replace(last, end=max(last.end, found.end), replacement=longest.replacement)
        else:
            apart.append(found)
    return apart
