import json

import httpx
import pytest

from ingest.errors import IngestError, Misuse, ServerUnreachable
from ingest.lock import Owner
from ingest.remote import send

OWNER = Owner(42, "http://127.0.0.1:9", "the-token")


def answering(status, content):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return httpx.MockTransport(lambda _request: httpx.Response(status, content=body))


def test_a_command_is_posted_with_the_token():
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json={"documents": []})

    transport = httpx.MockTransport(answer)
    assert send(OWNER, "list", {"tenant": "acme"}, transport=transport) == {"documents": []}
    [request] = seen
    assert str(request.url) == "http://127.0.0.1:9/internal/ingest"
    assert request.headers["authorization"] == "Bearer the-token"
    assert json.loads(request.content) == {"command": "list", "arguments": {"tenant": "acme"}}


@pytest.mark.parametrize(("code", "kind"), [(2, Misuse), (1, IngestError)])
def test_what_the_server_says_went_wrong_is_raised_here(code, kind):
    error = {"error": {"message": "no such path: mount it", "exit_code": code}}
    with pytest.raises(kind, match="no such path: mount it") as caught:
        send(OWNER, "sync", {}, transport=answering(400, error))
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b"<html>"),
        (200, []),
        (500, {}),
        (401, {"error": "no"}),
        (404, {"error": {"message": 3}}),
        (200, b"\xff"),
    ],
)
def test_a_server_that_answers_nonsense_is_named(status, content):
    with pytest.raises(ServerUnreachable, match=r"127.0.0.1:9 \(process 42\)") as caught:
        send(OWNER, "list", {}, transport=answering(status, content))
    assert "the-token" not in str(caught.value)


def lines(*values):
    content = "".join(f"{json.dumps(value)}\n" for value in values)
    return httpx.MockTransport(
        lambda _request: httpx.Response(
            200, content=content, headers={"content-type": "application/x-ndjson"}
        )
    )


def test_progress_is_followed_until_the_result():
    seen = []
    transport = lines({"done": 1, "of": 3}, {"done": 2, "of": 3}, {"result": {"added": 3}})
    assert send(OWNER, "sync", {}, lambda *told: seen.append(told), transport) == {"added": 3}
    assert seen == [(1, 3), (2, 3)]


def test_what_goes_wrong_after_progress_is_raised_too():
    error = {"error": {"message": "the disk is full", "exit_code": 1}}
    with pytest.raises(IngestError, match="the disk is full"):
        send(OWNER, "sync", {}, transport=lines({"done": 1, "of": 3}, error))


def test_a_stream_that_ends_early_is_no_answer():
    with pytest.raises(ServerUnreachable):
        send(OWNER, "sync", {}, transport=lines({"done": 1, "of": 3}))


def test_a_server_that_is_gone_is_named():
    with pytest.raises(ServerUnreachable, match="ConnectError"):
        send(OWNER, "list", {})
