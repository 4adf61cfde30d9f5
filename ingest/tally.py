"""How often rails found what: counts by rail, label and action."""

from collections import Counter
from collections.abc import Iterable, Mapping

from guardrails.verdict import Verdict

Tally = Mapping[tuple[str, str, str], int]
"""By (rail, label, action)."""


def tally(verdict: Verdict) -> Tally:
    """What was found in a text and has a consequence."""
    return Counter((found.rail, found.label, str(found.action)) for found in verdict.acting)


def by_rail(tallies: Iterable[Tally]) -> dict[str, dict[str, int]]:
    """How often each rail did what: `{"secrets": {"redact": 3}}`."""
    counts: dict[str, dict[str, int]] = {}
    for each in tallies:
        for (rail, _, action), count in each.items():
            of_rail = counts.setdefault(rail, {})
            of_rail[action] = of_rail.get(action, 0) + count
    return counts
