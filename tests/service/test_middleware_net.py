"""The net: what nobody foresaw is logged, answered if it still can be, and tells nothing."""

import asyncio
import json

import pytest

from service.middleware.net import Net

SCOPE = {"type": "http", "method": "GET", "path": "/"}


def passed(app, scope=SCOPE):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    try:
        asyncio.run(Net(app)(dict(scope), receive, send))
    except ZeroDivisionError as error:
        sent.append(error)
    return sent


async def breaks(scope, receive, send):
    raise ZeroDivisionError("the secret document")


async def breaks_off(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ZeroDivisionError("the secret document")


async def works(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})


def test_an_answer_that_has_not_begun_is_500_and_tells_nothing(capsys):
    start, body = passed(breaks)
    assert start["status"] == 500
    assert json.loads(body["body"])["error"]["code"] == "internal_error"
    assert b"secret" not in body["body"]
    logged = "".join(capsys.readouterr())
    assert "ZeroDivisionError" in logged
    assert "secret" not in logged


def test_an_answer_that_has_begun_breaks_off(capsys):
    start, error = passed(breaks_off)
    assert start["status"] == 200
    assert isinstance(error, ZeroDivisionError)
    assert "ZeroDivisionError" in "".join(capsys.readouterr())


def test_a_start_that_fails_fails():
    (error,) = passed(breaks, {"type": "lifespan"})
    assert isinstance(error, ZeroDivisionError)


def test_what_works_passes():
    assert [message["status"] for message in passed(works)] == [204]


def test_cancellation_passes():
    async def scene():
        async def cancelled(scope, receive, send):
            raise asyncio.CancelledError

        await Net(cancelled)(SCOPE, None, None)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(scene())
