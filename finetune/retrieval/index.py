"""Collections indexed in a folder of their own, as documents are, to be searched by their administrator."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.collection import Collection
from eval.retrieval import CHUNKS, Search, Watch, publish
from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.documents import Passage
from ingest.edge import EdgeStore
from ingest.embedder import Embedder
from ingest.library import Library
from ingest.reranker import Order
from ingest.settings import sqlite_url
from ingest.store import Mode, Point


@dataclass(frozen=True, slots=True)
class Index:
    """A collection in a library, searched by its local administrator: through the one filter."""

    library: Library
    collection: Collection

    @property
    def principal(self) -> Principal:
        """Who searches."""
        return Principal.administrator(self.collection.name)

    def points(self) -> list[Point]:
        """Every chunk."""
        return self.library.points(self.principal)

    def found(self, question: str, k: int, mode: Mode = Mode.HYBRID) -> list[Passage]:
        """The `k` best chunks."""
        return self.library.search(self.principal, question, k, mode)

    def search(self, mode: Mode) -> Search:
        """The search in a mode, as `eval.retrieval.scored` takes it."""
        return lambda text: self.found(text, CHUNKS, mode)

    def reordered(self, order: Order) -> Search:
        """The hybrid search in another order."""
        return lambda text: order.best(text, CHUNKS, lambda k: self.found(text, k))


@contextmanager
def indexed(
    collections: Sequence[Collection], embedder: Embedder, watch: Watch = lambda *_: None
) -> Iterator[list[Index]]:
    """The collections, each as a tenant of its own, in an index that is gone at the end."""
    with TemporaryDirectory() as folder:
        catalog = Catalog(sqlite_url(Path(folder) / "catalog.db"))
        with Library(Path(folder), catalog, embedder, EdgeStore) as library:
            for collection in collections:
                publish(library, collection, watch)
            library.optimize()
            yield [Index(library, collection) for collection in collections]
