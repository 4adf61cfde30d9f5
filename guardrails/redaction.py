"""Redaction: findings applied to a text, from right to left, overlaps merged."""

from collections.abc import Iterable
from dataclasses import replace

from guardrails.verdict import Action, Finding


def redact(text: str, findings: Iterable[Finding]) -> str:
    """Return `text` with the span of every redacting finding replaced.

    Spans that overlap are replaced together, by the replacement of the longest of them.
    """
    for span in reversed(_merged(found for found in findings if found.action is Action.REDACT)):
        # White space at its end belongs to what follows.
        removed = text[span.start : span.end]
        end = span.start + len(removed.rstrip() or removed)
        text = text[: span.start] + span.replacement + text[end:]
    return text


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    merged: list[Finding] = []
    for found in sorted(findings, key=lambda found: (found.start, -found.end)):
        if merged and found.start < merged[-1].end:
            last = merged[-1]
            longest = max(last, found, key=lambda span: span.end - span.start)
            merged[-1] = replace(last, end=max(last.end, found.end), replacement=longest.replacement)
        else:
            merged.append(found)
    return merged
