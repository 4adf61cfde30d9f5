"""How often rails found what: counts by rail, label and action."""

from collections import Counter
from collections.abc import Iterable, Mapping

from guardrails.verdict import Verdict

Tally = Mapping[tuple[str, str, str], int]
"""By (rail, label, action)."""


def tally(verdict: Verdict) -> Tally:
    """What was found in a text and has a consequence."""
    return Counter((found.rail, found.label, str(found.action)) for found in verdict.acting)


def add(rails: dict[str, dict[str, int]], tallies: Iterable[Tally]) -> None:
    """Count in `rails` how often each rail did what: `{"secrets": {"redact": 3}}`."""
    for each in tallies:
        for (rail, _, action), count in each.items():
            of_rail = rails.setdefault(rail, {})
            of_rail[action] = of_rail.get(action, 0) + count
