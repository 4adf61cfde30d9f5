"""The command line's way through a running server: by the lock file's token, from this machine."""

import json
import socket
import threading
import time
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from ingest import remote
from ingest.access import Principal
from service.app import create_app
from service.resources import Resources
from tests.service.scripted_house import scripted_house

TOKEN = {"Authorization": "Bearer the-token"}
ADMIN = Principal.administrator("acme")
ASK = {"question": "How many days?"}


def test_a_command_runs_and_answers_as_the_command_line_does(house, tmp_path):
    place = tmp_path / "corpus"
    place.mkdir()
    (place / "a.md").write_text("alpha beta")
    command = {"command": "sync", "arguments": {"paths": [str(place)]}}
    reply = house.client.post("/internal/ingest", headers=TOKEN, json=command)
    assert (reply.status_code, reply.json()["added"]) == (200, 1)
    search = {"command": "search", "arguments": {"queries": [{"id": 1, "query": "beta"}]}}
    found = house.client.post("/internal/ingest", headers=TOKEN, json=search).json()["results"]
    assert found[0]["hits"][0]["uri"] == f"file://{place}/a.md"


@pytest.mark.parametrize(
    ("command", "status", "exit_code"),
    [
        ({"command": "nope", "arguments": {}}, 422, 2),
        ({"command": "sync", "arguments": {"paths": ["/not/there"]}}, 422, 2),
        ({"command": "delete", "arguments": {"uri": "file:///none"}}, 404, 1),
    ],
)
def test_a_command_that_fails_tells_its_exit_code(house, command, status, exit_code):
    reply = house.client.post("/internal/ingest", headers=TOKEN, json=command)
    assert reply.status_code == status
    assert reply.json()["error"]["exit_code"] == exit_code


def test_whoever_accepts_lines_is_told_how_far_it_is(house, tmp_path, monkeypatch):
    monkeypatch.setattr("service.routes.internal.PAUSE", 0.001)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text("alpha beta")
    headers = TOKEN | {"Accept": "application/x-ndjson"}
    command = {"command": "sync", "arguments": {"paths": [str(tmp_path / "corpus")], "dry_run": True}}
    reply = house.client.post("/internal/ingest", headers=headers, json=command)
    *progress, last = [json.loads(line) for line in reply.text.splitlines()]
    assert (last["result"]["added"], last["result"]["dry_run"]) == (1, True)
    assert progress
    assert progress[-1]["of"] == 1
    command["arguments"]["paths"] = ["/not/there"]
    [refused] = house.client.post("/internal/ingest", headers=headers, json=command).text.splitlines()
    assert json.loads(refused)["error"]["exit_code"] == 2


def test_a_question_is_asked_as_the_local_administrator_or_a_member(house):
    assert house.client.post("/internal/ask", headers=TOKEN, json=ASK).json()["citations"]
    asked = ASK | {"tenant": "acme", "groups": ["hr"]}
    house.client.post("/internal/ask", headers=TOKEN, json=asked)
    (admin, _), (member, _) = house.pipeline.asked
    assert (admin.tenant, admin.every_group) == ("default", True)
    assert (member.tenant, member.groups, member.every_group) == ("acme", {"hr"}, False)


@pytest.mark.parametrize(("model", "exit_code"), [("nope", 2), ("default", 1)])
def test_a_question_that_fails_tells_its_exit_code(house, model, exit_code):
    asked = {"question": "break early", "model": model}
    reply = house.client.post("/internal/ask", headers=TOKEN, json=asked)
    assert reply.json()["error"]["exit_code"] == exit_code


@pytest.mark.parametrize("path", ["/internal/ingest", "/internal/ask"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
def test_without_the_token_there_is_nothing_here(house, path, header):
    body = ASK if "ask" in path else {"command": "status", "arguments": {}}
    assert house.client.post(path, headers=header, json=body).status_code == 404


def test_an_api_key_opens_no_internal_route(house):
    headers = house.key(scopes=["admin", "ingest", "chat"])
    assert house.client.post("/internal/ask", headers=headers, json=ASK).status_code == 404


@pytest.mark.parametrize(("caller", "token"), [("10.0.0.9", "the-token"), ("127.0.0.1", None)])
def test_another_machine_or_a_server_without_a_token_has_nothing_here(
    make_parts: Callable[..., Resources], caller: str, token: str | None
):
    app = create_app(make_parts(token=token))
    with TestClient(app, client=(caller, 1)) as client:
        for header in (TOKEN, {"Authorization": "Bearer "}, {}):
            assert client.post("/internal/ask", headers=header, json=ASK).status_code == 404


def test_a_batch_may_be_larger_than_a_request_from_outside(make_parts, settings):
    larger = settings.model_copy(update={"max_request_bytes": 1_024, "max_upload_bytes": 10_000})
    with TestClient(create_app(make_parts(settings=larger)), client=("127.0.0.1", 1)) as client:
        for size, status in ((5_000, 200), (20_000, 413)):
            queries = [{"id": "x" * size, "query": "beta"}]
            command = {"command": "search", "arguments": {"queries": queries}}
            assert client.post("/internal/ingest", headers=TOKEN, json=command).status_code == status


@pytest.mark.parametrize("accept", ["application/json", remote.LINES])
def test_a_sync_ends_when_its_command_line_does(tmp_path, accept):
    place = tmp_path / "corpus"
    place.mkdir()
    for number in range(40):
        (place / f"{number:02}.md").write_text(f"words {number}")
    command = {"command": "sync", "arguments": {"paths": [str(place)], "tenant": "acme"}}
    with scripted_house(tmp_path / "house") as house:
        tools, load = house.parts.tools, house.parts.tools.loader.load
        begun, gone = threading.Event(), threading.Event()

        def slowly(data, name):
            begun.set()
            if gone.wait(10):
                time.sleep(0.1)
            return load(data, name)

        tools.loader.load = slowly
        with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2]))) as caller:
            body = json.dumps(command)
            head = [
                "POST /internal/ingest HTTP/1.1",
                "Host: x",
                "Authorization: Bearer the-token",
                "Content-Type: application/json",
                f"Accept: {accept}",
                f"Content-Length: {len(body)}",
            ]
            caller.sendall("\r\n".join([*head, "", body]).encode())
            assert begun.wait(10)
        gone.set()
        quiet = 0
        while quiet < 10:  # until nothing has been read for a second
            before = tools.library.catalog.totals(ADMIN)
            time.sleep(0.1)
            quiet = quiet + 1 if tools.library.catalog.totals(ADMIN) == before else 0
        assert before[0] < 40
