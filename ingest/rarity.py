"""How rare words are in what a reader may read: counted by the engine once, and kept until the next write."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock

from ingest.access import AccessFilter

# Figures that are kept, of all readers together: each takes some 200 bytes.
MOST = 100_000
Scope = tuple[AccessFilter, frozenset[str]]
"""Where words are counted: in what passes an access filter and is of none of these (hidden) versions."""
Count = Callable[[list[int]], Sequence[float | None]]


class Rarity:
    """What was counted since the last write; the least used is forgotten first. Safe for several threads."""

    def __init__(self, most: int = MOST) -> None:
        """Keep up to `most` figures."""
        self._most, self._turn, self._writes = most, Lock(), 0
        self._kept: OrderedDict[tuple[Scope, int], float | None] = OrderedDict()

    def of(self, scope: Scope, words: Sequence[int], count: Count) -> list[float | None]:
        """The figure of each of `words` in the scope. `count` is asked for those that are not known.

        What was counted while something was written is given back and not kept: it may be of before.
        """
        with self._turn:
            writes = self._writes
            found = {word: self._kept[scope, word] for word in words if (scope, word) in self._kept}
            for word in found:
                self._kept.move_to_end((scope, word))
        lacking = [word for word in words if word not in found]
        if lacking:
            counted = dict(zip(lacking, count(lacking), strict=True))
            with self._turn:
                if writes == self._writes:
                    self._keep(scope, counted)
            found |= counted
        return [found[word] for word in words]

    def forget(self) -> None:
        """Something was written, of which nobody who asks from now on may miss anything."""
        with self._turn:
            self._writes += 1
            self._kept.clear()

    def _keep(self, scope: Scope, counted: dict[int, float | None]) -> None:
        for word, figure in counted.items():
            self._kept[scope, word] = figure
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
