"""The end of a server over a real socket: what is under way ends well, and nothing new is taken in."""

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from ingest.access import Principal
from service import server
from service.answer import Answer, Ask, Delta, Event
from service.auth import NoAuth
from service.drain import Drain
from service.resources import Resources
from service.settings import ServiceSettings
from service.startup import Startup

CHAT = "/v1/chat/completions"
QUESTION = {"messages": [{"role": "user", "content": "How many days?"}]}
STREAM = QUESTION | {"stream": True}
RESPONSES = "/v1/responses"
GRACE = 60


class Paced:
    """A pipeline that stops in the middle of each answer until it may go on."""

    def __init__(self) -> None:
        self.go, self.closed = threading.Event(), 0
        self.begun = threading.Semaphore(0)

    def ready(self) -> bool:
        return True

    def models(self) -> list[str]:
        return []

    async def answer(self, principal: Principal, ask: Ask) -> AsyncIterator[Event]:
        del principal, ask
        try:
            yield Delta("You have ")
            self.begun.release()
            await asyncio.to_thread(self.go.wait)
            yield Delta("30 days.")
            yield Answer("ans-1", "qa-1", "You have 30 days.", "stop")
        finally:
            self.closed += 1


class Scene:
    """A server that runs, seen by its callers. Everything but `stop` may be called from any thread."""

    def __init__(self, address: str, paced: Paced) -> None:
        self.address, self.paced, self.stopped = address, paced, False
        self.pool = ThreadPoolExecutor(8)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, trust_env=False, timeout=60)

    def stop(self) -> None:
        """As an operator: a signal."""
        self.stopped = True
        os.kill(os.getpid(), signal.SIGTERM)

    def get(self, path: str) -> httpx.Response:
        with self.client() as client:
            return client.get(path)

    def ask(self) -> httpx.Response:
        with self.client() as client:
            return client.post(CHAT, json=QUESTION)

    def stream(self) -> list[dict[str, Any] | str]:
        """The events of a streamed answer, whole."""
        with self.client() as client, client.stream("POST", CHAT, json=STREAM) as reply:
            lines = [line.removeprefix("data: ") for line in reply.iter_lines() if line]
        return [line if line == "[DONE]" else json.loads(line) for line in lines]

    def respond(self) -> list[dict[str, Any]]:
        """The events of a streamed response, whole."""
        asked = {"input": "How many days?", "stream": True}
        with self.client() as client, client.stream("POST", RESPONSES, json=asked) as reply:
            blocks = "".join(reply.iter_text()).split("\n\n")[:-1]
        events = [json.loads(block.split("\ndata: ")[1]) for block in blocks]
        assert [block.split("\n")[0] for block in blocks] == [f"event: {each['type']}" for each in events]
        return events

    def until(self, path: str, status: int) -> httpx.Response:
        """The first reply with this status."""
        patience = time.monotonic() + 120
        while (reply := self.get(path)).status_code != status:
            assert time.monotonic() < patience
        return reply


@pytest.fixture
def play(
    make_parts: Callable[..., Resources], settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Paced]:
    """Run a server in this thread, and a scene with its callers in another, until the scene stops it."""

    def run(scene: Callable[[Scene], None], grace: float = GRACE) -> Paced:
        paced = Paced()
        changed = settings.model_copy(update={"port": 0, "auth": "off"})
        parts = make_parts(
            settings=changed,
            authenticator=NoAuth(),
            startup=Startup(lambda: paced),
            drain=Drain(grace),
        )
        told = []

        @contextmanager
        def opened(*_: object) -> Iterator[Resources]:
            yield parts

        def playing(address: str) -> None:
            seen = Scene(address, paced)
            try:
                seen.until("/readyz", 200)
                scene(seen)
            finally:
                paced.go.set()
                if not seen.stopped:
                    seen.stop()
                seen.pool.shutdown()

        monkeypatch.setattr(server, "opened", opened)
        with ThreadPoolExecutor(1) as pool:
            server.serve(changed, 0, lambda address, _: told.append(pool.submit(playing, address)))
        told[0].result()
        return paced

    return run


def text(events: list[Any]) -> str:
    return "".join(
        event["choices"][0]["delta"].get("content") or "" for event in events[:-1] if "choices" in event
    )


def test_answers_under_way_are_finished_and_new_questions_are_refused(play):
    seen: dict[str, Any] = {}

    def scene(house: Scene) -> None:
        streams = [house.pool.submit(house.stream) for _ in range(3)]
        whole = house.pool.submit(house.ask)
        for _ in range(4):
            assert house.paced.begun.acquire(timeout=60)
        house.stop()
        seen["ready"] = house.until("/readyz", 503).json()
        seen["refused"], seen["alive"] = house.ask(), house.get("/healthz")
        seen["figures"] = house.get("/metrics").text
        house.paced.go.set()
        seen["streams"] = [stream.result() for stream in streams]
        seen["whole"] = whole.result()

    paced = play(scene)
    assert paced.closed == 4
    for events in seen["streams"]:
        assert (text(events), events[-1]) == ("You have 30 days.", "[DONE]")
        assert events[-2]["answer_id"] == "ans-1"
    assert seen["whole"].json()["choices"][0]["message"]["content"] == "You have 30 days."
    assert seen["ready"]["ready"] is False
    assert "stopping" in seen["ready"]["dependencies"]["server"]["detail"]
    assert (seen["refused"].status_code, seen["refused"].json()["error"]["code"]) == (503, "stopping")
    assert (seen["refused"].headers["retry-after"], seen["refused"].headers["connection"]) == ("5", "close")
    assert seen["alive"].status_code == 200
    assert 'plumbline_dependency_ready{dependency="server"} 0.0' in seen["figures"]


def test_what_outstays_the_grace_ends_in_an_error_that_says_so(play):
    seen: dict[str, Any] = {}

    def scene(house: Scene) -> None:
        stream, whole = house.pool.submit(house.stream), house.pool.submit(house.ask)
        for _ in range(2):
            assert house.paced.begun.acquire(timeout=60)
        house.stop()
        seen["stream"], seen["whole"] = stream.result(), whole.result()

    paced = play(scene, grace=0.2)
    assert paced.closed == 2
    assert text(seen["stream"]) == "You have "
    assert seen["stream"][-2]["error"]["code"] == "stopping"
    assert seen["stream"][-1] == "[DONE]"
    assert (seen["whole"].status_code, seen["whole"].json()["error"]["code"]) == (503, "stopping")


def test_a_response_that_outstays_the_grace_fails_as_its_own_api_says(play):
    seen: dict[str, Any] = {}

    def scene(house: Scene) -> None:
        stream = house.pool.submit(house.respond)
        assert house.paced.begun.acquire(timeout=60)
        house.stop()
        seen["events"] = stream.result()

    assert play(scene, grace=0.2).closed == 1
    events = seen["events"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["type"] == "response.failed"
    assert events[-1]["response"]["id"] == events[0]["response"]["id"]
    assert "stopping" in events[-1]["response"]["error"]["message"]


def test_a_second_signal_ends_the_server_without_waiting(play):
    def scene(house: Scene) -> None:
        stream = house.pool.submit(house.stream)
        assert house.paced.begun.acquire(timeout=60)
        house.stop()
        house.until("/readyz", 503)
        house.stop()
        with pytest.raises(httpx.HTTPError):
            stream.result()

    assert play(scene).closed == 1


def test_with_nothing_under_way_the_end_is_at_once(play):
    assert play(lambda house: house.stop()).closed == 0
