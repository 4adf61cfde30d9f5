"""The steps of the loop as they are told: each with what came of it, how long it took, and what is wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text


@dataclass
class Step:
    """A step under way."""

    name: str
    told: str = ""
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def check(self, holds: bool, problem: str) -> None:
        """Note the problem unless it holds."""
        if not holds:
            self.problems.append(problem)


class Steps:
    """All steps so far. Quiet ones are printed nowhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(quiet=quiet, highlight=False)
        self._all: list[Step] = []

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Time a step, and print what came of it."""
        step, began = Step(name), time.perf_counter()
        self._all.append(step)
        with self._console.status(name):
            yield step
        step.seconds = round(time.perf_counter() - began, 1)
        mark = ("✗ ", "bold red") if step.problems else ("✓ ", "bold green")
        self._console.print(Text.assemble(mark, (name, "bold"), f"  {step.seconds:.1f} s"))
        if step.told:
            self._console.print(Text(f"  {step.told}", "dim"))
        for problem in step.problems:
            self._console.print(Text(f"  ✗ {problem}", "bold red"))

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, with its step."""
        return [f"{step.name}: {problem}" for step in self._all for problem in step.problems]

    def plain(self) -> dict[str, Any]:
        """All steps, as JSON knows them."""
        return {"ok": not self.problems, "steps": [asdict(step) for step in self._all]}
