"""What a chunk costs: embedding, writing, indexing, keeping and finding it. Feeds deploy/CAPACITY.md.

    .venv/bin/python tests/bench/index.py --chunks 100000

Texts are made of common words; vectors beyond the first thousand texts are random, since embedding them all
would take hours and the index does not care.
"""

import argparse
import random
import resource
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ingest.access import Access, Principal
from ingest.documents import Chunk
from ingest.edge import EdgeStore
from ingest.embedders import configured
from ingest.settings import IngestSettings
from ingest.store import Mode, Point, Question, Vectors, VectorStore, embedded_text

BATCH = 1_000
QUESTIONS = 200
WORDS = ("the", "of", "leave", "pump", "contract", "invoice", "supplier", "water", "error", "month", "travel")


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--chunks", type=int, default=100_000)
    count = parser.parse_args().chunks
    settings = IngestSettings()
    embedder = configured(settings)
    dice = random.Random(7)  # noqa: S311  # made-up texts
    embedder.encode_query("warm")
    texts = [embedded_text(point) for point in _points(BATCH, dice)]
    _tell("embedding", BATCH / _seconds(lambda: embedder.encode(texts)), "chunks/s")
    with tempfile.TemporaryDirectory() as folder:
        store = EdgeStore(Path(folder) / "shard", embedder.dimension)
        _index(store, count, embedder.dimension, dice)
        _find(store, embedder.dimension, dice)
        store.close()
        blocks = sum(file.stat().st_blocks for file in Path(folder).rglob("*") if file.is_file())
        _tell("disk", blocks * 512 / count, "bytes/chunk")


def _index(store: VectorStore, count: int, dimension: int, dice: random.Random) -> None:
    before, spent = _resident(), 0.0
    for _ in range(0, count, BATCH):
        points, vectors = list(_points(BATCH, dice)), _vectors(BATCH, dimension)
        spent += _seconds(lambda points=points, vectors=vectors: store.write(points, vectors))
    _tell("writing", count / spent, "chunks/s")
    _tell("building the search index", _seconds(store.optimize), "s")
    _tell("memory", (_resident() - before) / count, "bytes/chunk")


def _find(store: VectorStore, dimension: int, dice: random.Random) -> None:
    someone = Principal("default", "bench", frozenset({"staff"}))
    for mode in (Mode.DENSE, Mode.HYBRID):
        times = []
        for _ in range(QUESTIONS):
            asked = Question(" ".join(dice.choices(WORDS, k=6)), _vectors(1, dimension)[0], 10, mode)
            times.append(_seconds(lambda asked=asked: store.search(someone, asked, ())))
        _tell(f"a {mode.value} query, filtered, median", statistics.median(times) * 1_000, "ms")


def _points(count: int, dice: random.Random) -> Iterator[Point]:
    """Chunks of a document of a hundred, each of 30 to 150 words; a third of the documents are restricted."""
    for number in range(count):
        if number % 100 == 0:
            document, access = str(uuid.uuid4()), Access.of("default", dice.choice([(), ("staff",), ("hr",)]))
        text = " ".join(dice.choices(WORDS, k=dice.randint(30, 150)))
        chunk = Chunk(str(uuid.uuid4()), document, number % 100, text, 0, len(text))
        yield Point("v1", chunk, f"file:///{document}.md", "A document", access)


def _vectors(count: int, dimension: int) -> Vectors:
    made = np.random.default_rng().normal(size=(count, dimension)).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _resident() -> int:
    """Bytes in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _tell(what: str, figure: float, unit: str) -> None:
    print(f"{what:36} {figure:12,.2f} {unit}")  # noqa: T201  # a bench prints


if __name__ == "__main__":
    main()
