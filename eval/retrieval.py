"""How well the index finds what is relevant in test collections, by meaning, by words, and by both.

A collection is indexed as any documents are: cleaned, cut into chunks, embedded. What is found are chunks; a
document stands where its best chunk does. Intervals are over the questions of that one collection.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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
from ingest.documents import Extract
from ingest.edition import Edition, document, version
from ingest.folder import Properties
from ingest.library import Library
from ingest.store import Mode

PLACES = 10  # documents of a ranking that count
# Chunks that are asked for, so that some of one document leave room for that many others.
CHUNKS = 5 * PLACES
BATCH = 200  # documents published together
METRICS: Mapping[str, Callable[[Ranking], float]] = {
    f"ndcg@{PLACES}": lambda found: ndcg(found, PLACES),
    f"recall@{PLACES}": lambda found: recall(found, PLACES),
    f"mrr@{PLACES}": reciprocal_rank,
}
Watch = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """Each question's scores in one mode: by metric, then by the question's id."""

    mode: Mode
    scores: Mapping[str, Mapping[str, float]]

    def figures(self) -> dict[str, Figure]:
        """The metrics' means with their intervals."""
        return {name: figure(list(values.values())) for name, values in self.scores.items()}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found in one collection, in every mode; and how many chunks its documents made."""

    name: str
    documents: int
    chunks: int
    found: Mapping[Mode, Found] = field(default_factory=dict)

    def gain(self, metric: str) -> tuple[Mode, Comparison]:
        """The better of the two single modes, and what changes from it to the hybrid one."""
        single = max((Mode.DENSE, Mode.SPARSE), key=lambda mode: self.found[mode].figures()[metric].value)
        before, after = self.found[single].scores[metric], self.found[Mode.HYBRID].scores[metric]
        return single, paired(before, after)


def measure(library: Library, collection: Collection, watch: Watch = lambda *_: None) -> Measured:
    """Index the collection as a tenant of its own in `library`, and ask all its questions in every mode.

    Raises:
        StoreFault, CatalogFault, EmbedderMismatch: as `library` does.
    """
    principal = Principal.administrator(collection.name)
    chunks = 0
    entries = collection.entries
    for start in range(0, len(entries), BATCH):
        editions = list(_editions(entries[start : start + BATCH], principal.tenant))
        library.publish(editions, vectors(library.embedder, editions))
        chunks += sum(len(edition.chunks) for edition in editions)
        watch(f"{collection.name}: index", min(start + BATCH, len(entries)), len(entries))
    found = {mode: _found(library, collection, principal, mode) for mode in Mode}
    return Measured(collection.name, len(entries), chunks, found)


def _editions(entries: Iterable[Entry], tenant: str) -> Iterator[Edition]:
    for entry in entries:
        extract = clean(Extract(entry.title, entry.text))
        made = document(entry.name, extract, Properties(Access.of(tenant, ())), ())
        yield Edition(made, entry.name, version(made, entry.name, ""), tuple(chunk(made, Sizes())))


def _found(library: Library, collection: Collection, principal: Principal, mode: Mode) -> Found:
    scores: dict[str, dict[str, float]] = {name: {} for name in METRICS}
    for name, text in collection.queries.items():
        hits = library.search(principal, text, CHUNKS, mode)
        wanted = collection.relevant[name]
        best = [uri in wanted for uri in dict.fromkeys(hit.uri for hit in hits)][:PLACES]
        for metric, score in METRICS.items():
            scores[metric][name] = score(Ranking(tuple(best), tuple(best), len(wanted)))
    return Found(mode, scores)
