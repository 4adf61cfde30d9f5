"""Where a training run stands."""

import resource
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands, for a progress bar, a log or a curve.

    `done` is its share from 0 to 1; `tokens_per_second` counts places of passes, padding included; `memory`
    is the most that the process has held resident, in bytes; `saved` says that a checkpoint of this step
    is written.
    """

    step: int
    done: float
    loss: float
    validation_loss: float | None
    tokens_per_second: float
    seconds: float
    memory: int = 0
    saved: bool = False

    @property
    def left(self) -> float:
        """Seconds to the end, as fast as it went so far."""
        return self.seconds * (1 - self.done) / self.done

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.left), 60)
        pace = f"{self.tokens_per_second:.0f} tokens/s  {self.memory / 2**30:.1f} GiB"
        watched = "" if self.validation_loss is None else f"  validation {self.validation_loss:.3f}"
        return f"step {self.step}  loss {self.loss:.3f}{watched}  {pace}  {minutes}:{seconds:02d} left"


Report = Callable[[Progress], None]


def resident() -> int:
    """The most bytes that this process has held in memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
