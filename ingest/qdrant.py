"""Qdrant's server or cluster as a vector store, by URL. The only module that imports `qdrant_client`.

What Edge does in this process (ingest.edge) the server does for several: the same points, words, filters,
graphs and fusion. Two things differ. Where a collection has several shards, BM25 counts words within each.
And the server optimizes by itself, in the background.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from ingest.access import AccessFilter, Principal, access_filter
from ingest.address import Address, Spread
from ingest.documents import Passage
from ingest.errors import StoreFault
from ingest.payload import INDEXES, SUPERSEDED, Index, payload, point
from ingest.settings import IngestSettings
from ingest.store import CANDIDATES, Mode, Past, Point, Question, Vectors, indexed_words, passage
from ingest.where import EVERYWHERE, Where
from ingest.words import Weights, Words

T = TypeVar("T")
DENSE, SPARSE = "dense", "words"
PAGE = 512
# Points in one request: some two megabytes of JSON.
BATCH = 100
ATTEMPTS = 4
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0  # seconds
# A cluster that moves a shard, a server that starts or has too much to do.
PASSING = {408, 425, 429, 500, 502, 503, 504}
# Below it word statistics of what one principal may read cannot be asked for, and those of all would be used.
OLDEST = (1, 19)
UNREACHABLE = "see that it runs, and that PLUMBLINE_INGEST__QDRANT_URL and _QDRANT_CA are right"
REMEDIES = {
    401: "set PLUMBLINE_INGEST__QDRANT_API_KEY",
    403: "give PLUMBLINE_INGEST__QDRANT_API_KEY the right to write, and to make collections",
    404: "the collection is gone: restore it from a snapshot, or begin with an empty catalog",
    507: "make room on its disk",
}
KEYWORD = partial(models.KeywordIndexParams, type=models.KeywordIndexType.KEYWORD)
SCHEMAS: dict[Index, Any] = {
    Index.TENANT: KEYWORD(is_tenant=True),
    Index.KEYWORD: KEYWORD(enable_hnsw=False),
    Index.PREFIX: KEYWORD(prefix=True, enable_hnsw=False),
    Index.DAY: models.DatetimeIndexParams(type=models.DatetimeIndexType.DATETIME, enable_hnsw=False),
}
# As Edge's, and for the same reasons.
GRAPHS = models.HnswConfigDiff(m=0, payload_m=16, ef_construct=100, full_scan_threshold=10_000)
BYTES = models.ScalarQuantization(
    scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
)
NEAREST = models.SearchParams(
    hnsw_ef=256, quantization=models.QuantizationSearchParams(rescore=True, oversampling=2.0)
)


class QdrantStore:
    """Points in a collection of a server. Every request may be sent twice: a point's id is its identity."""

    def __init__(self, client: QdrantClient, collection: str) -> None:
        self._client, self._collection = client, collection
        self._words = Words()

    def write(self, points: Sequence[Point], vectors: Vectors) -> None:
        """Store points with their vectors; a point that is there already is replaced by its equal."""
        rows = [self._row(one, vector) for one, vector in zip(points, vectors.tolist(), strict=True)]
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            asked(partial(self._client.upsert, self._collection, part, wait=True))

    def drop(self, versions: Collection[str]) -> None:
        """Remove all points of `versions`."""
        if versions:
            chosen = models.FilterSelector(filter=models.Filter(must=[_any_of("version", versions)]))
            asked(lambda: self._client.delete(self._collection, chosen, wait=True))

    def search(self, principal: Principal, question: Question, hidden: Collection[str]) -> list[Passage]:
        """The best passages for `question` that `principal` may read, best first."""
        access = access_filter(principal)
        request = self._request(question, access.tenant, _translated(access, hidden))
        if request is None:
            return []
        kept: dict[str, Any] = {"with_payload": True, "with_vectors": [DENSE]}
        found = asked(lambda: self._client.query_points(self._collection, **request, **kept)).points
        passages = [passage(point(hit.payload or {}), hit.score, _dense(hit)) for hit in found]
        return sorted(passages, key=lambda hit: (-hit.score, hit.chunk_id))[: question.k]

    def points(self, principal: Principal, hidden: Collection[str]) -> Iterator[Point]:
        """Every point that `principal` may read."""
        allowed, offset = _translated(access_filter(principal), hidden), None
        while True:
            records, offset = asked(
                partial(
                    self._client.scroll, self._collection, allowed, PAGE, offset=offset, with_payload=True
                )
            )
            yield from (point(record.payload or {}) for record in records)
            if offset is None:
                return

    def count(self, principal: Principal, hidden: Collection[str]) -> int:
        """How many points `principal` may read."""
        allowed = _translated(access_filter(principal), hidden)
        return asked(lambda: self._client.count(self._collection, count_filter=allowed, exact=True)).count

    def flush(self) -> None:
        """Nothing to do: a write returns when the server has it in its log, on `write_consistency` copies."""

    def optimize(self) -> None:
        """Nothing to do: the server does so by itself."""

    def due(self) -> bool:
        """Never, as above."""
        return False

    def copy(self, place: Path) -> None:
        """Nothing to do: it is never due."""

    def close(self) -> None:
        """Nothing to do: the connection is the server's, not the collection's."""

    def _row(self, one: Point, vector: list[float]) -> models.PointStruct:
        words = self._words.of_text(one.access.tenant, indexed_words(one))
        vectors: dict[str, Any] = {DENSE: vector, SPARSE: _sparse(words)}
        return models.PointStruct(id=one.point_id, vector=vectors, payload=payload(one))

    def _request(self, question: Question, tenant: str, allowed: models.Filter) -> dict[str, Any] | None:
        """One request; the filter stands in every stage. None when there is nothing to look for."""
        within = _without(_narrowed(allowed, question.where, question.standing), question.past)
        sides: list[dict[str, Any]] = []
        if question.mode is not Mode.SPARSE and question.vector is not None:
            sides.append({"query": question.vector.tolist(), "using": DENSE, "params": NEAREST})
        words = self._words.of_question(tenant, question.text)
        if question.mode is not Mode.DENSE and words.indices:
            # As in ingest.edge: word statistics over what this principal may read, and no others.
            scope = models.SearchParams(idf=models.IdfCorpusParams(corpus=allowed))
            sides.append({"query": _sparse(words), "using": SPARSE, "params": scope})
        return _fused(sides, question, within)


def _fused(sides: list[dict[str, Any]], question: Question, within: models.Filter) -> dict[str, Any] | None:
    if not sides:
        return None
    if len(sides) == 1:
        [side] = sides
        params = side.pop("params")
        return {**side, "query_filter": within, "search_params": params, "limit": question.k}
    wanted = max(CANDIDATES, 2 * question.k)
    prefetch = [models.Prefetch(**side, filter=within, limit=wanted) for side in sides]
    fusion = models.FusionQuery(fusion=models.Fusion.DBSF)
    return {"prefetch": prefetch, "query": fusion, "query_filter": within, "limit": question.k}


def _sparse(words: Weights) -> models.SparseVector:
    return models.SparseVector(indices=words.indices, values=words.values)


def _dense(hit: models.ScoredPoint) -> Vectors:
    return np.asarray(cast("dict[str, list[float]]", hit.vector)[DENSE], dtype=np.float32)


def _translated(access: AccessFilter, hidden: Collection[str]) -> models.Filter:
    """The access filter, and the hidden versions, in the server's terms. Nothing else builds a filter."""
    must: list[Any] = [models.FieldCondition(key="tenant", match=models.MatchValue(value=access.tenant))]
    if access.groups is not None:
        readable: list[Any] = [models.IsEmptyCondition(is_empty=models.PayloadField(key="groups"))]
        if access.groups:
            readable.append(_any_of("groups", access.groups))
        must.append(models.Filter(should=readable))
    return models.Filter(must=must, must_not=[_any_of("version", hidden)] if hidden else None)


def _narrowed(allowed: models.Filter, where: Where, standing: Collection[str]) -> models.Filter:
    """What `allowed` lets through and `where` asks for; what is `standing` for a copy there lies there."""
    if where == EVERYWHERE:
        return allowed
    must: list[Any] = [allowed]
    named = {"labels": where.labels, "language": where.languages}
    must += [_any_of(field, values) for field, values in named.items() if values]
    if where.path:
        starts = [models.MatchPrefix(prefix=start) for start in where.below]
        inside = [models.FieldCondition(key="uri", match=start) for start in starts]
        must.append(models.Filter(should=[_any_of("uri", [where.path, *standing]), *inside]))
    if where.since or where.until:
        span = models.DatetimeRange(gte=cast("Any", where.since), lte=cast("Any", where.until))
        must.append(models.FieldCondition(key="dated", range=span))
    without = [_any_of("labels", where.without_labels)] if where.without_labels else None
    return models.Filter(must=must, must_not=without)


def _without(within: models.Filter, past: Past) -> models.Filter:
    """What `within` lets through, less what is past."""
    left_out: list[Any] = []
    if past.expired_before:
        span = models.DatetimeRange(lt=cast("Any", past.expired_before))
        left_out.append(models.FieldCondition(key="expires", range=span))
    if past.superseded:
        left_out.append(_any_of("state", [SUPERSEDED]))
    return models.Filter(must=[within], must_not=left_out) if left_out else within


def _any_of(field: str, values: Collection[str]) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchAny(any=sorted(values)))


class QdrantServer:
    """A server's collections, as `ingest.stores.Stores`. The names of all of them begin with `prefix`."""

    shared = True

    def __init__(self, client: QdrantClient, prefix: str, spread: Spread) -> None:
        self.client, self._prefix, self._spread = client, prefix, spread

    @classmethod
    def at(cls, address: Address, prefix: str, spread: Spread) -> Self:
        """The one at `address`. Nothing is sent yet."""
        trust: dict[str, Any] = {"verify": str(address.authority)} if address.authority else {}
        client = QdrantClient(
            url=address.url,
            # Not as `api_key`: the client would warn, on a private network without TLS, at each start.
            headers={"api-key": address.key} if address.key else None,
            timeout=address.timeout,
            check_compatibility=False,  # it would ask at once, and only warn: `open` asks, and refuses
            **trust,
        )
        return cls(client, prefix, spread)

    @classmethod
    def of(cls, url: str, settings: IngestSettings) -> Self:
        """The one that the settings name."""
        key = settings.qdrant_api_key
        secret = key.get_secret_value() if key else None
        address = Address(url, secret, settings.qdrant_ca, settings.qdrant_timeout)
        copies = (settings.qdrant_replicas, settings.qdrant_write_consistency)
        return cls.at(address, settings.qdrant_prefix, Spread(settings.qdrant_shards, *copies))

    def open(self, name: str, dimension: int) -> QdrantStore:
        """Open the collection, or create it.

        Raises:
            StoreFault: the server cannot be reached, is too old, or its vectors have another dimension.
        """
        self._check_version()
        collection = self._named(name)
        if not asked(lambda: self.client.collection_exists(collection)):
            self._create(collection, dimension)
        for field, index in INDEXES.items():
            asked(partial(self.client.create_payload_index, collection, field, SCHEMAS[index], wait=True))
        vectors = asked(lambda: self.client.get_collection(collection)).config.params.vectors
        size = vectors[DENSE].size if isinstance(vectors, dict) and DENSE in vectors else None
        if size != dimension:
            raise StoreFault(
                f"the collection {collection} has vectors of another dimension ({size}, not {dimension})",
                "give it the name of another prefix (PLUMBLINE_INGEST__QDRANT_PREFIX), or remove it",
            )
        return QdrantStore(self.client, collection)

    def check(self, name: str) -> None:
        """Nothing to do: a request to a collection that is gone fails, and changes nothing."""

    def keep(self, name: str) -> None:
        """Remove the other collections of the same catalog."""
        family = self._named(name).rpartition("-")[0]
        for found in asked(self.client.get_collections).collections:
            if found.name.startswith(f"{family}-") and found.name != self._named(name):
                asked(partial(self.client.delete_collection, found.name))

    def _named(self, name: str) -> str:
        return f"{self._prefix}-{name}"

    def _check_version(self) -> None:
        version = asked(self.client.info).version
        found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
        if found < OLDEST:
            wanted = ".".join(map(str, OLDEST))
            raise StoreFault(f"the Qdrant server is of version {version}", f"run {wanted} or a later one")

    def _create(self, collection: str, dimension: int) -> None:
        try:
            asked(
                lambda: self.client.create_collection(
                    collection,
                    # The vectors have unit length, so the dot product is the cosine.
                    vectors_config={
                        DENSE: models.VectorParams(size=dimension, distance=models.Distance.DOT, on_disk=True)
                    },
                    sparse_vectors_config={SPARSE: models.SparseVectorParams(modifier=models.Modifier.IDF)},
                    shard_number=self._spread.shards,
                    replication_factor=self._spread.replicas,
                    write_consistency_factor=self._spread.write_consistency,
                    hnsw_config=GRAPHS,
                    quantization_config=BYTES,
                    on_disk_payload=True,
                )
            )
        except StoreFault:
            # Sent twice, or made by another process a moment ago: then it is there.
            if not asked(lambda: self.client.collection_exists(collection)):
                raise


def asked(request: Callable[[], T]) -> T:
    """What the server answers to `request`, which may be sent several times.

    Raises:
        StoreFault: it does not answer, or not as it should. The server's words are left out: they may quote.
    """
    patient = Retrying(
        retry=retry_if_exception(_passes),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential_jitter(max=LONGEST_WAIT, jitter=FIRST_WAIT, multiplier=FIRST_WAIT),
        reraise=True,
    )
    try:
        return patient(request)
    except UnexpectedResponse as error:
        remedy = REMEDIES.get(error.status_code or 0, "see its log")
        raise StoreFault(f"the Qdrant server answered {error.status_code}", remedy) from error
    except ResponseHandlingException as error:
        kind = type(error.source).__name__
        raise StoreFault(f"the Qdrant server cannot be reached ({kind})", UNREACHABLE) from error
    except (ApiException, QdrantException) as error:
        raise StoreFault(f"the Qdrant server failed ({type(error).__name__})", "see its log") from error


def _passes(error: BaseException) -> bool:
    """Whether the same request may well succeed a moment later."""
    if isinstance(error, UnexpectedResponse):
        return error.status_code in PASSING
    return isinstance(error, ResponseHandlingException | ResourceExhaustedResponse)
