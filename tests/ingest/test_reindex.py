"""Another embedder under a stream of queries: none fails, none mixes two indexes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ingest.access import Principal
from ingest.errors import EmbedderMismatch
from ingest.facts import STORE
from ingest.hashing import HashEmbedder
from ingest.memory import MemoryStore
from ingest.store import Mode

ADMIN = Principal.administrator()
DOCUMENTS = 12


class Turned(HashEmbedder):
    """Of the same dimension as the other one, but its vectors mean something else: only a name tells."""

    def __init__(self) -> None:
        super().__init__(64, "turned")

    def encode_query(self, text):
        return np.roll(super().encode_query(text), 7)


EMBEDDERS = {"of another dimension": lambda: HashEmbedder(16, "small"), "of the same dimension": Turned}


def words(number):
    """All that is embedded of a document: its vector is the query's own."""
    return f"{number}.txt\nwords about subject{number}"


@pytest.fixture(params=EMBEDDERS)
def other(request):
    return EMBEDDERS[request.param]()


@pytest.fixture
def filled(folder, synced, library):
    for number in range(DOCUMENTS):
        (folder / f"{number}.txt").write_text(f"words about subject{number}\n")
    synced()
    return library


@pytest.fixture
def strict(monkeypatch):
    """A store that will not compare vectors of two embedders: each row's length tells whose it is."""
    search = MemoryStore.search

    def searched(store, principal, question, hidden):
        for _, vector in store._rows.values():  # noqa: SLF001  # what is stored is what is told apart
            assert vector.shape == question.vector.shape
        return search(store, principal, question, hidden)

    monkeypatch.setattr(MemoryStore, "search", searched)


def test_no_query_fails_or_mixes_while_the_index_goes_over(filled, other, strict):
    stop, asked = threading.Event(), []

    def ask(thread):
        number = thread
        while not stop.is_set():
            number = (number + 1) % DOCUMENTS
            [best] = filled.search(ADMIN, words(number), 1, Mode.DENSE)
            asked.append((f"/{number}.txt", best.uri))
            assert best.score == pytest.approx(1, abs=1e-5)

    with ThreadPoolExecutor() as threads:
        readers = [threads.submit(ask, thread) for thread in range(4)]
        try:
            for embedder in (other, HashEmbedder(), other):
                before = len(asked)
                assert filled.reindex(embedder=embedder) == DOCUMENTS
                while len(asked) < before + 20 and not any(reader.done() for reader in readers):
                    pass
        finally:
            stop.set()
        for reader in readers:
            reader.result()
    assert [uri for wanted, uri in asked if not uri.endswith(wanted)] == []
    assert filled.embedder is other
    assert filled.status()["embedder"].startswith(f"{other.name} ")


def test_a_vector_that_was_made_before_the_switch_is_made_anew(filled, other, strict):
    old = filled.embedder
    vector = old.encode_query(words(3))
    filled.reindex(embedder=other)
    [best] = filled.search(ADMIN, words(3), 1, Mode.DENSE, vector, by=old.name)
    assert best.uri.endswith("/3.txt")


def test_vectors_of_the_embedder_before_are_not_published(filled, other):
    old = filled.embedder.name
    filled.reindex(embedder=other)
    with pytest.raises(EmbedderMismatch, match=f"went over from {old} to {other.name}: run it again"):
        filled.publish([], np.empty((0, 64), np.float32), by=old)


def test_what_is_taken_away_after_the_switch_is_not_found_in_what_was_replaced(filled, other):
    class Slow(HashEmbedder):
        """Takes so long over a query that the index goes over and a document goes meanwhile."""

        def encode_query(self, text):
            if filled.embedder is self:
                filled.reindex(embedder=other)
                [gone] = [each for each in filled.documents(ADMIN).records if each.uri.endswith("/3.txt")]
                filled.remove(ADMIN, [gone])
            return super().encode_query(text)

    filled.reindex(embedder=Slow())
    assert all(not hit.uri.endswith("/3.txt") for hit in filled.search(ADMIN, "subject3", DOCUMENTS))


def test_a_failed_reindex_leaves_the_pair_as_it_was_and_the_next_opening_removes_its_rest(
    filled, other, open_library, monkeypatch
):
    before, old = filled.catalog.fact(STORE), filled.embedder

    def failing(_texts):
        raise KeyboardInterrupt

    monkeypatch.setattr(other, "encode", failing)
    with pytest.raises(KeyboardInterrupt):
        filled.reindex(embedder=other)
    assert filled.embedder is old
    assert filled.search(ADMIN, "subject3", 1)[0].uri.endswith("/3.txt")
    again = open_library()
    again.open()
    assert [folder.name for folder in again.folder.glob("vectors-*")] == [before]
