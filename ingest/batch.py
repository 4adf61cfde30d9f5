"""Files on their way into the library, gathered until there are enough chunks to embed at once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ingest.edition import Edition
from ingest.embedder import Embedder
from ingest.library import Library
from ingest.record import FileTrace
from ingest.report import Report
from ingest.store import Vectors, embedded_text
from ingest.survey import Survey
from ingest.take import Taken

# Files that are gathered at most: of unchanged ones no chunk ever comes.
MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class Batch:
    """Files in their order, and their chunks' vectors (chunks, dimension), None before they are made."""

    files: tuple[Taken, ...]
    vectors: Vectors | None = field(default=None, compare=False)

    @property
    def editions(self) -> list[Edition]:
        """What there is to publish."""
        return [edition for file in self.files for edition in file.editions]

    @property
    def traces(self) -> list[FileTrace]:
        """What the files leave."""
        return [file.trace for file in self.files if file.trace]


def batches(files: Iterable[Taken], size: int) -> Iterator[Batch]:
    """Gather files until they have `size` chunks; a file is never divided."""
    gathered: list[Taken] = []
    chunks = 0
    for file in files:
        gathered.append(file)
        chunks += sum(len(edition.chunks) for edition in file.editions)
        if chunks >= size or len(gathered) >= MOST_FILES:
            yield Batch(tuple(gathered))
            gathered, chunks = [], 0
    if gathered:
        yield Batch(tuple(gathered))


@dataclass(frozen=True, slots=True)
class Embedding:
    """The third stage: the chunks of a batch get their vectors."""

    embedder: Embedder

    def __call__(self, batch: Batch) -> Batch:
        """The batch with its vectors. Where there is nothing to publish nothing is loaded."""
        editions = batch.editions
        return Batch(batch.files, vectors(self.embedder, editions)) if editions else batch


def vectors(embedder: Embedder, editions: Iterable[Edition]) -> Vectors:
    """Those of the editions' chunks, in order: (chunks, dimension)."""
    return embedder.encode([embedded_text(point) for edition in editions for point in edition.points()])


@dataclass(frozen=True, slots=True)
class Publishing:
    """The last stage: a batch goes into the library, and is then counted."""

    library: Library
    tenant: str
    counting: "Counting"
    by: str  # the embedder's name

    def __call__(self, batch: Batch) -> None:
        """Publish what there is; count what was published."""
        folded: frozenset[str] = frozenset()
        if batch.vectors is not None:
            folded = self.library.publish(batch.editions, batch.vectors, self.by)
        self.library.catalog.quarantine.hold([case for file in batch.files for case in file.held])
        self.library.catalog.trace(self.tenant, batch.traces)
        self.counting(batch, folded)


@dataclass(frozen=True, slots=True)
class Counting:
    """What became of a batch goes into the survey and the report: all there is to a dry run's last stage.

    Of each file somebody else is `told` too.
    """

    survey: Survey
    report: Report
    told: Callable[[Taken], None]

    def __call__(self, batch: Batch, folded: frozenset[str] = frozenset()) -> None:
        """Count the batch; of the documents `folded` nothing was written."""
        for file in batch.files:
            self._count(file, folded)

    def _count(self, file: Taken, folded: frozenset[str]) -> None:
        self.survey.settle(file.known.found.uri, file.fate)
        for uri in file.kept:
            self.survey.keep(uri)
        for edition in file.editions:
            document = edition.document
            self.survey.keep(document.uri)
            if document.uri not in file.known.versions:
                self.survey.arrive(document.uri, document.content_hash)
        self.report.count(file, folded)
        self.told(file)
