"""The queue of questions: a place is kept for a whole answer, and whoever left while waiting is let go."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.capacity import Capacity
from service.errors import EngineFailed
from service.middleware.queue import Queue
from service.startup import Startup

CHAT = "/v1/chat/completions"
QUESTION = {"messages": [{"role": "user", "content": "How many days?"}]}


class Caller:
    """A question under way, answered in two parts; the second when the test says so."""

    def __init__(self, queue, path=CHAT, method="POST") -> None:
        self.sent, self.left, self.go = [], False, asyncio.Event()
        self._read = False
        scope = {"type": "http", "method": method, "path": path, "headers": [], "caller": self}
        self.task = asyncio.create_task(queue(scope, self._receive, self._send))

    async def _receive(self):
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": b"question", "more_body": False}
        if not self.left:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0]["status"] if self.sent else None


async def answering(scope, receive, send):
    caller = scope["caller"]
    assert (await receive())["body"] == b"question"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await caller.go.wait()
    await send({"type": "http.response.body", "body": b"answer"})


async def settled():
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_place_is_kept_until_the_last_byte_and_the_queue_has_an_end():
    async def scene():
        queue = Queue(answering, Capacity(1, 1))
        first, second, third = (Caller(queue) for _ in range(3))
        await settled()
        assert (first.status, second.status, third.status) == (200, None, 503)
        assert json.loads(third.sent[1]["body"])["error"]["code"] == "overloaded"
        assert (b"retry-after", b"2") in third.sent[0]["headers"]
        first.go.set()
        await settled()
        assert (len(first.sent), second.status) == (2, 200)
        second.go.set()
        await asyncio.gather(first.task, second.task, third.task)

    asyncio.run(scene())


def test_who_left_while_waiting_takes_no_place():
    async def scene():
        queue = Queue(answering, Capacity(1, 2))
        first, second, third = (Caller(queue) for _ in range(3))
        await settled()
        second.left = True
        first.go.set()
        await settled()
        # For the log and the figures: nobody receives it.
        assert (second.status, third.status) == (499, 200)
        third.go.set()
        await asyncio.gather(first.task, second.task, third.task)

    asyncio.run(scene())


def test_a_caller_who_is_cut_off_gives_the_place_back():
    async def scene():
        queue = Queue(answering, Capacity(1, 0))
        first = Caller(queue)
        await settled()
        first.task.cancel()
        await settled()
        second = Caller(queue)
        await settled()
        assert second.status == 200
        second.go.set()
        await second.task

    asyncio.run(scene())


@pytest.mark.parametrize("path", ["/v1/responses", "/internal/ask"])
def test_questions_of_every_kind_wait_in_one_queue(path):
    async def scene():
        queue = Queue(answering, Capacity(1, 0))
        first, second = Caller(queue), Caller(queue, path)
        await settled()
        assert (first.status, second.status) == (200, 503)
        first.go.set()
        await asyncio.gather(first.task, second.task)

    asyncio.run(scene())


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/search"), ("GET", CHAT), ("GET", "/healthz")])
def test_nothing_but_questions_queues(method, path):
    async def scene():
        queue = Queue(answering, Capacity(1, 0))
        callers = [Caller(queue), *(Caller(queue, path, method) for _ in range(3))]
        await settled()
        assert [caller.status for caller in callers] == [200] * 4
        for caller in callers:
            caller.go.set()
        await asyncio.gather(*(caller.task for caller in callers))

    asyncio.run(scene())


class SlowPipeline:
    """Answers nobody until it is told to."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def models(self):
        return []

    async def answer(self, *_asked):
        self.begun.set()
        await asyncio.to_thread(self.go.wait, 60)
        raise EngineFailed("nothing to say")
        yield


def test_over_http_a_full_house_is_503_with_the_time_to_come_back(make_parts, settings, house):
    pipeline = SlowPipeline()
    busy = settings.model_copy(update={"most_answers": 1, "most_waiting": 0})
    parts = make_parts(settings=busy, startup=Startup(lambda: pipeline))
    headers = house.key()
    with (
        TestClient(create_app(parts), raise_server_exceptions=False) as client,
        ThreadPoolExecutor() as pool,
    ):
        parts.startup.wait()
        first = pool.submit(client.post, CHAT, headers=headers, json=QUESTION)
        assert pipeline.begun.wait(60)
        reply = client.post(CHAT, headers=headers, json=QUESTION)
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "overloaded")
        assert reply.headers["Retry-After"] == "2"
        assert client.post("/v1/search", headers=headers, json={"query": "x"}).status_code == 200
        pipeline.go.set()
        assert first.result().json()["error"]["code"] == "engine_unavailable"
