"""Places that are taken: whether a span lies in one of many, told without asking each of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from guardrails.sentences import Span


class Cover:
    """Spans of which none lies in another: those that do are forgotten."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []  # in order as well: of two spans, the one that begins later ends later
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        """Cover the span as well."""
        if self.holds(span):
            return
        inner = slice(bisect_left(self._starts, span[0]), bisect_right(self._ends, span[1]))
        self._starts[inner], self._ends[inner] = [span[0]], [span[1]]

    def holds(self, span: Span) -> bool:
        """Whether the span lies in one of those covered."""
        at = bisect_right(self._starts, span[0])
        return at > 0 and self._ends[at - 1] >= span[1]

    def meets(self, span: Span) -> bool:
        """Whether the span shares a character with one of those covered."""
        at = bisect_right(self._ends, span[0])
        return at < len(self._starts) and self._starts[at] < span[1]
