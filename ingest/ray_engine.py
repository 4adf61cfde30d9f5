"""The stages of a sync on a Ray cluster: texts are read and cut in one pool of actors, embedded in another.

The only module that imports `ray`. Files are named to the cluster by their paths, so every node needs the
same folders, the same checkout and the same environment; the index and the record of what the rails decided
stay with the process that asks, which publishes what comes back, in order.
"""

import logging
import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import partial
from itertools import chain, islice
from typing import Any

import pyarrow as pa
import ray
import ray.data
from ray.data import ActorPoolStrategy, Dataset
from ray.exceptions import RayError

from guardrails.policy import Policy
from ingest.batch import Batch, Embedding
from ingest.changes import Known
from ingest.embedder import Embedder
from ingest.engine import Way
from ingest.errors import RayFault
from ingest.journal import Journal, Screened
from ingest.load import Loads
from ingest.pipeline import Line
from ingest.screen import Screen, Screening
from ingest.take import Preparing, Reading, Taken

# Files in a block: what an actor is given at a time, and what is embedded and published together.
FILES = 32
COLUMN = "value"
Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Makers:
    """How an actor makes what it works with. They are pickled."""

    loader: Callable[[], Loads]
    screen: Callable[[Policy], Screen]
    embedder: Callable[[], Embedder]


@dataclass(frozen=True, slots=True)
class OnRay:
    """Runs the stages on a cluster: `workers` actors that read, as many that embed, with a model each.

    `address` is the cluster's; without one, that of `RAY_ADDRESS` or else a cluster of this machine alone.
    A worker takes one core, and `gpus` of the accelerators.
    """

    makers: Makers
    workers: int = 2
    gpus: float = 0.0
    address: str | None = None

    def made(self, line: Line, way: Way, files: Iterable[Known]) -> Iterator[Batch]:  # noqa: ARG002  # the protocol's; Ray ends its own
        """As `Engine.made`.

        Raises:
            RayFault: the cluster cannot be reached, or failed.
        """
        try:
            with _connected(self.address):
                yield from self._made(way, files)
        except (RayError, ConnectionError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise RayFault(
                f"the Ray cluster failed ({type(error).__name__}: {reason})",
                "check `ray status` and PLUMBLINE_INGEST__RAY_ADDRESS, or sync with --engine local",
            ) from error

    def _made(self, way: Way, files: Iterable[Known]) -> Iterator[Batch]:
        blocks = [ray.put(block) for block in _blocks(files)]
        if not blocks:
            return
        policy = way.preparing.screening.policy
        taking = (
            self.makers,
            policy,
            _without(way.reading, "loader"),
            _without(way.preparing, "screening", "journal"),
        )
        met = ray.data.from_arrow_refs(blocks)  # type: ignore[arg-type]  # its own kind of reference
        data = self._stage(met, TakesFiles, taking)
        if way.embedding:
            data = self._stage(data, EmbedsChunks, (self.makers,), self.gpus)
        else:
            data = data.map_batches(gathers_files, batch_size=None)
        for row in data.iter_rows():
            yield _noted(pickle.loads(row[COLUMN]), way.preparing.journal)  # noqa: S301  # our actors wrote it

    def _stage(self, data: Dataset, actor: type, given: tuple[object, ...], gpus: float = 0.0) -> Dataset:
        return data.map_batches(
            actor,
            batch_size=None,
            compute=ActorPoolStrategy(size=self.workers),
            fn_constructor_args=given,
            num_cpus=0.5,
            num_gpus=gpus,
        )


@dataclass(slots=True)
class Notes:
    """A journal of one file, kept until it is where the real one is."""

    screened: list[Screened] = field(default_factory=list)

    def note(self, screened: Screened) -> None:
        """As `Journal.note`."""
        self.screened.append(screened)


File = tuple[Taken, list[Screened]]


class TakesFiles:
    """An actor that reads, cleans, screens and cuts files."""

    def __init__(
        self,
        makers: Makers,
        policy: Policy,
        reading: Callable[..., Reading],
        preparing: Callable[..., Preparing],
    ) -> None:
        self._reading = reading(loader=makers.loader())
        self._preparing = partial(preparing, screening=Screening(makers.screen(policy), policy))

    def __call__(self, block: Block) -> Block:
        """Files that were met, one a row, to what becomes of them, all in one row."""
        return _row([self._take(pickle.loads(known)) for known in block[COLUMN]])  # noqa: S301  # the sync wrote it

    def _take(self, known: Known) -> File:
        notes = Notes()
        return self._preparing(journal=notes)(self._reading(known)), notes.screened


class EmbedsChunks:
    """An actor with a model."""

    def __init__(self, makers: Makers) -> None:
        self._embedding = Embedding(makers.embedder())

    def __call__(self, block: Block) -> Block:
        """Rows of files to one row: a batch with its vectors, and the files' notes."""
        batch, notes = _gathered(block)
        return _row((self._embedding(batch), notes))


def gathers_files(block: Block) -> Block:
    """The same without vectors, for a dry run."""
    return _row(_gathered(block))


def _gathered(block: Block) -> tuple[Batch, list[list[Screened]]]:
    files: list[File] = [file for row in block[COLUMN] for file in pickle.loads(row)]  # noqa: S301  # as above
    return Batch(tuple(taken for taken, _ in files)), [notes for _, notes in files]


def _noted(made: tuple[Batch, list[list[Screened]]], journal: Journal) -> Batch:
    """The batch, once what the rails decided is on record.

    Raises:
        NoRecord: it cannot be; nothing of the batch is published then, and the sync ends.
    """
    batch, notes = made
    for screened in chain.from_iterable(notes):
        journal.note(screened)
    return batch


def _without(stage: Reading | Preparing, *names: str) -> Callable[..., Any]:
    """What makes the stage anew, where what it works with is made: all but `names` is given."""
    given = {each.name: getattr(stage, each.name) for each in fields(stage) if each.name not in names}
    return partial(type(stage), **given)


def _blocks(files: Iterable[Known]) -> Iterator[pa.Table]:
    """A file a row."""
    left = iter(files)
    while some := list(islice(left, FILES)):
        yield pa.table({COLUMN: pa.array(map(pickle.dumps, some), pa.large_binary())})


def _row(value: object) -> Block:
    """A block of one row."""
    return {COLUMN: [pickle.dumps(value)]}


@contextmanager
def _connected(address: str | None) -> Iterator[None]:
    """In a cluster; one that was started for this is ended with it."""
    before = ray.is_initialized()
    if not before:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=None)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    try:
        yield
    finally:
        if not before:
            ray.shutdown()
