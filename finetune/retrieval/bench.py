"""What a training of search works with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from finetune.hooks import Hooks
from ingest.embedder import Embedder

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
