"""A library on a Qdrant server (the client's local mode), and what the server's answers become."""

import dataclasses
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import ValidationError
from qdrant_client import QdrantClient

from ingest import qdrant
from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.errors import StoreFault
from ingest.facts import STORE
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.qdrant import Address, QdrantServer, QdrantStore, Spread
from ingest.settings import IngestSettings
from ingest.store import Mode
from ingest.vectors import stores

ADMIN = Principal.administrator()
pytestmark = [
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
]


@pytest.fixture
def client():
    made = QdrantClient(":memory:")
    yield made
    made.close()


@pytest.fixture
def files(folder):
    for name in ("one", "two", "three"):
        (folder / f"{name}.txt").write_text(f"words about leave and {name}\n")
    return folder


@pytest.fixture
def shared(client, catalog_url, tmp_path):
    """Opens libraries of one catalog and one server, as replicas of a service do."""
    opened = []

    def make(embedder=None, folder="one"):
        (tmp_path / folder).mkdir(exist_ok=True)
        server = QdrantServer(client, "plumbline", Spread())
        catalog = Catalog(catalog_url)
        opened.append(Library(tmp_path / folder, catalog, embedder or HashEmbedder(), server))
        return opened[-1]

    yield make
    for library in opened:
        library.close()


class Answers(BaseHTTPRequestHandler):
    """A server that answers what it is told to, then that it works."""

    def do_GET(self):
        server = self.server
        server.keys.append(self.headers.get("api-key"))
        status = server.statuses.pop(0) if server.statuses else 200
        body = json.dumps(
            {"status": {"error": "the secret text of a document"}}
            if status != 200
            else {"title": "qdrant", "version": server.version, "result": {"exists": True}, "status": "ok"}
        ).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # the library's names

    def log_message(self, *_):
        pass


@pytest.fixture
def answering(monkeypatch):
    monkeypatch.setattr(qdrant, "FIRST_WAIT", 0.001)
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.statuses, server.keys, server.version = [], [], "1.19.1"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def at(server, key="k3y"):
    return QdrantServer.at(Address(f"http://127.0.0.1:{server.server_address[1]}", key), "p", Spread())


def test_what_is_synced_is_found_on_the_server(files, synced, tools, shared):
    library = shared()
    assert synced(using=dataclasses.replace(tools, library=library)).added
    assert library.search(ADMIN, "leave", 3)
    assert not list(library.folder.glob("vectors-*"))


def test_replicas_share_what_one_of_them_indexed(files, synced, tools, shared):
    first, second = shared(), shared(folder="two")
    synced(using=dataclasses.replace(tools, library=first))
    assert [hit.text for hit in second.search(ADMIN, "leave", 3)] == [
        hit.text for hit in first.search(ADMIN, "leave", 3)
    ]


def test_a_replica_follows_when_another_one_reindexes(files, synced, tools, shared):
    first = shared()
    synced(using=dataclasses.replace(tools, library=first))
    other = shared(HashEmbedder(16, "other"), "two")
    assert first.search(ADMIN, "leave", 1, Mode.SPARSE)
    other.reindex()
    assert first.search(ADMIN, "leave", 1, Mode.SPARSE)


def test_a_replica_that_starts_while_another_one_reindexes_leaves_it_what_it_made(
    files, synced, tools, shared, monkeypatch
):
    first, second = shared(), shared(folder="two")
    synced(using=dataclasses.replace(tools, library=first))
    waits = iter([first.reindex])

    @contextmanager
    def alone():
        next(waits, lambda: None)()  # it was the other one's turn
        yield

    monkeypatch.setattr(second.catalog, "alone", alone)
    assert second.search(ADMIN, "leave", 3)
    assert first.search(ADMIN, "leave", 3)


def test_a_catalog_removes_its_own_collections_alone(files, synced, tools, shared, client):
    client.create_collection("plumbline-vectors-another-1", vectors_config={})
    client.create_collection("theirs", vectors_config={})
    library = shared()
    synced(using=dataclasses.replace(tools, library=library))
    library.reindex()
    library.close()
    again = shared()
    again.open()
    names = {found.name for found in client.get_collections().collections}
    live = f"plumbline-{again.catalog.fact(STORE)}"
    assert names == {"plumbline-vectors-another-1", "theirs", live}


def test_a_collection_of_another_dimension_is_refused(client):
    server = QdrantServer(client, "p", Spread())
    server.open("vectors-a-b", 8)
    with pytest.raises(StoreFault, match="another dimension"):
        server.open("vectors-a-b", 16)


def test_a_request_is_sent_again_after_a_passing_fault(answering):
    answering.statuses = [503, 429, 502]
    assert qdrant.asked(at(answering).client.info).version == "1.19.1"
    assert answering.keys == ["k3y"] * 4


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "set PLUMBLINE_INGEST__QDRANT_API_KEY"),
        (403, "the right to write"),
        (404, "restore it from a snapshot"),
        (400, "see its log"),
        (507, "make room"),
    ],
)
def test_a_lasting_fault_is_told_at_once_with_its_remedy_and_without_the_servers_words(
    answering, status, remedy
):
    answering.statuses = [status]
    with pytest.raises(StoreFault, match=remedy) as caught:
        qdrant.asked(at(answering).client.info)
    assert "secret" not in str(caught.value)
    assert len(answering.keys) == 1


def test_a_fault_that_does_not_pass_is_told_in_the_end(answering):
    answering.statuses = [503] * qdrant.ATTEMPTS
    with pytest.raises(StoreFault, match="answered 503"):
        QdrantStore(at(answering).client, "c").count(ADMIN, ())


def test_an_older_server_is_refused(answering):
    answering.version = "1.18.4"
    with pytest.raises(StoreFault, match=r"version 1\.18\.4: run 1\.19"):
        at(answering).open("vectors-a-b", 8)


def test_a_server_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(qdrant, "FIRST_WAIT", 0.001)
    nowhere = QdrantServer.at(Address("http://127.0.0.1:9"), "p", Spread())
    with pytest.raises(StoreFault, match="cannot be reached"):
        nowhere.open("vectors-a-b", 8)


def test_the_settings_choose_the_server(monkeypatch, tmp_path):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    assert callable(stores(IngestSettings()))
    assert stores(IngestSettings(qdrant_url="http://127.0.0.1:6333", qdrant_api_key="k")).shared


@pytest.mark.parametrize(
    "given",
    [
        {"qdrant_url": "qdrant:6333"},
        {"qdrant_prefix": "a/b"},
        {"qdrant_replicas": 1, "qdrant_write_consistency": 2},
    ],
)
def test_settings_that_cannot_work_are_refused(given):
    with pytest.raises(ValidationError):
        IngestSettings(**given)
