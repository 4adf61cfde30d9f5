"""The access filter by the names of readers lets through what tenant and groups do, with the same scores."""

import uuid
from dataclasses import replace

import pytest
import qdrant_edge as engine
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import edge
from ingest.access import Access, Principal, reader, readers
from ingest.documents import Chunk
from ingest.edge import EdgeStore
from ingest.edge_filter import SEVERAL, any_of
from ingest.hashing import HashEmbedder
from ingest.store import Mode, Point, Question, embedded_text

EMBEDDER = HashEmbedder(dimension=16)
WORDS = ["leave", "pay", "travel", "rent", "days", "weeks"]
# Names that would be alike if they were just put together.
TENANTS = st.sampled_from(["a", "a b", 'a"'])
MANY = {f"group {n}" for n in range(2 * SEVERAL)}
GROUPS = st.sets(st.sampled_from(["b", "c", 'b", "c', " b", "group 9"]), max_size=3).map(frozenset)
DOCUMENTS = st.tuples(
    TENANTS, GROUPS, st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.sampled_from("xyz")
)


def by_tenant_and_groups(access, hidden):
    """The oracle: the filter as `ingest.access` describes it, one condition for each thing it says."""
    must = [engine.FieldCondition("tenant", match=engine.MatchValue(access.tenant))]
    if access.groups is not None:
        whole, shared = engine.IsEmptyCondition("groups"), any_of("groups", access.groups)
        must.append(engine.Filter(should=[whole, shared] if access.groups else [whole]))
    return engine.Filter(must=must, must_not=[any_of("version", hidden)] if hidden else None)


def point(number, document):
    tenant, groups, words, version = document
    document_id = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))
    chunk = Chunk(document_id, document_id, 0, " ".join(words), 0, 1)
    return Point(version, chunk, f"f://{number}", "Title", Access(tenant, groups))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = EdgeStore(tmp_path_factory.mktemp("store") / "shard", EMBEDDER.dimension)
    yield opened
    opened.close()


@settings(max_examples=40, deadline=None)
@given(
    documents=st.lists(DOCUMENTS, min_size=1, max_size=12),
    principal=st.builds(Principal, TENANTS, st.just("eve"), GROUPS, every_group=st.booleans()),
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    hidden=st.sets(st.sampled_from("xy")),
    others=st.sampled_from([frozenset(), frozenset(MANY)]),
)
def test_every_reader_finds_the_same_with_the_same_scores(store, documents, principal, words, hidden, others):
    principal = replace(principal, groups=principal.groups | others)
    points = [point(*each) for each in enumerate(documents)]
    seen = [each for each in points if principal.may_read(each.access) and each.version not in hidden]
    query = " ".join(words)
    store.write(points, EMBEDDER.encode([embedded_text(each) for each in points]))
    for mode in Mode:
        question = Question(query, EMBEDDER.encode_query(query), 20, mode)
        found = store.search(principal, question, hidden)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(edge, "allowed", by_tenant_and_groups)
            assert found == store.search(principal, question, hidden)
        assert {hit.uri for hit in found} <= {each.uri for each in seen}
        assert mode is Mode.SPARSE or len(found) == len(seen)
    store.drop("xyz")


@given(TENANTS, st.none() | st.text(max_size=3), TENANTS, st.none() | st.text(max_size=3))
def test_no_two_readers_have_one_name(tenant, group, other, its):
    assert (reader(tenant, group) == reader(other, its)) == ((tenant, group) == (other, its))


@given(TENANTS, GROUPS, TENANTS, GROUPS)
def test_a_document_names_those_who_may_read_it(tenant, groups, other, mine):
    access, principal = Access(tenant, groups), Principal(other, "eve", mine)
    asked = {reader(other), *(reader(other, group) for group in mine)}
    assert principal.may_read(access) == bool(asked & set(readers(access)))
