"""A busy server is obeyed, a refusal is final, and nothing of the transport's errors gets out."""

import asyncio
import json
from contextlib import aclosing

import httpx
import pytest

from eval.connection import ATTEMPTS, Connection, connected, patiently
from eval.errors import Busy, TargetFault

REASON = {"error": {"message": "too many", "code": "x"}}
NOW = {"Retry-After": "0"}


def talk(handler, ask):
    """What `ask` gets of a server that answers as `handler` does."""

    async def run():
        transport = httpx.MockTransport(handler)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await ask(Connection(client))

    return asyncio.run(run())


async def get(connection):
    return await patiently(lambda: connection.json("GET", "/v1/x", "pk-1"))


async def stream(connection):
    async with aclosing(connection.events("/v1/x", "pk-1", {})) as events:
        return [event async for event in events]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_when_it_said_so(status):
    asked = []

    def handler(request):
        asked.append(request.headers["authorization"])
        return (
            httpx.Response(status, json=REASON, headers=NOW)
            if len(asked) < 3
            else httpx.Response(200, json={"a": 1})
        )

    assert talk(handler, get) == {"a": 1}
    assert asked == ["Bearer pk-1"] * 3


def test_a_server_that_stays_busy_is_given_up():
    asked = []

    def handler(request):
        asked.append(request)
        return httpx.Response(429, json=REASON, headers=NOW)

    with pytest.raises(Busy, match="too many"):
        talk(handler, get)
    assert len(asked) == ATTEMPTS


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(503, json=REASON), "status 503: too many"),
        (httpx.Response(500, headers=NOW, text="<html>"), "status 500: no reason given"),
        (httpx.Response(401, json=REASON), "status 401"),
        (httpx.Response(200, text="hello"), "not JSON"),
        (httpx.Response(200, text="[]"), "no JSON object"),
        (httpx.ConnectError("secret"), r"http://server does not answer \(ConnectError\)"),
        (httpx.ReadTimeout("secret"), "ReadTimeout"),
    ],
)
@pytest.mark.parametrize("ask", [get, stream])
def test_any_other_refusal_is_final_and_says_what_it_is(answer, told, ask):
    asked = []

    def handler(request):
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    with pytest.raises(TargetFault, match=told) as caught:
        talk(handler, ask)
    assert len(asked) == 1
    assert "secret" not in str(caught.value)


def sse(*events):
    return httpx.Response(200, text="".join(f"data: {event}\n\n" for event in events))


def test_a_stream_is_its_events():
    events = [json.dumps({"n": n}) for n in range(3)]
    assert talk(lambda _: sse(*events, "[DONE]"), stream) == [{"n": 0}, {"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (['{"n": 0}', json.dumps(REASON), "[DONE]"], "too many"),
        (['{"n": 0}'], "broke off"),
        (["{", "[DONE]"], "not JSON"),
    ],
)
def test_a_stream_that_breaks_is_a_fault(events, told):
    with pytest.raises(TargetFault, match=told):
        talk(lambda _: sse(*events), stream)


def test_nobody_there_is_a_fault_that_names_the_address():
    async def run():
        async with connected("http://127.0.0.1:9", "run-1", 5.0) as connection:
            return await connection.json("GET", "/v1/x", "pk-1")

    with pytest.raises(TargetFault, match=r"http://127\.0\.0\.1:9 does not answer"):
        asyncio.run(run())
