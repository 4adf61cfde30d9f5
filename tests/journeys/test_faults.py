"""What breaks under a running server, and what its callers see of it. Everything is a process of its own.

The server is the real one, with its rails, MiniLM and Qdrant Edge over a small corpus; the two engines are
fakes that can be slow, hang and be killed (`fault_engine.py`). Nothing is asserted on time.
"""

import errno
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

from ingest.lock import claim
from service.readiness import EVERY
from tests.journeys.fault_house import (
    ROOT,
    Engine,
    Engines,
    House,
    copied,
    environment,
    small_disk,
    sqlite_url,
    until,
)

CORPUS = ROOT / "deploy" / "demo" / "corpus" / "policies" / "leave-policy.md"
FIRST = "Every full-time employee gets 28 days of annual leave a year [1]."
MEGABYTES = 256  # of the small disk: the store takes some 50, and may keep a reserve
STREAMS = 8
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A data folder with the corpus in it, which no process holds."""
    home = tmp_path_factory.mktemp("prepared") / "home"
    command = [sys.executable, "-m", "ingest", "sync", str(CORPUS), "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engines")
    made = Engines(Engine(folder / f"{number}.log") for number in (1, 2))
    yield made
    made.kill()


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """Where the data folder lies: on a small disk, if one may be mounted here; and whether it does."""
    folder = tmp_path_factory.mktemp("disk") / "small"
    with small_disk(folder, MEGABYTES) as mounted:
        yield folder, mounted


@pytest.fixture(scope="module")
def embedded(disk, prepared, engines, tmp_path_factory):
    """The server with its ledger in SQLite."""
    folder, _ = disk
    house = House(copied(prepared, folder / "home"), engines, tmp_path_factory.mktemp("log") / "server.log")
    yield house
    house.stop()


@pytest.fixture(scope="module")
def served(cluster, prepared, engines, tmp_path_factory):
    """The server with its ledger in PostgreSQL."""
    folder = tmp_path_factory.mktemp("served")
    home = copied(prepared, folder / "home")
    house = House(home, engines, folder / "server.log", cluster.url(cluster.database()))
    yield house
    house.stop()


def settled(house):
    """The server and its engines as they are on a good day, whatever a test has done to them before."""
    house.engines.start()
    if house.server.poll() is not None:
        house.start()
    house.settle()
    return house


@pytest.fixture
def house(embedded):
    return settled(embedded)


@pytest.fixture
def postgres_house(served):
    return settled(served)


def code(response):
    return response.status_code, response.json()["error"]["code"]


def broken_off(chunks, expected):
    """The end of a stream that failed: one error, at the very end, and no word of how the answer ended."""
    *others, last = chunks
    assert last["error"]["code"] == expected, chunks
    assert [chunk for chunk in others if "error" in chunk] == []
    assert {choice["finish_reason"] for chunk in others for choice in chunk["choices"]} <= {None}
    return last["error"]["message"]


def new_answers(house, before):
    """Why the answers ended that have come on record since, in any order."""
    return sorted(why for name, why in house.answers().items() if name not in before)


# The engine.


def test_an_engine_killed_in_mid_stream_ends_it_in_one_error_and_the_other_engine_answers(house):
    before, counts = house.answers(), [engine.seen("asked") for engine in house.engines]
    house.engines.feel("held")
    talk = house.talk()
    held = zip(house.engines, counts, strict=True)
    [asked] = [engine for engine, count in held if engine.seen("asked") > count]
    asked.kill()
    message = broken_off(talk.rest(), "engine_unavailable")
    assert asked.url not in message  # that is for the log, not for callers
    assert talk.text.strip() == FIRST  # whole sentences that were checked, and no more
    house.engines.feel("well")
    answer = house.ask()
    assert answer.status_code == 200
    assert answer.json()["citations"][0]["verified"] is True
    assert new_answers(house, before) == ["aborted", "stop"]


def test_with_no_engine_left_questions_are_503_and_search_goes_on_until_one_is_back(house):
    house.engines.feel("held")
    talk = house.talk()
    house.engines.kill()
    broken_off(talk.rest(), "engine_unavailable")
    assert code(house.ask()) == (503, "engine_unavailable")
    until(lambda: not house.ready("engine"), house.server)
    refused = house.ask()
    assert code(refused) == (503, "engine_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert house.ready("ledger")
    assert house.search().json()["hits"]
    house.engines[0].start()
    until(house.ready, house.server)
    assert house.ask().status_code == 200


def test_when_an_engine_says_nothing_one_that_speaks_is_asked_instead(house):
    first, second = house.engines
    first.feel("silent")
    answers = [house.ask() for _ in range(2)]  # each engine in turn: one of them asks the silent one first
    assert [answer.status_code for answer in answers] == [200, 200]
    assert first.seen("aborted") >= 1
    second.feel("silent")
    failed = house.ask()
    assert code(failed) == (503, "engine_unavailable")
    assert "service.engine_first_token" in failed.json()["error"]["message"]
    assert not any(engine.url in failed.text for engine in house.engines)
    until(lambda: second.seen("aborted") >= 1)
    house.engines.feel("well")
    house.settle()
    assert house.ask().status_code == 200


def test_a_caller_who_leaves_a_stream_ends_it_at_the_engine_and_the_record_says_so(house):
    before, aborted = house.answers(), house.engines.seen("aborted")
    house.engines.feel("held")
    house.talk().close()
    until(lambda: house.engines.seen("aborted") > aborted, house.server)
    until(lambda: new_answers(house, before), house.server)
    assert new_answers(house, before) == ["aborted"]
    assert house.engines.seen("aborted") == aborted + 1


def test_a_caller_who_leaves_before_an_answer_that_is_not_streamed_ends_it_too(house):
    before, aborted, asked = house.answers(), house.engines.seen("aborted"), house.engines.seen("asked")
    house.engines.feel("held")
    request = house.request()
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    head = "\r\n".join(["POST /v1/chat/completions HTTP/1.1", *lines, "", ""])
    with socket.create_connection((request.url.host, request.url.port)) as caller:
        caller.sendall(head.encode() + request.content)
        until(lambda: house.engines.seen("asked") == asked + 1, house.server)
    until(lambda: house.engines.seen("aborted") > aborted, house.server)
    until(lambda: new_answers(house, before), house.server)
    assert new_answers(house, before) == ["aborted"]
    assert (house.engines.seen("asked"), house.engines.seen("aborted")) == (asked + 1, aborted + 1)


# The vector store.


def test_vectors_that_are_gone_from_under_the_server_are_told_and_found_when_they_are_back(house):
    [vectors] = house.home.glob("vectors-*")
    away = house.home / "away"
    vectors.rename(away)
    try:
        time.sleep(EVERY)  # what was looked at a moment ago is not looked at again
        ready, replies = house.ready("store"), [house.search(), house.ask()]
    finally:
        away.rename(vectors)
    assert not ready
    assert [code(reply) for reply in replies] == [(503, "store_unavailable")] * 2
    until(house.ready, house.server)
    assert house.ask().status_code == 200


def test_a_second_server_leaves_the_data_folder_to_the_first(house):
    second = ended(house)
    assert second.returncode == 2
    assert f"a server at {house.url} (process {house.server.pid}) holds {house.home}" in second.stderr
    assert house.ask().status_code == 200


def test_a_server_does_not_start_on_a_folder_without_its_vectors_or_in_other_hands(house, prepared, tmp_path):
    home = copied(prepared, tmp_path / "home")
    with claim(home):
        held = ended(house, home)
    [vectors] = home.glob("vectors-*")
    vectors.rename(home / "away")
    bare = ended(house, home)
    assert (held.returncode > 0, bare.returncode > 0) == (True, True)
    assert f"is working in {home}" in held.stderr
    assert f"the catalog's vectors ({vectors.name}) are not in {home}" in bare.stderr
    assert "Traceback" not in held.stderr + bare.stderr


def ended(house, home=None):
    """A further server with the same settings, which has ended by itself."""
    home = home or house.home
    env = house.env | {
        "PLUMBLINE_HOME": str(home),
        "PLUMBLINE_SERVICE__LEDGER_URL": sqlite_url(home),
    }
    command = [sys.executable, "-m", "service", "serve", "--port", "0"]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=150
    )


# The ledger, and the disk below it.


def test_while_another_process_locks_the_ledger_questions_are_503(house):
    before, asked = house.answers(), house.engines.seen("asked")
    with closing(sqlite3.connect(house.home / "ledger.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(EVERY)  # as above
        refused, stream = house.ask(), house.ask(stream=True)
        assert not house.ready("ledger")
        assert house.search().json()["hits"]
        other.rollback()
    assert code(refused) == code(stream) == (503, "ledger_unavailable")
    assert "locked by somebody else" in refused.json()["error"]["message"]
    assert int(refused.headers["retry-after"]) > 0
    assert house.engines.seen("asked") == asked  # refused before any work
    until(house.ready, house.server)
    assert until(house.ask).status_code == 200
    assert new_answers(house, before) == ["stop"]


@contextmanager
def full(house, room=0):
    """The disk of the data folder has `room` left, in bytes, and the ledger's log of what comes next none."""
    with closing(sqlite3.connect(house.home / "ledger.db")) as ledger:
        until(lambda: ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
    ballast = house.home / "ballast"
    with ballast.open("wb", buffering=0) as taken:
        for size in (2**20, 2**12):
            fill(taken, bytes(size))
        taken.truncate(taken.tell() - room)
    try:
        yield
    finally:
        ballast.unlink()


def fill(file, block):
    try:
        while file.write(block) == len(block):
            pass
    except OSError as error:
        assert error.errno == errno.ENOSPC  # noqa: PT017  # whether it comes depends on what fitted last


@pytest.fixture
def small(house, disk):
    """The server on a disk that can be filled."""
    _, mounted = disk
    if not mounted:
        pytest.skip("only a user who may mount a tmpfs can fill a disk of their own")
    return house


def test_on_a_full_disk_questions_are_503_and_nothing_is_on_record_until_there_is_room(small):
    before = small.answers()
    with full(small):
        refused = small.ask()
        until(lambda: not small.ready("ledger"), small.server)
        found, record = small.search(), small.answers()
    assert code(refused) == (503, "ledger_unavailable")
    assert "no room left on its disk" in refused.json()["error"]["message"]
    assert found.json()["hits"]
    assert record == before
    until(small.ready, small.server)
    answer = until(lambda: (asked := small.ask()).is_success and asked)
    assert new_answers(small, before) == ["stop"]
    assert small.answers()[answer.json()["answer_id"]] == "stop"


def test_a_disk_that_fills_up_under_an_answer_ends_it_in_an_error_and_it_is_not_on_record(small):
    before = small.answers()
    small.engines.feel("held")
    talk = small.talk()
    with full(small):
        small.engines.feel("well")
        message = broken_off(talk.rest(), "ledger_unavailable")
        record = small.answers()
    assert "no room left on its disk" in message
    assert record == before
    assert until(lambda: small.ask().is_success)
    with closing(sqlite3.connect(small.home / "ledger.db")) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_upload_to_a_full_disk_is_told_so_and_succeeds_when_there_is_room(small):
    with full(small):
        refused = small.upload(*menu("canteen", 20))
    assert refused.status_code in {503, 507}, refused.text
    assert refused.json()["error"]["code"] != "internal_error"
    until(small.ready, small.server)
    assert outcome(small, menu("canteen", 20)) == ("done", None)


def test_a_disk_that_fills_up_while_documents_are_indexed_fails_the_job_and_not_the_server(small):
    with full(small, room=100_000):
        # Where a store's file has holes, a write into one that finds no page is a SIGBUS, no error.
        outcomes = (outcome(small, menu(f"canteen-{number}", 400)) for number in range(10))
        state, error = next(each for each in outcomes if each[0] != "done")
        assert small.search().json()["hits"]
    assert state in {"refused", "failed"}
    assert "room left" in error
    until(small.ready, small.server)
    assert outcome(small, menu("bistro", 20)) == ("done", None)
    assert small.ask().status_code == 200


def menu(name, meals):
    """A document: its file's name, and a text of so many paragraphs."""
    return f"{name}.md", "\n\n".join(f"On day {n} the {name} serves soup {n} at noon." for n in range(meals))


def outcome(house, document):
    """How an upload ended, while the server lived on, and what was wrong."""
    reply = house.upload(*document)
    if reply.status_code != 202:
        return "refused", reply.json()["error"]["message"]
    job = until(lambda: house.job(reply.json()["job_id"]), house.server)
    return job["state"], job["files"][0].get("error")


def test_while_postgresql_is_gone_questions_are_503_and_they_are_answered_when_it_is_back(
    postgres_house, cluster
):
    house = postgres_house
    before = house.answers()
    assert house.ask().status_code == 200
    house.engines.feel("held")
    talk = house.talk()
    cluster.stop()
    try:
        house.engines.feel("well")
        message = broken_off(talk.rest(), "ledger_unavailable")
        refused = house.ask()
        until(lambda: not house.ready("ledger"), house.server)
        alive = house.client.get(f"{house.url}/healthz")
    finally:
        cluster.start()
    assert "cannot be reached" in message
    assert code(refused) == (503, "ledger_unavailable")
    assert alive.status_code == 200
    until(house.ready, house.server)
    assert until(lambda: house.ask().is_success)
    assert new_answers(house, before) == ["stop", "stop"]  # the one under way is none


# The end.


def test_told_to_stop_under_load_the_server_finishes_every_stream_and_takes_nothing_new(postgres_house):
    house = postgres_house
    before = house.answers()
    house.engines.feel("held")
    talks = [house.talk() for _ in range(STREAMS)]
    house.server.terminate()
    until(lambda: not house.ready("server"), house.server)
    refused = house.ask()
    house.engines.feel("well")
    ends = [talk.rest()[-1] for talk in talks]
    assert code(refused) == (503, "stopping")
    assert [end["choices"][0]["finish_reason"] for end in ends] == ["stop"] * STREAMS
    assert [talk.text.count("[1]") for talk in talks] == [2] * STREAMS
    assert house.server.wait(150) == 0
    kept = house.answers()
    assert {end["answer_id"]: "stop" for end in ends}.items() <= kept.items()
    assert len(kept) == len(before) + STREAMS
