"""Redaction: findings applied to a text, from right to left, overlaps merged."""

from collections.abc import Iterable
from dataclasses import replace

from guardrails.verdict import Action, Finding


def redact(text: str, findings: Iterable[Finding]) -> str:
    """Return `text` with the span of every redacting finding replaced.

    Spans that overlap are replaced together, by the replacement of the longest of them.
    """
    for span in reversed(merged(found for found in findings if found.action is Action.REDACT)):
        # White space at its end belongs to what follows.
        removed = text[span.start : span.end]
        end = span.start + len(removed.rstrip() or removed)
        text = text[: span.start] + span.replacement + text[end:]
    return text


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
