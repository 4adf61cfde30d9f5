"""Word statistics that are kept give the ranking of those that the engine counts for every question."""

import uuid
from dataclasses import replace

import pytest
import qdrant_edge as engine
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.access import Access, Principal
from ingest.documents import Chunk
from ingest.edge import EdgeStore
from ingest.edge_words import WordCounts
from ingest.hashing import HashEmbedder
from ingest.store import Mode, Point, Question, embedded_text

EMBEDDER = HashEmbedder(dimension=16)
WORDS = ["leave", "pay", "travel", "rent", "days", "weeks", "the"]
TENANTS, GROUPS = st.sampled_from(["a", "b"]), st.sets(st.sampled_from("gh")).map(frozenset)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
DOCUMENTS = st.lists(st.tuples(st.integers(0, 9), TENANTS, GROUPS, TEXTS), max_size=8)
READERS = st.builds(Principal, TENANTS, st.just("eve"), GROUPS, every_group=st.booleans())
EVERYONE = Principal.administrator("a")


def counted_each_time(_counts, _scope, readable, words):
    """The oracle: the engine counts for this question."""
    params = engine.SearchParams(idf=engine.IdfParams(corpus=readable))
    return engine.SparseVector(words, [1.0] * len(words)), params


def point(name, tenant, groups, text, version):
    document = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{tenant} {name}"))
    chunk = Chunk(document, document, 0, text, 0, len(text))
    return Point(version, chunk, f"f://{name}", "Title", Access(tenant, groups))


def write(store, *points):
    store.write(points, EMBEDDER.encode([embedded_text(each) for each in points]))


def both(store, principal, text, mode=Mode.SPARSE, hidden=()):
    """What is found by what is kept, and by the oracle: chunks with their scores."""
    question = Question(text, EMBEDDER.encode_query(text), 50, mode)
    with pytest.MonkeyPatch.context() as patched:
        kept = store.search(principal, question, hidden)
        patched.setattr(WordCounts, "weighed", counted_each_time)
        return [
            [(hit.chunk_id, hit.score) for hit in hits]
            for hits in (kept, store.search(principal, question, hidden))
        ]


def equal(kept, each_time):
    """Equal scores, but for the last bits; so the order is too, but for those that differ by no more."""
    assert dict(kept) == pytest.approx(dict(each_time), rel=1e-5, abs=1e-5)
    assert [score for _, score in kept] == pytest.approx(
        [score for _, score in each_time], rel=1e-5, abs=1e-5
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = EdgeStore(tmp_path_factory.mktemp("store") / "shard", EMBEDDER.dimension)
    yield opened
    opened.close()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            DOCUMENTS, st.sets(st.sampled_from("xyz")), st.lists(st.tuples(READERS, TEXTS), max_size=3)
        ),
        max_size=4,
    )
)
def test_after_every_write_each_reader_finds_what_is_counted_then(store, steps):
    for number, (documents, dropped, asked) in enumerate(steps):
        write(store, *(point(*each, "xyz"[number % 3]) for each in documents))
        store.drop(dropped)
        for reader, text in asked:
            for hidden in ((), ("x",)):
                for mode in Mode:
                    kept, each_time = both(store, reader, text, mode, hidden)
                    equal(kept, each_time)
                    assert len(kept) == len(each_time)
    store.drop("xyz")


def test_the_last_bits_do_not_part_what_is_equal(store):
    write(
        store,
        *(point(n, "a", (), text, "x") for n, text in enumerate(["leave rent", "pay rent", "days off"] * 2)),
    )
    for mode in Mode:
        kept, each_time = both(store, EVERYONE, "leave pay", mode)
        assert [name for name, _ in kept] == [name for name, _ in each_time]
        assert len({score for _, score in kept}) == len({score for _, score in each_time})
    store.drop("x")


def test_what_the_engine_counts_otherwise_it_counts_for_each_question(store, monkeypatch):
    write(store, *(point(n, "a", (), text, "x") for n, text in enumerate(["leave", "pay leave", "pay rent"])))
    monkeypatch.setattr(WordCounts, "_count", lambda *_: 4.4)  # as where some points had no words
    kept, each_time = both(store, replace(EVERYONE, subject="sam"), "leave rent")
    assert kept == each_time
    store.drop("x")
