"""Found spans against true ones, by kind: what was found, what was found for nothing, what was missed.

A found span counts when it has the true one's kind and shares a character with it. Knows no text and no rail.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A place in a text, in characters, and what it is."""

    kind: str
    start: int
    end: int


class Tally(NamedTuple):
    """Counts of one kind."""

    found: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was found that is true; 1 when nothing was found, for nothing false was."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was found; 1 when there was nothing to find."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


def tallies(rows: Iterable[tuple[Sequence[Span], Sequence[Span]]]) -> dict[str, Tally]:
    """Count by kind over `rows` of (true spans, found spans) of one text each.

    A true span that was found in two parts is found once, and the second part is not false.
    """
    found: Counter[str] = Counter()
    false: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for true, told in rows:
        for span in true:
            (found if any(_meet(span, other) for other in told) else missed)[span.kind] += 1
        for other in told:
            false[other.kind] += not any(_meet(span, other) for span in true)
    kinds = sorted(found.keys() | false.keys() | missed.keys())
    return {kind: Tally(found[kind], false[kind], missed[kind]) for kind in kinds}


def _meet(one: Span, other: Span) -> bool:
    return one.kind == other.kind and one.start < other.end and other.start < one.end
