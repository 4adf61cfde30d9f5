"""Qdrant Edge as a vector store: the engine in this process, its files in one folder.

The only module that imports `qdrant_edge`. One process owns the folder (`ingest.lock`); its threads
may share the shard.
"""

import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import numpy as np
import qdrant_edge as engine

from ingest.access import AccessFilter, Principal, access_filter, readers
from ingest.copying import copy_folder
from ingest.documents import Passage
from ingest.edge_filter import READERS, allowed, any_of, name_readers, narrowed, without
from ingest.edge_words import SPARSE, WordCounts
from ingest.errors import StoreFault
from ingest.payload import INDEXES, Index, payload, point
from ingest.store import CANDIDATES, Mode, Point, Question, Vectors, indexed_words, passage
from ingest.words import Weights, Words

DENSE = "dense"
# No graphs but the tenants': a question always names one, and what else it asks for narrows that down.
SCHEMAS: dict[Index, "engine.PayloadSchemaParams"] = {
    Index.TENANT: engine.KeywordIndexParams(is_tenant=True),
    Index.KEYWORD: engine.KeywordIndexParams(enable_hnsw=False),
    Index.PREFIX: engine.KeywordIndexParams(prefix=True, enable_hnsw=False),
    Index.DAY: engine.DatetimeIndexParams(enable_hnsw=False),
}
PAGE = 512
# Kilobytes of vectors in a segment below which it is scanned, exactly, instead of indexed: some 40,000 chunks
# of 384 dimensions over all tenants. A question scans its tenant's part of them alone.
SCANNED_KILOBYTES = 64_000
# What an indexed segment has. A graph for each tenant instead of one for all: built in a seventh of the time,
# and never left by a question; a tenant's chunks below `full_scan_threshold` kilobytes are scanned. Vectors
# of a byte a number, in memory, find twice as many candidates as are asked for, and the exact vectors, mapped
# from disk, rank them. Measured by tests/bench/scale.py; figures in DECISIONS.md.
GRAPHS = engine.HnswIndexConfig(m=0, payload_m=16, ef_construct=100, full_scan_threshold=10_000)
BYTES = engine.ScalarQuantizationConfig(engine.ScalarType.Int8, quantile=0.99, memory=engine.Memory.Pinned)
NEAREST = engine.SearchParams(
    hnsw_ef=256, quantization=engine.QuantizationSearchParams(rescore=True, oversampling=2.0)
)
VALUE = 4  # bytes of a number
BLOCK = 512  # what `stat` counts in
# Bytes that have to be free before anything is written. The engine's files are sparse and mapped into
# memory: a write into a hole that the disk has no block for is no error but a SIGBUS, the end of the
# process. A new store fills some 30 MiB of holes, a write of 500 chunks some 5; the rest is for whatever
# else may fill the disk between the look and the write.
RESERVE = 64 * 2**20


class EdgeStore:
    """Points in a Qdrant Edge shard: dense vectors, BM25 over the words, payload indexes for the filter."""

    def __init__(self, folder: Path, dimension: int) -> None:
        """Open the shard in `folder`, or create it.

        Raises:
            StoreFault: another process holds it, it is damaged, its vectors have another dimension, or the
                disk has no room for a new one.
        """
        self._folder, self._dimension = folder, dimension
        self._words = Words()
        with _Seam():
            self._shard = _opened(folder, dimension)
        self._counts = WordCounts(self._shard)

    def write(self, points: Sequence[Point], vectors: Vectors) -> None:
        """Store points with their vectors; a point that is there already is replaced by its equal.

        Raises:
            StoreFault: among others, less than `RESERVE` is free on the disk; nothing is written then.
        """
        if not points:
            return
        _check_room(self._folder)
        rows = [self._row(one, vector) for one, vector in zip(points, vectors.tolist(), strict=True)]
        self._update(engine.UpdateOperation.upsert_points(rows))

    def drop(self, versions: Collection[str]) -> None:
        """Remove all points of `versions`."""
        if versions:
            chosen = engine.Filter(must=[any_of("version", versions)])
            self._update(engine.UpdateOperation.delete_points_by_filter(chosen))

    def search(self, principal: Principal, question: Question, hidden: Collection[str]) -> list[Passage]:
        """The best passages for `question` that `principal` may read, best first."""
        with _Seam():
            request = self._request(question, access_filter(principal), frozenset(hidden))
            found = self._shard.query(request) if request else []
        passages = [passage(point(hit.payload or {}), hit.score, _dense(hit)) for hit in found]
        return sorted(passages, key=lambda hit: (-hit.score, hit.chunk_id))[: question.k]

    def points(self, principal: Principal, hidden: Collection[str]) -> Iterator[Point]:
        """Every point that `principal` may read."""
        readable, offset = allowed(access_filter(principal), hidden), None
        while True:
            with _Seam():
                records, offset = self._shard.scroll(
                    engine.ScrollRequest(offset=offset, limit=PAGE, filter=readable, with_payload=True)
                )
            yield from (point(record.payload or {}) for record in records)
            if offset is None:
                return

    def count(self, principal: Principal, hidden: Collection[str]) -> int:
        """How many points `principal` may read."""
        with _Seam():
            readable = allowed(access_filter(principal), hidden)
            return int(self._shard.count(engine.CountRequest(filter=readable)))

    def flush(self) -> None:
        """Write everything to disk."""
        with _Seam():
            self._shard.flush()

    def optimize(self) -> None:
        """Merge segments and build their HNSW graphs. The engine holds the interpreter lock meanwhile.

        So a server has another process do it: `ingest.indexing`.
        Without room on the disk that waits for another time: what is in no graph is scanned, and found.
        """
        if not _has_room(self._folder):
            return
        with _Seam():
            self._shard.optimize()

    def due(self) -> bool:
        """Whether more than `SCANNED_KILOBYTES` lie in no index, and the disk has room for a second store."""
        with _Seam():
            info = self._shard.info()
        # Both of a point's vectors are counted; words have an index at once where anything has one.
        indexed = info.indexed_vectors_count
        lacking = 2 * info.points_count - indexed if indexed else info.points_count
        wanting = lacking * self._dimension * VALUE > SCANNED_KILOBYTES * 1024
        return wanting and _free(self._folder) > RESERVE + 2 * _taken(self._folder)

    def copy(self, place: Path) -> None:
        """Make a copy in the folder `place`; nothing may be written meanwhile."""
        self.flush()
        try:
            copy_folder(self._folder, place)
        except OSError as error:
            raise StoreFault(f"the vector store cannot be copied ({error.strerror})", "make room") from error

    def close(self) -> None:
        """Flush and release the folder."""
        with _Seam():
            self._shard.flush()
            self._shard.close()

    def _row(self, one: Point, vector: list[float]) -> engine.Point:
        words = self._words.of_text(one.access.tenant, indexed_words(one))
        kept = payload(one) | {READERS: readers(one.access)}
        return engine.Point(one.point_id, {DENSE: vector, SPARSE: _sparse(words)}, kept)

    def _update(self, change: engine.UpdateOperation) -> None:
        try:
            with _Seam():
                self._shard.update(change)
        finally:
            self._counts.forget()

    def _request(
        self, question: Question, access: AccessFilter, hidden: frozenset[str]
    ) -> engine.QueryRequest | None:
        """One request; the filter stands in every stage. None when there is nothing to look for."""
        readable = allowed(access, hidden)
        within = without(narrowed(readable, question.where, question.standing), question.past)
        sides = []
        wanted = question.k if question.mode is not Mode.HYBRID else max(CANDIDATES, 2 * question.k)
        if question.mode is not Mode.SPARSE and question.vector is not None:
            nearest = engine.Query.Nearest(question.vector.tolist(), DENSE)
            sides.append(engine.Prefetch(wanted, query=nearest, filter=within, params=NEAREST))
        words = self._words.of_question(access.tenant, question.text).indices
        if question.mode is not Mode.DENSE and words:
            # Counted over all that may be read, wherever the question looks: what is rare does not become
            # common in a folder of it.
            weights, params = self._counts.weighed((access, hidden), readable, words)
            nearest = engine.Query.Nearest(weights, SPARSE)
            sides.append(engine.Prefetch(wanted, query=nearest, filter=within, params=params))
        return _fused(sides, question.k, within)


def _fused(sides: list[engine.Prefetch], k: int, within: engine.Filter) -> engine.QueryRequest | None:
    if not sides:
        return None
    if len(sides) == 1:
        [side] = sides
        return engine.QueryRequest(
            k, query=side.query, filter=within, params=side.params, with_payload=True, with_vector=[DENSE]
        )
    # By the distribution of the scores rather than by ranks: measured better, see DECISIONS.md.
    # The stubs nest the kinds of fusion without deriving them from it, hence the cast.
    fusion = cast("engine.Fusion", engine.Fusion.Dbsf())
    return engine.QueryRequest(
        k, prefetches=sides, query=fusion, filter=within, with_payload=True, with_vector=[DENSE]
    )


def _sparse(words: Weights) -> engine.SparseVector:
    return engine.SparseVector(words.indices, words.values)


def _dense(hit: engine.ScoredPoint) -> Vectors:
    return np.asarray(cast("dict[str, list[float]]", hit.vector)[DENSE], dtype=np.float32)


def _opened(folder: Path, dimension: int) -> engine.EdgeShard:
    if not folder.exists():
        _create(folder, dimension)
    if not (folder / "segments").is_dir():
        raise StoreFault(f"{folder.name} is no vector store", "remove it, or put the right one there")
    # A shard that an earlier version made takes on what has changed since: its graphs at the next `optimize`.
    shard = engine.EdgeShard.load(str(folder), _config(dimension))
    shard.update(engine.UpdateOperation.create_sparse_vector(SPARSE, engine.Modifier.Idf))
    _index(shard, folder)
    probe = engine.Query.Nearest([0.0] * dimension, DENSE)
    shard.query(engine.QueryRequest(1, query=probe))  # refuses vectors of another dimension
    return shard


def _create(folder: Path, dimension: int) -> None:
    """Make a shard beside `folder` and move it there when it is complete: a killed process leaves no half."""
    draft = folder.with_suffix(".new")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _check_room(folder.parent)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    shard = engine.EdgeShard.create(str(draft), _config(dimension))
    shard.close()
    draft.rename(folder)


def _config(dimension: int) -> engine.EdgeConfig:
    # The vectors have unit length, so the dot product is the cosine. Words' are added when it is open.
    sized = engine.EdgeVectorParams(size=dimension, distance=engine.Distance.Dot)
    optimizers = engine.EdgeOptimizersConfig(indexing_threshold=SCANNED_KILOBYTES)
    return engine.EdgeConfig(
        vectors={DENSE: sized}, hnsw_config=GRAPHS, quantization_config=BYTES, optimizers=optimizers
    )


def _index(shard: engine.EdgeShard, folder: Path) -> None:
    """Make the payload indexes that the shard lacks: all of a new one, some of an older one."""
    info = shard.info()
    wanted = INDEXES | {READERS: Index.KEYWORD}
    lacking = wanted.keys() - info.payload_schema.keys()
    if READERS in lacking and info.points_count:
        _check_room(folder)
        name_readers(shard)
    for field in sorted(lacking):
        shard.update(engine.UpdateOperation.create_field_index(field, SCHEMAS[wanted[field]]))
    if lacking:
        shard.flush()


def _check_room(folder: Path) -> None:
    if not _has_room(folder):
        raise StoreFault(
            "the vector store has no room left on its disk",
            f"make some ({RESERVE / 2**20:g} MiB have to be free before anything is written), and try again",
        )


def _has_room(folder: Path) -> bool:
    return _free(folder) >= RESERVE


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise StoreFault(f"the vector store's folder is gone ({error.strerror})", "put it back") from error


def _taken(folder: Path) -> int:
    return sum(file.stat().st_blocks * BLOCK for file in folder.rglob("*") if file.is_file())


class _Seam:
    """Where the engine's errors become ours. It raises bare `Exception`s: just these are caught."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is Exception:
            raise StoreFault(f"the vector store failed ({error})") from error
