"""The door: limits are for those who may come in, and bodies are read after that alone."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from ingest.access import Principal
from service.app import create_app
from service.keys import Keyring
from service.middleware.door import ADMISSIONS

CHAT = "/v1/chat/completions"
QUESTION = {"messages": [{"role": "user", "content": "How many days?"}]}
LIMITS = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"}
REQUESTS = {f"x-ratelimit-{name}-requests" for name in ("limit", "remaining", "reset")}
TOKENS = {f"x-ratelimit-{name}-tokens" for name in ("limit", "remaining", "reset")}


@pytest.fixture
def serve(make_parts, settings, ledger):
    """A server with these settings; gives its client, and headers with a key."""
    opened = []

    def start(**changed):
        parts = make_parts(settings=settings.model_copy(update=changed))
        client = TestClient(create_app(parts), raise_server_exceptions=False, client=("10.1.1.1", 1))
        client.__enter__()
        opened.append(client)
        parts.startup.wait()

        def key(name=None, tenant="default"):
            _, made = Keyring(ledger).create(tenant, [], ["chat", "ingest"], name)
            return {"Authorization": f"Bearer {made}"}

        return client, key

    yield start
    for client in opened:
        client.__exit__(None, None, None)


def has(reply, names) -> set[str]:
    return {name for name in names if name in reply.headers}


def test_answers_below_v1_tell_where_a_caller_stands(serve):
    client, key = serve(requests_per_minute=5, tokens_per_day=1_000)
    headers = key()
    listed = client.get("/v1/documents", headers=headers)
    assert has(listed, LIMITS | REQUESTS | TOKENS) == LIMITS | REQUESTS
    assert listed.headers["RateLimit-Remaining"] == "4"
    for stream in (False, True):
        answered = client.post(CHAT, headers=headers, json={**QUESTION, "stream": stream})
        assert has(answered, LIMITS | REQUESTS | TOKENS) == LIMITS | REQUESTS | TOKENS
    assert answered.headers["x-ratelimit-remaining-tokens"] == "990"
    assert not has(client.get("/healthz"), LIMITS | REQUESTS | TOKENS)
    assert not has(client.get("/v1/documents"), LIMITS | REQUESTS | TOKENS)


def test_more_requests_than_allowed_are_429_in_openais_shape(serve):
    client, key = serve(requests_per_minute=2)
    headers = key()
    statuses = [client.get("/v1/documents", headers=headers).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    reply = client.post(CHAT, headers=headers, json=QUESTION)
    assert reply.status_code == 429
    error = reply.json()["error"]
    assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert "try again in" in error["message"]
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert reply.headers["RateLimit-Remaining"] == "0"
    assert client.get("/v1/documents", headers=key()).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_keys_of_one_name_share_their_limits(serve):
    client, key = serve(requests_per_minute=2)
    for headers, status in ((key("anna"), 200), (key("anna"), 200), (key("anna"), 429), (key("ben"), 200)):
        assert client.get("/v1/documents", headers=headers).status_code == status


def test_the_same_name_in_another_tenant_is_another_caller(serve):
    client, key = serve(requests_per_minute=1)
    for tenant in ("acme", "evil"):
        assert client.get("/v1/documents", headers=key("anna", tenant)).status_code == 200


def test_questions_end_with_the_budget_and_everything_else_goes_on(serve):
    client, key = serve(tokens_per_day=15)
    headers = key()
    # The fake pipeline's answers use ten tokens each.
    statuses = [client.post(CHAT, headers=headers, json=QUESTION).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert client.post("/v1/search", headers=headers, json={"query": "x"}).status_code == 200


def test_answers_that_break_off_are_paid_for_by_nobody_else(serve):
    client, key = serve(tokens_per_day=15)
    broken = {"messages": [{"role": "user", "content": "break early"}]}
    headers = key()
    for _ in range(3):
        assert client.post(CHAT, headers=headers, json=broken).status_code == 503
    assert client.post(CHAT, headers=headers, json=QUESTION).status_code == 200


def test_who_cannot_say_who_they_are_is_slowed_down_by_address_and_a_good_key_holds_all_the_same(serve):
    client, key = serve(failures_per_minute=3)
    good = key()
    for _ in range(5):
        assert client.get("/v1/documents", headers=good).status_code == 200
    tried = [None, "Bearer pk-wrong", "Bearer a.b.c"]
    for header in tried:
        headers = {"Authorization": header} if header else {}
        assert client.get("/v1/documents", headers=headers).status_code == 401
    wrong = {"Authorization": "Bearer pk-wrong"}
    reply = client.get("/v1/documents", headers=wrong)
    assert (reply.status_code, reply.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert client.get("/v1/documents", headers=good).status_code == 200
    other = TestClient(client.app, client=("10.1.1.2", 1))
    assert other.get("/v1/documents", headers=wrong).status_code == 401


def test_too_few_scopes_are_no_failed_attempt(serve):
    client, key = serve(failures_per_minute=1)
    for _ in range(3):
        assert client.get("/v1/audit", headers=key()).status_code == 403


class Slow:
    """Knows nobody until it is told to go on."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Semaphore(0), threading.Event()

    def principal(self, _headers) -> Principal:
        self.asked.release()
        self.go.wait(60)
        return Principal.administrator()


def test_callers_whom_it_takes_long_to_know_hold_nobody_up_who_needs_no_key(make_parts):
    slow = Slow()
    parts = make_parts(authenticator=slow)
    with TestClient(create_app(parts)) as client, ThreadPoolExecutor(ADMISSIONS) as pool:
        parts.startup.wait()
        waiting = [pool.submit(client.get, "/v1/models") for _ in range(ADMISSIONS)]
        try:
            for _ in waiting:
                assert slow.asked.acquire(timeout=60)
            with ThreadPoolExecutor(1) as other:
                ready = other.submit(client.get, "/readyz")
                try:
                    assert ready.result(timeout=30).status_code == 200
                finally:
                    slow.go.set()
        finally:
            slow.go.set()
        assert {each.result().status_code for each in waiting} == {200}


async def _call(app, path: str, headers: dict[str, str], body: int) -> tuple[list[Any], list[Any]]:
    """Send a request whose body is `body` messages of a mebibyte; what was taken in, and what came back."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    taken: list[int] = []
    sent: list[Any] = []

    async def receive():
        taken.append(len(sent))
        return {"type": "http.request", "body": b"[" * 2**20, "more_body": len(taken) < body}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return taken, sent


@pytest.mark.parametrize("path", ["/internal/ingest", "/internal/ask"])
def test_without_the_token_an_internal_body_is_dropped_and_never_kept(make_parts, settings, path):
    parts = make_parts(settings=settings.model_copy(update={"max_request_bytes": 2**20}))
    wrong = {"Authorization": "Bearer wrong"}
    taken, sent = asyncio.run(_call(create_app(parts), path, wrong, body=8))
    assert sent[0]["status"] == 404
    assert json.loads(sent[1]["body"])["error"]["code"] == "not_found"
    assert len(taken) == 8
    right = {"Authorization": "Bearer the-token"}
    _, sent = asyncio.run(_call(create_app(parts), path, right, body=8))
    assert sent[0]["status"] == 413


def test_a_token_in_letters_beyond_ascii_is_just_wrong(house):
    headers = {"Authorization": "Bearer tök".encode()}
    assert house.client.post("/internal/ask", headers=headers, json={"question": "x"}).status_code == 404
