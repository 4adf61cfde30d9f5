"""Where the stages of a sync run: `Engine`, and the one that runs them here, in threads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from ingest.batch import Batch, Embedding, batches
from ingest.changes import Known
from ingest.pipeline import Line
from ingest.take import Preparing, Reading

# Files that are read, and texts that are ready, before they are needed.
READ_AHEAD, PREPARED_AHEAD, BATCHES_AHEAD = 16, 16, 2


@dataclass(frozen=True, slots=True)
class Way:
    """The stages up to publication; of a dry run nothing is embedded.

    Up to `readers` files are read at a time, and chunks are gathered until there are `batch` of them.
    """

    reading: Reading
    preparing: Preparing
    embedding: Embedding | None
    readers: int
    batch: int


class Engine(Protocol):
    """Runs the stages, wherever that is."""

    def made(self, line: Line, way: Way, files: Iterable[Known]) -> Iterator[Batch]:
        """What becomes of `files`, in their order, with the vectors of what is to be published, if any is.

        `line` ends what works for it, however that comes.
        """
        ...


class Local:
    """The stages in threads of this process, at the same time, each a bounded number of files ahead."""

    def made(self, line: Line, way: Way, files: Iterable[Known]) -> Iterator[Batch]:
        """As `Engine.made`."""
        read = line.stage(way.reading, files, threads=way.readers, ahead=READ_AHEAD)
        prepared = line.stage(way.preparing, read, ahead=PREPARED_AHEAD)
        gathered = batches(prepared, way.batch)
        return line.stage(way.embedding, gathered, ahead=BATCHES_AHEAD) if way.embedding else gathered
