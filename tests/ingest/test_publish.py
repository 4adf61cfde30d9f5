from dataclasses import replace

import numpy as np
import pytest

from ingest.access import Access, Principal
from ingest.documents import Chunk, document_id
from ingest.hashing import HashEmbedder
from ingest.memory import MemoryStore
from ingest.publish import Publisher
from ingest.record import Record
from ingest.store import Point
from tests.postgres import BOTH

pytestmark = BOTH
ADMIN = Principal.administrator("acme")
ACCESS = Access.of("acme", [])


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def publisher(catalog, store):
    return Publisher(catalog, store)


def edition(text, version, uri="u"):
    identity = document_id("acme", uri)
    chunk = Chunk(f"{identity}-{version}", identity, 0, text, 0, len(text))
    record = Record(
        identity, uri, uri, version, "Title", "hash", ACCESS, 1, "2026-01-01T00:00:00+00:00", text=text
    )
    return record, Point(version, chunk, uri, "Title", ACCESS)


def publish(publisher, *editions):
    records, points = zip(*editions, strict=True)
    publisher.publish(records, points, HashEmbedder(8).encode([point.chunk.text for point in points]))


def texts(publisher):
    return publisher.read(lambda store, hidden: [point.chunk.text for point in store.points(ADMIN, hidden)])


def test_a_new_version_takes_the_place_of_the_old(publisher, store):
    publish(publisher, edition("old", "v1"))
    publish(publisher, edition("new", "v2"))
    assert texts(publisher) == ["new"]
    assert store.count(ADMIN, ()) == 1


def test_a_version_that_comes_back_is_seen(publisher):
    for text, version in (("a", "v1"), ("b", "v2"), ("a", "v1")):
        publish(publisher, edition(text, version))
        assert texts(publisher) == [text]


def test_what_another_sync_has_shown_meanwhile_is_never_hidden(publisher, catalog, monkeypatch):
    publish(publisher, edition("same", "v1", "a"), edition("old", "v1-b", "b"))
    hidden, real = [], catalog.hide
    monkeypatch.setattr(catalog, "hide", lambda versions: (hidden.append(versions), real(versions)))
    publish(publisher, edition("same", "v1", "a"), edition("new", "v2-b", "b"))
    publish(publisher, edition("same", "v1", "a"))
    assert hidden == [["v2-b"]]
    assert sorted(texts(publisher)) == ["new", "same"]


def test_many_points_are_written_in_portions(publisher, monkeypatch, store):
    sizes = []
    real = store.write
    monkeypatch.setattr(
        store, "write", lambda points, vectors: (sizes.append(len(points)), real(points, vectors))
    )
    record, point = edition("x", "v1")
    points = [replace(point, chunk=replace(point.chunk, ordinal=number)) for number in range(1200)]
    publisher.publish([record], points, np.ones((1200, 8), dtype=np.float32))
    assert sizes == [500, 500, 200]
    assert len(texts(publisher)) == 1200


def test_a_reader_that_was_overtaken_looks_again(publisher):
    publish(publisher, edition("old", "v1"))
    looks = []

    def look(store, hidden):
        found = [point.chunk.text for point in store.points(ADMIN, hidden)]
        if not looks:
            publish(publisher, edition("new", "v2"))
        looks.append(found)
        return found

    assert publisher.read(look) == ["new"]
    assert looks == [["old"], ["new"]]


def test_a_reader_that_is_overtaken_again_and_again_waits_for_its_turn(publisher):
    publish(publisher, edition("v0", "v0"))
    looks = []

    def look(store, hidden):
        found = [point.chunk.text for point in store.points(ADMIN, hidden)]
        looks.append(found)
        if len(looks) <= 3:
            publish(publisher, edition(f"v{len(looks)}", f"v{len(looks)}"))
        return found

    assert publisher.read(look) == ["v3"]


def test_what_a_killed_process_left_is_swept(publisher, catalog, store):
    publish(publisher, edition("old", "v1"))
    _, half = edition("half", "v2")
    catalog.hide(["v2"])
    store.write([half], np.ones((1, 8), dtype=np.float32))
    assert texts(publisher) == ["old"]
    publisher.sweep()
    assert store.count(ADMIN, ()) == 1
    assert catalog.visibility().hidden == frozenset()


def test_a_rebuild_gets_every_published_point(publisher):
    publish(publisher, *(edition(f"t{number}", f"v{number}", f"u{number}") for number in range(7)))
    batches = list(publisher.everything(["acme", "nobody"]))
    assert sorted(point.chunk.text for batch in batches for point in batch) == [
        f"t{number}" for number in range(7)
    ]
