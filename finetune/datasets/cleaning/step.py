"""A step of cleaning, and the tally of what it did."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from finetune.datasets.examples import Example

Watch = Callable[[str, int, int], None]
"""Told which step is at work, how many examples it has seen, and of how many."""


def unwatched(_step: str, _done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass
class Tally:
    """What one step did. `dropped` counts examples by their source and why; `changed` by what was done.

    `grave` are those of `dropped` that make their source suspect.
    """

    step: str
    rows: int
    watch: Watch = unwatched
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    grave: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)

    def each(self, examples: Sequence[Example]) -> Iterator[Example]:
        """The examples, while `watch` is told."""
        for number, example in enumerate(examples, start=1):
            yield example
            self.watch(self.step, number, len(examples))

    def drop(self, example: Example, why: str, *, grave: bool = False) -> None:
        """Count an example that is left out."""
        self.dropped[example.source, why] += 1
        self.grave[example.source, why] += grave

    def change(self, what: str) -> None:
        """Count something that was mended."""
        self.changed[what] += 1

    def report(self) -> dict[str, Any]:
        """As the manifest tells it."""
        why: Counter[str] = Counter()
        for (_, reason), count in self.dropped.items():
            why[reason] += count
        return {"step": self.step, "examples": self.rows, "dropped": dict(why), "changed": dict(self.changed)}


class Step(Protocol):
    """Leaves examples out, or mends them."""

    name: str

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """The examples that stay, in their order. Whatever is done is counted in `tally`."""
        ...
