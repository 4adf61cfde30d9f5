"""What a training of search works with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.hooks import Event, Hooks
from ingest.embedder import Embedder

if TYPE_CHECKING:
    from finetune.retrieval.trainers import Progress

# What is being done, how much of it is done, and of how much.
Watch = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """`load` gives the embedder of a name or folder, `source` the place of its weights.

    `watch` is told how far things are.
    """

    load: Callable[[str], Embedder]
    source: Callable[[str], str]
    watch: Watch = lambda *_: None
    hooks: Hooks = field(default_factory=Hooks)

    def report(self, folder: Path) -> "Callable[[Progress], None]":
        """What a trainer is to call on the way, for its run in `folder`."""

        def told(step: "Progress") -> None:
            self.watch(f"training, loss {step.loss:.3f}", step.step, step.of)
            if step.saved:
                self.hooks.tell(Event("epoch ended", str(folder), step._asdict()))

        return told
