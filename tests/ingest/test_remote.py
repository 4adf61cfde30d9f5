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

    assert send(OWNER, "list", {"tenant": "acme"}, httpx.MockTransport(answer)) == {"documents": []}
    [request] = seen
    assert str(request.url) == "http://127.0.0.1:9/internal/ingest"
    assert request.headers["authorization"] == "Bearer the-token"
    assert json.loads(request.content) == {"command": "list", "arguments": {"tenant": "acme"}}


@pytest.mark.parametrize(("code", "kind"), [(2, Misuse), (1, IngestError)])
def test_what_the_server_says_went_wrong_is_raised_here(code, kind):
    error = {"error": {"message": "no such path: mount it", "exit_code": code}}
    with pytest.raises(kind, match="no such path: mount it") as caught:
        send(OWNER, "sync", {}, answering(400, error))
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
        send(OWNER, "list", {}, answering(status, content))
    assert "the-token" not in str(caught.value)


def test_a_server_that_is_gone_is_named():
    with pytest.raises(ServerUnreachable, match="ConnectError"):
        send(OWNER, "list", {})
