"""What a sync is told to do, and what it works with."""

from dataclasses import dataclass, field

from ingest.chunk import Sizes
from ingest.folder import Properties
from ingest.journal import Journal, NoJournal
from ingest.library import Library
from ingest.load import MAX_BYTES, Loader
from ingest.scan import Root
from ingest.screen import NO_SCREENS, Screens


@dataclass(frozen=True, slots=True)
class Tools:
    """What a sync works with. What `screens` decide goes into the `journal`.

    Chunks are gathered, over documents, until there are `batch` of them to embed and publish together.
    A root that would lose more than `prune_fraction` of its documents loses none without being told to.
    """

    library: Library
    loader: Loader
    screens: Screens = NO_SCREENS
    journal: Journal = field(default_factory=NoJournal)
    sizes: Sizes = field(default_factory=Sizes)
    batch: int = 256
    prune_fraction: float = 0.2
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Order:
    """What to sync: files at and below `roots`, with `properties` unless a manifest says otherwise.

    `subject` asked for it, if not the local administrator.
    """

    roots: tuple[Root, ...]
    properties: Properties
    prune: bool = False
    subject: str = "local-administrator"
