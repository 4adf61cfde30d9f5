"""The body of a request, taken in whole before anything is done about it."""

import asyncio

from service.middleware.body import Limit


def passed(*messages) -> tuple[list[bytes], list[int]]:
    """The bodies that came through, and the statuses that were answered at once."""
    told, bodies, statuses = list(messages), [], []

    async def app(_scope, receive, _send):
        bodies.append((await receive())["body"])

    async def receive():
        return told.pop(0)

    async def send(message):
        statuses.append(message.get("status"))

    scope = {"type": "http", "method": "POST", "path": "/v1/search", "headers": []}
    asyncio.run(Limit(app, 10, 10)(scope, receive, send))
    return bodies, [status for status in statuses if status]


def part(body: bytes, *, more: bool) -> dict[str, object]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_comes_through_whole():
    assert passed(part(b"quest", more=True), part(b"ion", more=False)) == ([b"question"], [])


def test_one_that_is_too_large_is_refused():
    assert passed(part(b"question", more=True), part(b"question", more=False)) == ([], [413])


def test_a_caller_who_hangs_up_while_sending_is_gone_and_no_fault_of_ours():
    assert passed(part(b"quest", more=True), {"type": "http.disconnect"}) == ([], [499])
