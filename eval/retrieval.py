"""How well the index finds what is relevant in test collections, by meaning, by words, and by both.

A collection is indexed as any documents are: cleaned, cut into chunks, embedded. What is found are chunks; a
document stands where its best chunk does. Intervals are over the questions of that one collection.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from eval.collection import Collection, Entry
from eval.metrics.ndcg import ndcg
from eval.metrics.recall import recall
from eval.metrics.reciprocal_rank import reciprocal_rank
from eval.metrics.relevance import Ranking
from eval.stats import Comparison, Figure, figure, paired
from ingest.access import Access, Principal
from ingest.batch import vectors
from ingest.chunk import Sizes, chunk
from ingest.clean import clean
from ingest.documents import Extract, Passage
from ingest.edition import Edition, document, version
from ingest.folder import Properties
from ingest.library import Library
from ingest.reranker import Order
from ingest.store import Mode

PLACES = 10  # documents of a ranking that count
# Chunks that are asked for, so that some of one document leave room for that many others.
CHUNKS = 5 * PLACES
BATCH = 200  # documents published together
RERANKED = "hybrid+rerank"  # what a reranker makes of the hybrid search
METRICS: Mapping[str, Callable[[Ranking], float]] = {
    f"ndcg@{PLACES}": lambda found: ndcg(found, PLACES),
    f"recall@{PLACES}": lambda found: recall(found, PLACES),
    f"mrr@{PLACES}": reciprocal_rank,
}
Watch = Callable[[str, int, int], None]
# A question to the passages found, best first.
Search = Callable[[str], list[Passage]]


@dataclass(frozen=True, slots=True)
class Found:
    """Each question's scores: by metric, then by the question's id."""

    scores: Mapping[str, Mapping[str, float]]

    def figures(self) -> dict[str, Figure]:
        """The metrics' means with their intervals."""
        return {name: figure(list(values.values())) for name, values in self.scores.items()}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found in one collection, by mode or `RERANKED`; and how many chunks its documents made."""

    name: str
    documents: int
    chunks: int
    found: Mapping[str, Found] = field(default_factory=dict)

    def gain(self, metric: str) -> tuple[Mode, Comparison]:
        """The better of the two single modes, and what changes from it to the hybrid one."""
        single = max((Mode.DENSE, Mode.SPARSE), key=lambda mode: self.found[mode].figures()[metric].value)
        return single, self.change(metric, single, Mode.HYBRID)

    def change(self, metric: str, before: str, after: str) -> Comparison:
        """What changes from one way of searching to another."""
        return paired(self.found[before].scores[metric], self.found[after].scores[metric])


def measure(
    library: Library, collection: Collection, watch: Watch = lambda *_: None, order: Order | None = None
) -> Measured:
    """Index the collection as a tenant of its own in `library`, and ask all its questions in every mode.

    With an `order`, that of the hybrid search is measured as well.

    Raises:
        StoreFault, CatalogFault, EmbedderMismatch: as `library` does.
        RerankerUnavailable: the reranker of `order` cannot be loaded.
    """
    principal = Principal.administrator(collection.name)
    chunks = publish(library, collection, watch)
    searches: dict[str, Search] = {mode: partial(_search, library, principal, mode) for mode in Mode}
    if order is not None:
        searches[RERANKED] = partial(_ordered, order, library, principal)
    found = {way: scored(collection, search) for way, search in searches.items()}
    return Measured(collection.name, len(collection.entries), chunks, found)


def publish(library: Library, collection: Collection, watch: Watch = lambda *_: None) -> int:
    """Index the collection as a tenant of its own; returns how many chunks it made."""
    principal = Principal.administrator(collection.name)
    chunks = 0
    entries = collection.entries
    for start in range(0, len(entries), BATCH):
        editions = list(_editions(entries[start : start + BATCH], principal.tenant))
        library.publish(editions, vectors(library.embedder, editions))
        chunks += sum(len(edition.chunks) for edition in editions)
        watch(f"{collection.name}: index", min(start + BATCH, len(entries)), len(entries))
    return chunks


def scored(collection: Collection, search: Search) -> Found:
    """Each of the collection's questions by what `search` finds for it."""
    scores: dict[str, dict[str, float]] = {name: {} for name in METRICS}
    for name, text in collection.queries.items():
        wanted = collection.relevant[name]
        best = [uri in wanted for uri in dict.fromkeys(hit.uri for hit in search(text))][:PLACES]
        for metric, score in METRICS.items():
            scores[metric][name] = score(Ranking(tuple(best), tuple(best), len(wanted)))
    return Found(scores)


def _editions(entries: Iterable[Entry], tenant: str) -> Iterator[Edition]:
    for entry in entries:
        extract = clean(Extract(entry.title, entry.text))
        made = document(entry.name, extract, Properties(Access.of(tenant, ())), ())
        yield Edition(made, entry.name, version(made, entry.name, ""), tuple(chunk(made, Sizes())))


def _search(library: Library, principal: Principal, mode: Mode, text: str) -> list[Passage]:
    return library.search(principal, text, CHUNKS, mode)


def _ordered(order: Order, library: Library, principal: Principal, text: str) -> list[Passage]:
    return order.best(text, CHUNKS, lambda k: library.search(principal, text, k))
