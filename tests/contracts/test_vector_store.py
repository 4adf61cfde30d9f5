"""One contract for every vector store: the fake in memory, Qdrant Edge, and Qdrant's server.

The client's local mode stands in for a server: the same API over a list of points. A real one, reached on
this machine, takes part when PLUMBLINE_TEST_QDRANT_URL is set (its key: PLUMBLINE_TEST_QDRANT_API_KEY). Only
that one has graphs, vectors of bytes, payload indexes, and takes threads: `needs_engine`.
"""

import json
import os
import threading
import uuid
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qdrant_client import QdrantClient
from qdrant_client.local.qdrant_local import QdrantLocal

from ingest import edge, edge_filter
from ingest.access import Access, Principal
from ingest.documents import Chunk
from ingest.edge import EdgeStore
from ingest.errors import StoreFault
from ingest.hashing import HashEmbedder
from ingest.memory import MemoryStore
from ingest.payload import INDEXES, payload
from ingest.qdrant import Address, QdrantServer, Spread
from ingest.store import NOTHING_PAST, Mode, Past, Point, Question, embedded_text
from ingest.where import EVERYWHERE, Where

EMBEDDER = HashEmbedder(dimension=32)
ADMIN = Principal.administrator("acme")
MORE_THAN_THERE_IS = 2**62  # bytes


def point(text, document="a", version="v1", tenant="acme", groups=(), **more):
    document_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{tenant}/{document}"))
    ordinal, title = more.pop("ordinal", 0), more.pop("title", "Handbook")
    chunk_id = str(uuid.uuid5(uuid.UUID(document_id), f"{version}/{ordinal}"))
    chunk = Chunk(chunk_id, document_id, ordinal, text, 5, 5 + len(text), "Part > Section", 2)
    uri = more.pop("uri", f"file:///{document}")
    return Point(version, chunk, uri, title, Access.of(tenant, groups), **more)


def write(store, *points):
    store.write(list(points), EMBEDDER.encode([embedded_text(one) for one in points]))


def texts(store, query, mode=Mode.HYBRID, principal=ADMIN, hidden=(), **more):
    k, where = more.get("k", 10), more.get("where", EVERYWHERE)
    past, standing = more.get("past", NOTHING_PAST), more.get("standing", ())
    question = Question(query, EMBEDDER.encode_query(query), k, mode, where, past, standing)
    return [found.text for found in store.search(principal, question, frozenset(hidden))]


SERVER = os.environ.get("PLUMBLINE_TEST_QDRANT_URL")
STORES = ["memory", "edge", "local", *(["server"] if SERVER else [])]
# Said by the client of its local mode; see above.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
]


def needs_engine(store):
    if isinstance(getattr(getattr(store, "_client", None), "_client", None), QdrantLocal):
        pytest.skip("the client's local mode has no engine: needs a real server")


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    if request.param in {"memory", "edge"}:
        made = (
            MemoryStore() if request.param == "memory" else EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        )
        yield made
        made.close()
        return
    key = os.environ.get("PLUMBLINE_TEST_QDRANT_API_KEY")
    server = (
        QdrantServer(QdrantClient(":memory:"), "test", Spread())
        if request.param == "local"
        else QdrantServer.at(Address(SERVER, key), "test", Spread())
    )
    catalog = f"vectors-{uuid.uuid4().hex}"
    yield server.open(f"{catalog}-one", EMBEDDER.dimension)
    server.keep(f"{catalog}-none")


@pytest.mark.parametrize("mode", Mode)
def test_the_passage_that_shares_the_words_comes_first(store, mode):
    write(store, point("parental leave lasts months"), point("the printer prints", document="b"))
    assert texts(store, "parental leave", mode)[0] == "parental leave lasts months"


def test_a_passage_carries_all_that_a_citation_needs(store):
    written = point("time off", labels=frozenset({"confidential"}))
    write(store, written)
    [found] = store.search(ADMIN, Question("time", EMBEDDER.encode_query("time")), ())
    assert (found.chunk_id, found.document_id) == (written.chunk.chunk_id, written.chunk.document_id)
    assert (found.uri, found.title, found.heading) == ("file:///a", "Handbook", "Part > Section")
    assert (found.start, found.end, found.page, found.labels) == (5, 13, 2, frozenset({"confidential"}))


@pytest.mark.parametrize("mode", Mode)
def test_a_passage_brings_its_own_vector(store, mode):
    written = [point("time off", document=name, ordinal=number) for number, name in enumerate("ab")]
    write(store, *written)
    vectors = EMBEDDER.encode([embedded_text(one) for one in written])
    found = store.search(ADMIN, Question("time", EMBEDDER.encode_query("time"), 9, mode), ())
    for passage in found:
        [place] = [n for n, one in enumerate(written) if one.chunk.chunk_id == passage.chunk_id]
        assert np.allclose(passage.vector, vectors[place], atol=1e-6)
    assert len(found) == 2


def test_words_of_title_and_headings_count_in_search(store):
    write(
        store, point("nothing of it here", title="Vacations"), point("nor here", document="b", title="Rent")
    )
    assert texts(store, "vacations", Mode.SPARSE) == ["nothing of it here"]


def test_no_more_than_k_passages_come_back(store):
    write(store, *(point(f"leave {number}", ordinal=number) for number in range(9)))
    assert len(texts(store, "leave", k=4)) == 4


@pytest.mark.parametrize("mode", Mode)
def test_hidden_versions_are_not_found(store, mode):
    write(store, point("old leave", version="v1"), point("new leave", version="v2"))
    assert texts(store, "leave", mode, hidden={"v2"}) == ["old leave"]
    assert texts(store, "leave", mode, hidden={"v1"}) == ["new leave"]
    assert texts(store, "leave", mode, hidden={"v1", "v2"}) == []


def test_writing_twice_changes_nothing(store):
    write(store, point("leave"))
    write(store, point("leave"))
    assert store.count(ADMIN, ()) == 1


def test_versions_of_one_document_live_beside_each_other_until_dropped(store):
    write(store, point("old leave", version="v1"), point("new leave", version="v2"))
    assert store.count(ADMIN, ()) == 2
    store.drop(["v1", "never written"])
    assert [one.chunk.text for one in store.points(ADMIN, ())] == ["new leave"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("principal", "seen"),
    [
        (Principal("acme", "eve"), {"open leave"}),
        (Principal("acme", "ada", frozenset({"hr"})), {"open leave", "payroll leave", "shared leave"}),
        (Principal("acme", "bob", frozenset({"legal", "it"})), {"open leave", "shared leave"}),
        (Principal.administrator("acme"), {"open leave", "payroll leave", "shared leave"}),
        (Principal.administrator("other"), {"foreign leave"}),
        (Principal("nobody", "eve", frozenset({"hr"})), set()),
    ],
)
def test_each_principal_finds_just_what_it_may_read(store, mode, principal, seen):
    write(
        store,
        point("open leave", document="a"),
        point("payroll leave", document="b", groups=["hr"]),
        point("shared leave", document="c", groups=["hr", "legal"]),
        point("foreign leave", document="d", tenant="other"),
    )
    assert set(texts(store, "leave", mode, principal)) == seen
    assert store.count(principal, ()) == len(seen)
    assert {one.chunk.text for one in store.points(principal, ())} == seen


GROUPS = st.frozensets(st.sampled_from(["hr", "legal", "it"]), max_size=3)
TENANTS = st.sampled_from(["acme", "other"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    documents=st.lists(st.tuples(TENANTS, GROUPS), max_size=6),
    principal=st.builds(Principal, TENANTS, st.just("someone"), GROUPS, every_group=st.booleans()),
    mode=st.sampled_from(Mode),
)
def test_no_principal_ever_finds_what_it_may_not_read(store, documents, principal, mode):
    points = [
        point(
            f"leave number {number}",
            document=str(number),
            tenant=tenant,
            groups=groups,
            version=str(uuid.uuid4()),
        )
        for number, (tenant, groups) in enumerate(documents)
    ]
    write(store, *points)
    readable = {one.chunk.text for one in points if principal.may_read(one.access)}
    assert set(texts(store, "leave number", mode, principal)) == readable
    assert {one.chunk.text for one in store.points(principal, ())} == readable
    assert store.count(principal, ()) == len(readable)
    store.drop({one.version for one in points})


NARROWED = {
    "a label": (Where(labels=("draft",)), "draft notice"),
    "any of the labels": (Where(labels=("draft", "plan")), "draft notice plan"),
    "none of the labels": (Where(without_labels=("draft", "notice")), "plan bare"),
    "labels with and without": (
        Where(labels=("draft",), without_labels=("notice",)),
        "draft",
    ),
    "a language": (Where(languages=("de",)), "plan"),
    "any of the languages": (Where(languages=("de", "en")), "draft plan"),
    "a folder": (Where(path="file:///share/hr"), "draft plan"),
    "a folder by its slash": (Where(path="file:///share/hr/"), "draft plan"),
    "a folder that another's name begins with": (Where(path="file:///share/h"), ""),
    "a file": (Where(path="file:///share/hr-old.md"), "notice"),
    "an archive": (Where(path="file:///share/hr/all.zip"), "plan"),
    "the members of an archive": (Where(path="file:///share/hr/all.zip!/plans"), "plan"),
    "all that is a file": (Where(path="file:///"), "draft notice plan"),
    "from a day on": (Where(since="2026-03-01"), "draft notice"),
    "up to a day": (Where(until="2026-03-01"), "draft plan"),
    "a single day": (Where(since="2026-03-01", until="2026-03-01"), "draft"),
    "all at once": (
        Where(
            labels=("draft",),
            without_labels=("x",),
            languages=("en",),
            path="file:///share",
            since="2026-01-01",
        ),
        "draft",
    ),
    "what no document has": (Where(labels=("Draft",)), ""),
}


@pytest.mark.parametrize("mode", Mode)
def test_a_question_is_answered_from_where_it_looks(store, mode):
    hr, two = "file:///share/hr", frozenset({"draft", "notice"})
    write(
        store,
        point("draft", "1", uri=f"{hr}/a.md", labels=frozenset({"draft"}), language="en", dated="2026-03-01"),
        point("notice", "2", uri=f"{hr}-old.md", labels=two, dated="2026-03-02"),
        point(
            "plan",
            "3",
            uri=f"{hr}/all.zip!/plans/b.md",
            labels=frozenset({"plan"}),
            language="de",
            dated="2026-02-28",
        ),
        point("bare", "4", uri="upload:///bare"),
    )
    for name, (where, found) in NARROWED.items():
        looked = texts(store, "draft notice plan bare", mode, where=where)
        assert sorted(looked) == sorted(found.split()), name


TAGS = st.lists(st.sampled_from(["x", "y", "x y"]), max_size=2)
DAYS = st.none() | st.sampled_from(["2025-12-31", "2026-01-01", "2026-02-28"])
PLACES = st.sampled_from(
    ["a", "a/b", "a/b/c.md", "a/bc.md", "a/b.zip!/c/d.md", "A/b", "a/b.zip", "%2F", "é/ü.md"]
)
WHERES = st.builds(
    lambda since, until, **more: Where(
        **more, since=min(filter(None, (since, until)), default=None) if since else None, until=until
    ),
    labels=TAGS,
    without_labels=TAGS,
    languages=st.lists(st.sampled_from(["de", "en"]), max_size=2),
    path=st.just("")
    | PLACES.map("file:///{}".format)
    | st.sampled_from(["file:///a/", "file:///", "file:///é"]),
    since=DAYS,
    until=DAYS,
)
DESCRIBED = st.fixed_dictionaries(
    {
        "labels": TAGS.map(frozenset),
        "language": st.sampled_from([None, "de", "en"]),
        "dated": DAYS,
        "uri": PLACES,
    }
)


def asked_for(one, where):
    """The oracle: a point is asked for if each thing that is asked is so."""
    folders, name = set(), one.uri
    while "/" in name:
        name = name.rpartition("/")[0]
        folders |= {name, name.removesuffix("!"), f"{name}/"}
    checks = [
        not where.labels or any(label in one.labels for label in where.labels),
        not any(label in one.labels for label in where.without_labels),
        not where.languages or any(language == one.language for language in where.languages),
        not where.path or where.path in folders | {one.uri},
        where.since is None or (one.dated is not None and one.dated >= where.since),
        where.until is None or (one.dated is not None and one.dated <= where.until),
    ]
    return all(checks)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    described=st.lists(st.tuples(DESCRIBED, GROUPS), max_size=6),
    where=WHERES,
    principal=st.builds(Principal, TENANTS, st.just("someone"), GROUPS, every_group=st.booleans()),
    mode=st.sampled_from(Mode),
)
def test_just_what_is_asked_for_and_may_be_read_is_found(store, described, where, principal, mode):
    points = [
        point(f"leave {n}", str(n), groups=groups, **more | {"uri": f"file:///{more['uri']}"})
        for n, (more, groups) in enumerate(described)
    ]
    write(store, *points)
    wanted = {one.chunk.text for one in points if principal.may_read(one.access) and asked_for(one, where)}
    assert set(texts(store, "leave", mode, principal, where=where)) == wanted
    store.drop({"v1"})


@pytest.mark.parametrize("mode", Mode)
def test_where_a_question_looks_opens_nothing(store, mode):
    write(
        store, point("open leave", labels=frozenset({"x"})), point("pay", "b", groups=["hr"], language="de")
    )
    eve = Principal("acme", "eve")
    assert texts(store, "pay leave", mode, eve, where=Where(languages=("de",))) == []
    assert texts(store, "pay leave", mode, eve, where=Where(path="file:///")) == ["open leave"]
    assert texts(store, "leave", mode, ADMIN, hidden={"v1"}, where=Where(labels=("x",))) == []


@pytest.mark.parametrize("mode", Mode)
def test_what_stands_for_a_copy_lies_there_too_and_is_still_for_its_readers_alone(store, mode):
    write(
        store,
        point("leave one", "1", uri="file:///a/1"),
        point("leave two", "2", uri="file:///b/2", labels=frozenset({"x"})),
        point("leave three", "3", uri="file:///b/3", groups=["hr"]),
        point("leave four", "4", uri="file:///b/4"),
    )
    standing = ["file:///b/2", "file:///b/3", "file:///c/none"]
    for principal, where, found in (
        (ADMIN, Where(path="file:///a"), "one three two"),
        (Principal("acme", "eve"), Where(path="file:///a"), "one two"),
        (ADMIN, Where(path="file:///a", labels=("x",)), "two"),
        (ADMIN, Where(path="file:///c"), "three two"),
    ):
        looked = texts(store, "leave", mode, principal, where=where, standing=standing)
        assert sorted(looked) == [f"leave {word}" for word in found.split()]


@pytest.mark.parametrize("mode", [Mode.DENSE, Mode.SPARSE])
def test_where_a_question_looks_changes_no_score(store, mode):
    labels = [frozenset({"even"}) if number % 2 == 0 else frozenset() for number in range(8)]
    write(store, *(point(f"leave {'pay ' * n}", ordinal=n, labels=label) for n, label in enumerate(labels)))
    asked = Question("pay leave", EMBEDDER.encode_query("pay leave"), 10, mode)
    everywhere = [(hit.text, hit.score) for hit in store.search(ADMIN, asked, ()) if "even" in hit.labels]
    narrowed = Question(asked.text, asked.vector, 10, mode, Where(labels=("even",)))
    assert [(hit.text, hit.score) for hit in store.search(ADMIN, narrowed, ())] == everywhere


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("query", ["", "the of and", "?!", "\x00", "ß" * 9000])
def test_odd_questions_are_answered_without_a_fault(store, mode, query):
    write(store, point("leave"))
    assert texts(store, query, mode) in ([], ["leave"])


def test_an_empty_store_finds_nothing(store):
    assert texts(store, "leave") == []
    assert store.count(ADMIN, ()) == 0
    assert list(store.points(ADMIN, ())) == []


def test_the_search_index_changes_no_answer(store):
    write(store, *(point(f"leave {number}", ordinal=number) for number in range(50)))
    before = texts(store, "leave 7")
    store.optimize()
    assert texts(store, "leave 7") == before


def test_threads_may_search_while_another_writes(store):
    needs_engine(store)
    write(store, point("leave"))
    counts = []
    reader = threading.Thread(
        target=lambda: counts.extend(len(texts(store, "leave", k=99)) for _ in range(30))
    )
    reader.start()
    for number in range(1, 30):
        write(store, point(f"leave {number}", ordinal=number))
    reader.join()
    assert len(counts) == 30
    assert min(counts) >= 1
    assert store.count(ADMIN, ()) == 30


class TestEdgeOnDisk:
    """What only a store with files has to keep."""

    def test_what_was_written_is_there_after_reopening(self, tmp_path: Path):
        first = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        write(first, point("leave", groups=["hr"]))
        first.close()
        second = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        assert texts(second, "leave") == ["leave"]
        assert texts(second, "leave", principal=Principal("acme", "eve")) == []
        second.close()

    def test_a_shard_of_before_gets_the_indexes_that_it_lacks(self, tmp_path, monkeypatch):
        before = ("tenant", "groups", "document", "version")
        new = ("language", "expires", "dated")
        with monkeypatch.context() as patched:
            patched.setattr(edge, "INDEXES", {field: INDEXES[field] for field in before})
            patched.setattr(
                edge, "payload", lambda one: {k: v for k, v in payload(one).items() if k not in new}
            )
            first = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
            write(first, point("leave", language="de"))
            first.close()
        second = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        assert texts(second, "leave", where=Where(path="file:///a")) == ["leave"]
        assert texts(second, "leave", where=Where(languages=("de",))) == []
        assert [one.language for one in second.points(ADMIN, ())] == [None]
        second.close()
        shard = edge.engine.EdgeShard.load(str(tmp_path / "shard"))
        assert set(shard.info().payload_schema) == {*INDEXES, edge_filter.READERS}
        shard.close()

    @pytest.mark.parametrize("killed", [False, True])
    def test_a_shard_of_before_learns_who_may_read_its_points(self, tmp_path, monkeypatch, killed):
        wanted = {(): "open", ("hr",): "open pay", ("it", "hr"): "open pay keys"}
        with monkeypatch.context() as patched:
            patched.setattr(edge, "READERS", "unknown")
            first = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
            write(
                first, point("open", "1"), point("pay", "2", groups=["hr"]), point("keys", "3", groups=["it"])
            )
            write(first, point("theirs", "4", tenant="globex"))
            first.close()
        monkeypatch.setattr(edge_filter, "PAGE", 1)
        if killed:
            shard = edge.engine.EdgeShard.load(str(tmp_path / "shard"))
            done = []

            def update(change):
                if len(done) > 1:
                    raise KeyboardInterrupt
                done.append(shard.update(change))

            with pytest.raises(KeyboardInterrupt):
                edge_filter.name_readers(SimpleNamespace(scroll=shard.scroll, update=update))
            shard.close()
        second = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        for groups, found in wanted.items():
            for mode in Mode:
                seen = texts(
                    second, "open pay keys theirs", mode, Principal("acme", "eve", frozenset(groups))
                )
                assert sorted(seen) == sorted(found.split())
        second.close()

    def test_a_shard_of_before_takes_on_words_graphs_and_bytes(self, tmp_path):
        engine, place = edge.engine, tmp_path / "shard"
        sized = engine.EdgeVectorParams(size=EMBEDDER.dimension, distance=engine.Distance.Dot)
        place.mkdir()
        engine.EdgeShard.create(str(place), engine.EdgeConfig(vectors={"dense": sized})).close()
        store = EdgeStore(place, EMBEDDER.dimension)
        write(store, point("leave"))
        assert texts(store, "leave", Mode.SPARSE) == ["leave"]
        store.close()
        kept = json.loads((place / "edge_config.json").read_text())
        assert kept["hnsw_config"]["payload_m"] == 16
        assert "scalar" in kept["quantization_config"]

    def test_a_second_owner_is_refused(self, tmp_path: Path):
        first = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        with pytest.raises(StoreFault):
            EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        first.close()

    def test_vectors_of_another_dimension_are_refused(self, tmp_path: Path):
        EdgeStore(tmp_path / "shard", 8).close()
        with pytest.raises(StoreFault):
            EdgeStore(tmp_path / "shard", 16)

    def test_a_folder_of_something_else_is_refused(self, tmp_path: Path):
        (tmp_path / "shard").mkdir()
        (tmp_path / "shard" / "notes.txt").write_text("hello")
        with pytest.raises(StoreFault):
            EdgeStore(tmp_path / "shard", 8)

    def test_a_closed_store_says_so(self, tmp_path: Path):
        store = EdgeStore(tmp_path / "shard", 8)
        store.close()
        with pytest.raises(StoreFault):
            store.count(ADMIN, ())

    def test_a_creation_that_was_killed_leaves_nothing_in_the_way(self, tmp_path: Path):
        (tmp_path / "shard.new" / "segments").mkdir(parents=True)
        store = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        write(store, point("leave"))
        assert texts(store, "leave") == ["leave"]
        store.close()

    def test_without_room_on_its_disk_it_takes_nothing_in_and_does_all_the_rest(self, tmp_path, monkeypatch):
        store = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        write(store, point("leave", version="v1"), point("travel", document="b", version="v2"))
        with monkeypatch.context() as patched:
            patched.setattr(edge, "RESERVE", MORE_THAN_THERE_IS)
            with pytest.raises(StoreFault, match="no room left on its disk: make some"):
                write(store, point("pensions", document="c"))
            store.drop(["v2"])
            store.flush()
            assert texts(store, "leave travel pensions") == ["leave"]
        write(store, point("pensions", document="c"))
        assert texts(store, "pensions")[0] == "pensions"
        store.close()

    def test_segments_are_merged_only_with_room_on_the_disk(self, tmp_path, monkeypatch):
        store, merged = EdgeStore(tmp_path / "shard", EMBEDDER.dimension), []
        with monkeypatch.context() as patched:
            patched.setattr(store, "_shard", SimpleNamespace(optimize=lambda: merged.append("once")))
            with monkeypatch.context() as full:
                full.setattr(edge, "RESERVE", MORE_THAN_THERE_IS)
                store.optimize()
                assert merged == []
            store.optimize()
            assert merged == ["once"]
        store.close()

    def test_without_room_on_the_disk_no_store_is_made(self, tmp_path, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setattr(edge, "RESERVE", MORE_THAN_THERE_IS)
            with pytest.raises(StoreFault, match="no room left on its disk"):
                EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        assert not list(tmp_path.iterdir())
        EdgeStore(tmp_path / "shard", EMBEDDER.dimension).close()

    def test_a_folder_that_is_gone_is_told_before_a_write(self, tmp_path):
        store = EdgeStore(tmp_path / "shard", EMBEDDER.dimension)
        away = (tmp_path / "shard").rename(tmp_path / "away")
        with pytest.raises(StoreFault, match="folder is gone"):
            write(store, point("leave"))
        away.rename(tmp_path / "shard")
        store.close()


def test_vectors_are_compared_by_their_angle(store):
    one, two = point("first", document="a"), point("second", document="b")
    vectors = np.eye(EMBEDDER.dimension, dtype=np.float32)[:2]
    store.write([one, two], vectors)
    found = store.search(ADMIN, Question("x", vectors[1], 2, Mode.DENSE), ())
    assert [hit.text for hit in found] == ["second", "first"]
    assert found[0].score == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("past", "expected"),
    [
        (NOTHING_PAST, "current expired last superseded"),
        (Past("2026-03-31"), "current last superseded"),
        (Past(superseded=True), "current expired last"),
        (Past("2026-04-01", superseded=True), "current"),
    ],
)
def test_what_is_past_is_left_out_on_request(store, mode, past, expected):
    write(
        store,
        point("words current", "a"),
        point("words expired", "b", expires="2026-03-30"),
        point("words last", "c", expires="2026-03-31"),
        point("words superseded", "d", superseded=True),
    )
    found = texts(store, "words", mode, past=past)
    assert sorted(text.split()[1] for text in found) == expected.split()
    kept = {one.chunk.text: (one.expires, one.superseded) for one in store.points(ADMIN, frozenset())}
    assert kept["words expired"] == ("2026-03-30", False)
    assert kept["words superseded"] == (None, True)
