"""An explanation, as a table for people and as an object for programs."""

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from guardrails.check import shown
from guardrails.explain import Explanation, Seen
from guardrails.verdict import Finding

ORIGINS = {"threshold": "", "false_positives": " by false positives", "default": " by default"}
COLOURS = {"allow": "green", "flag": "yellow", "redact": "yellow", "block": "red"}


def as_dictionary(told: Explanation) -> dict[str, Any]:
    """For JSON."""
    verdict = told.verdict
    return {
        "policy": told.policy,
        "action": verdict.action,
        "text": verdict.text,
        "rails": [_dictionary(seen) for seen in told.rails],
    }


def show(told: Explanation) -> None:
    """Print it."""
    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("rail", "score", "threshold", "action", "ms", "what it saw"):
        table.add_column(name, justify="right" if name in {"score", "ms"} else "left", overflow="fold")
    for seen in told.rails:
        colour = "dim" if seen.shadow else COLOURS[seen.action]
        action = f"[{colour}]{seen.action}{' (shadow)' if seen.shadow else ''}[/]"
        score = "" if seen.score is None else f"{seen.score:.3f}"
        table.add_row(
            seen.rail, score, _threshold(seen), action, f"{seen.milliseconds:.2f}", escape(_lines(seen))
        )
    console.print(table)
    verdict = told.verdict
    console.print(f"[{COLOURS[verdict.action]}]{verdict.action}[/] by {escape(told.policy)}")
    console.print(escape(verdict.text), soft_wrap=True)


def _dictionary(seen: Seen) -> dict[str, Any]:
    return {
        "rail": seen.rail,
        "score": seen.score,
        "threshold": seen.threshold,
        "threshold_from": seen.origin,
        "action": seen.action,
        "shadow": seen.shadow,
        "fail": seen.fail,
        "findings": [shown(found) for found in seen.findings],
        "below": [shown(found) for found in seen.below],
        "milliseconds": seen.milliseconds,
    }


def _threshold(seen: Seen) -> str:
    return f"{seen.threshold:.3f}{ORIGINS[seen.origin]}"


def _lines(seen: Seen) -> str:
    return "\n".join([*map(_line, seen.findings), *(f"below: {_line(found)}" for found in seen.below)])


def _line(found: Finding) -> str:
    return f"{found.label} {found.score:.2f} at {found.start}-{found.end}: {found.reason}"
