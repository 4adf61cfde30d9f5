"""What a sync is told to do, and what it works with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.chunk import Sizes
from ingest.embedder import Embedder
from ingest.engine import Engine, Local
from ingest.errors import Misuse
from ingest.folder import Properties
from ingest.globs import EVERYTHING, Globs
from ingest.journal import Journal, NoJournal
from ingest.library import Library
from ingest.load import MAX_BYTES, Loads
from ingest.scan import Root
from ingest.screen import NO_SCREENS, Screens
from ingest.take import Taken


def no_other(name: str) -> Embedder:
    """For tools that make no embedders. Raises `Misuse`."""
    raise Misuse(f"the embedder {name!r} cannot be made here", "set PLUMBLINE_INGEST__EMBEDDER")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a sync works with. What `screens` decide goes into the `journal`.

    Up to `readers` files are read at a time. Chunks are gathered, over documents, until there are `batch` of
    them to embed and publish together.
    `cluster` gives the engine of a sync that is to run on one; `embedder` makes another one by its name.
    A root that would lose more than `prune_fraction` of its documents loses none without being told to.
    """

    library: Library
    loader: Loads
    screens: Screens = NO_SCREENS
    journal: Journal = field(default_factory=NoJournal)
    sizes: Sizes = field(default_factory=Sizes)
    readers: int = 2
    batch: int = 256
    prune_fraction: float = 0.2
    max_bytes: int = MAX_BYTES
    cluster: Callable[[], Engine] = Local
    embedder: Callable[[str], Embedder] = no_other


@dataclass(frozen=True, slots=True)
class Order:
    """What to sync: files at and below `roots`, with `properties` unless a manifest says otherwise.

    Of their files `only` some may be meant; the others count as vanished. A `dry` run says what would become
    of them and writes nothing. `subject` asked for it, if not the local administrator. Its stages run in
    `engine`. Each file that is done is `told`, in a thread of the sync, once all that it holds is published.
    """

    roots: tuple[Root, ...]
    properties: Properties
    prune: bool = False
    only: Globs = EVERYTHING
    dry: bool = False
    subject: str = "local-administrator"
    engine: Engine = field(default_factory=Local)
    told: Callable[[Taken], None] = lambda _file: None

    @property
    def tenant(self) -> str:
        """Whose documents they are."""
        return self.properties.access.tenant
