"""A rail's new model beside the shipped one, by the figures of `eval rails`: which of them are worse.

These figures have no rows that two models share, as areas and thresholds are of all texts together. So a
figure is worse when it misses a goal that the shipped model meets, or falls out of that one's interval, or
when the new model has none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from eval.errors import Incomparable
from eval.rails.figures import Line
from eval.stats import figure

HEAD = ("rail", "figure", "shipped", "new", "goal", "verdict")


@dataclass(frozen=True, slots=True)
class Held:
    """A figure with a goal, by the shipped model and the new one, which may have measured nothing."""

    old: Line
    new: Line

    @property
    def worse(self) -> str:
        """Why it stops the new one; empty where it does not."""
        if not self.new.figure.n:
            return "was measured on nothing"
        if self.old.met and self.new.met is False:
            return "misses a goal that the shipped one meets"
        higher = self.new.goal is None or self.new.goal.way == "at least"
        value, known = self.new.figure.value, self.old.figure
        if not self.new.met and (value < known.low if higher else value > known.high):
            return "is outside the shipped one's interval"
        return ""

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        told = {"rail": self.new.rail, "figure": self.new.name, "of": self.new.of, "goal": str(self.new.goal)}
        return told | {
            "before": asdict(self.old.figure),
            "after": asdict(self.new.figure),
            "worse": self.worse,
        }

    def cells(self) -> tuple[str, ...]:
        """A row under `HEAD`."""
        name = self.new.name if self.new.of == "all" else f"{self.new.name}, {self.new.of}"
        goal, said = str(self.new.goal), self.worse or "passes"
        return (self.new.rail, name, str(self.old.figure), str(self.new.figure), goal, said)


def held(old: Sequence[Line], new: Sequence[Line]) -> list[Held]:
    """The shipped model's figures that have a goal and rest on texts, those first that stop the new one.

    Raises:
        Incomparable: the shipped model has no such figure.
    """
    found = {(line.rail, line.name, line.of): line for line in new}
    pairs = [
        Held(line, found.get((line.rail, line.name, line.of), replace(line, figure=figure([]))))
        for line in old
        if line.goal and line.figure.n
    ]
    if not pairs:
        raise Incomparable("no figure of the shipped model has a goal and rests on texts: give its data")
    return sorted(pairs, key=lambda each: not each.worse)
