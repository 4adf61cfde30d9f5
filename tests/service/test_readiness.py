"""What the server depends on: looked at, told, and gone on without as far as possible."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ingest.errors import StoreFault
from ingest.facts import STORE
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.memory import MemoryStore
from service import ledger as ledgers
from service.app import create_app
from service.audited import AuditedPipeline
from service.errors import LedgerFault
from service.keys import Keyring
from service.ledger import Ledger
from service.readiness import NOBODY, Dependencies, Pulse, store, taking
from service.resources import Resources
from service.startup import Dependency, Startup
from tests.service.conftest import FakePipeline, House

CHAT = "/v1/chat/completions"
QUESTION = {"messages": [{"role": "user", "content": "How many days?"}]}


@contextmanager
def locked(settings) -> Iterator[None]:
    """Somebody else writes to the ledger, for as long as the block lasts."""
    other = sqlite3.connect(settings.folder / "ledger.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    monkeypatch.setattr(ledgers, "HURRY", 0.05)


@pytest.fixture
def audited(make_parts: Callable[..., Resources], ledger: Ledger, tmp_path: Path) -> Iterator[House]:
    """A house whose pipeline asks the ledger first."""
    pipeline = FakePipeline(ledger)
    look = Pulse(lambda: taking(ledger), every=0.0)
    parts = make_parts(startup=Startup(lambda: AuditedPipeline(pipeline, look)))
    (tmp_path / "docs").mkdir()
    with TestClient(create_app(parts), raise_server_exceptions=False) as client:
        parts.startup.wait()
        yield House(parts, Keyring(ledger), pipeline, client, tmp_path / "docs")


def told(client: TestClient, name: str) -> str:
    return client.get("/readyz").json()["dependencies"][name]["detail"]


def test_a_pulse_is_taken_once_in_a_while_however_many_ask():
    now, looks = [0.0], []

    def look() -> Dependency:
        looks.append(now[0])
        return Dependency(now[0] < 5, "")

    pulse = Pulse(look, every=2.0, clock=lambda: now[0])
    seen = []
    for now[0] in (0.0, 1.0, 1.9, 2.0, 3.0, 5.0):
        seen.append(pulse().ready)
    assert (looks, seen) == ([0.0, 2.0, 5.0], [True, True, True, True, True, False])


def test_a_ledger_that_somebody_else_holds_stops_questions_alone(audited: House, settings):
    headers = audited.key()
    audited.add("leave.md", "Staff get thirty days of leave.")
    assert audited.client.post(CHAT, headers=headers, json=QUESTION).status_code == 200
    with locked(settings):
        refused = audited.client.post(CHAT, headers=headers, json=QUESTION)
        streamed = audited.client.post(CHAT, headers=headers, json=QUESTION | {"stream": True})
        found = audited.client.post("/v1/search", headers=headers, json={"query": "leave"})
        listed = audited.client.get("/v1/documents", headers=headers)
    for reply in (refused, streamed):
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "ledger_unavailable")
        assert "locked" in reply.json()["error"]["message"]
        assert "without a record" in reply.json()["error"]["message"]
        assert reply.headers["retry-after"] == "5"
    assert len(audited.pipeline.asked) == 1
    assert (len(found.json()["hits"]), len(listed.json()["documents"])) == (1, 1)
    assert audited.client.post(CHAT, headers=headers, json=QUESTION).status_code == 200


def test_a_key_is_good_though_its_use_cannot_be_noted(audited: House, settings):
    headers = audited.key()
    with locked(settings):
        assert audited.client.get("/v1/documents", headers=headers).status_code == 200
        (key,) = audited.keyring.list()
        assert key.last_used_at is None
    assert audited.client.get("/v1/documents", headers=headers).status_code == 200
    (key,) = audited.keyring.list()
    assert key.last_used_at is not None


def test_a_ledger_that_is_locked_or_gone_takes_nothing(ledger: Ledger, settings):
    ledger.check()
    with locked(settings), pytest.raises(LedgerFault, match="locked"):
        ledger.check()
    ledger.check()
    file = settings.folder / "ledger.db"
    aside = file.rename(settings.folder / "aside.db")
    with pytest.raises(LedgerFault, match="gone"):
        ledger.check()
    file.write_bytes(aside.read_bytes())
    with pytest.raises(LedgerFault, match="another one"):
        ledger.check()


def test_the_ledger_is_a_dependency(house: House, settings):
    with locked(settings):
        reply = house.client.get("/readyz")
        assert reply.status_code == 503
        assert "locked" in reply.json()["dependencies"]["ledger"]["detail"]
        assert 'plumbline_dependency_ready{dependency="ledger"} 0.0' in house.client.get("/metrics").text


def test_a_store_that_fails_is_told(tools, monkeypatch):
    assert store(tools.library) == Dependency(True, "open")

    def broken(*_: object) -> None:
        raise StoreFault("the store does not answer", "see that it runs")

    monkeypatch.setattr(tools.library, "search", broken)
    assert store(tools.library) == Dependency(False, "the store does not answer: see that it runs")


def test_a_store_whose_folder_is_gone_is_not_ready_until_it_is_back(house: House):
    house.add("leave.md", "Staff get thirty days of leave.")
    mine = house.parts.tools.library
    folder = mine.folder / mine.catalog.fact(STORE)
    folder.mkdir()
    opened = Library(mine.folder, mine.catalog, HashEmbedder(), lambda *_: MemoryStore())
    assert store(opened).ready
    away = folder.rename(mine.folder / "away")
    found = store(opened)
    assert (found.ready, "put it back" in found.detail) == (False, True)
    away.rename(folder)
    assert store(opened).ready


def test_looking_at_the_store_asks_it_and_finds_nobodys_documents(house: House):
    house.add("leave.md", "Ready? Staff get thirty days of leave.")
    assert store(house.parts.tools.library).ready
    assert house.parts.tools.library.search(NOBODY, "ready") == []


def test_an_index_of_another_embedder_is_told_with_the_remedy(house: House):
    house.add("leave.md", "Staff get thirty days of leave.")
    mine = house.parts.tools.library
    (mine.folder / mine.catalog.fact(STORE)).mkdir()
    other = Library(mine.folder, mine.catalog, HashEmbedder(name="other"), lambda *_: MemoryStore())
    looks = Dependencies.of(house.parts.drain, other, house.parts.recording, house.parts.startup).states()
    assert looks["embedder"].ready is False
    assert "reindex" in looks["embedder"].detail
    assert looks["store"].ready


def test_before_the_startup_has_ended_the_embedder_is_still_loading(make_parts: Callable[..., Resources]):
    parts = make_parts()
    looks = Dependencies.of(parts.drain, parts.tools.library, parts.recording, parts.startup).states()
    assert (looks["embedder"].ready, looks["engine"].ready, looks["store"].ready) == (False, False, True)


@pytest.mark.parametrize(
    ("of", "status"),
    [(None, 503), ("engine", 503), ("store,ledger,embedder", 200), (" store ", 200), ("", 422), ("x", 422)],
)
def test_who_only_searches_may_leave_the_engine_out(house: House, of, status):
    house.pipeline.engine_up = False
    reply = house.client.get("/readyz", params={} if of is None else {"of": of})
    assert reply.status_code == status
    if status != 422:
        assert reply.json()["ready"] is (status == 200)
        assert len(reply.json()["dependencies"]) == 5
    else:
        assert reply.json()["error"]["param"] == "of"
        assert "embedder" in reply.json()["error"]["message"]


def test_a_server_that_stops_is_not_ready_whoever_asks_for_what(house: House):
    house.parts.drain.begin()
    reply = house.client.get("/readyz", params={"of": "store"})
    assert (reply.status_code, reply.json()["ready"]) == (503, False)
    assert "stopping" in told(house.client, "server")
    assert house.client.get("/healthz").status_code == 200
    assert 'plumbline_dependency_ready{dependency="server"} 0.0' in house.client.get("/metrics").text
    refused = house.client.post(CHAT, headers=house.key(), json=QUESTION)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "stopping")
    assert (refused.headers["retry-after"], refused.headers["connection"]) == ("5", "close")
    assert len(refused.headers["x-request-id"]) == 32
