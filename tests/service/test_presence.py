"""Callers who hang up, over real connections: the engine stops, whether it has begun or not."""

import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from ingest.access import Principal
from service.answer import Answer, Ask, Delta, Event, Sampling
from service.app import create_app
from service.auth import NoAuth
from service.breaker import Breaker
from service.endpoint import Endpoint
from service.endpoints import EndpointGenerator
from service.pool import Pool
from service.resources import Resources
from service.startup import Startup
from tests.service.engines import FakeEngine


class Through:
    """A pipeline that hands on what the engine says, as it is."""

    def __init__(self, engine: FakeEngine) -> None:
        self.pool = Pool([Endpoint(engine.url)], lambda: Breaker(lambda: 0.0, 3, 2.0))
        self.generator = EndpointGenerator(self.pool, 600, 600)

    def models(self) -> list[str]:
        return []

    def ready(self) -> bool:
        return True

    async def answer(self, _: Principal, ask: Ask) -> AsyncIterator[Event]:
        messages = [{"role": "user", "content": ask.messages[-1].content}]
        async with aclosing(self.generator.stream("m", messages, Sampling())) as pieces:
            async for piece in pieces:
                yield Delta(piece.text)
        yield Answer("ans-1", "m", "28 days [1]", "stop")


@contextmanager
def listening(app: Starlette) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def post(port: int, *, stream: bool) -> socket.socket:
    """A question on its way."""
    return sent(
        port,
        "/v1/chat/completions",
        {"messages": [{"role": "user", "content": "How many?"}], "stream": stream},
    )


def sent(port: int, path: str, asked: dict[str, object]) -> socket.socket:
    """A request on its way, with the command line's token: where a key is wanted, none is needed."""
    body = json.dumps(asked)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n"
    caller = socket.create_connection(("127.0.0.1", port))
    told = "Authorization: Bearer the-token\r\nContent-Type: application/json"
    caller.sendall(f"{head}{told}\r\n\r\n{body}".encode())
    return caller


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine().running() as running:
        yield running


@pytest.fixture
def served(engine: FakeEngine, make_parts: Callable[..., Resources]) -> Iterator[tuple[int, Through]]:
    pipeline = Through(engine)
    parts = make_parts(startup=Startup(lambda: pipeline), authenticator=NoAuth())
    with listening(create_app(parts)) as port:
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
        parts.startup.wait()
        yield port, pipeline


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("mood", ["silent", "endless"])
def test_the_engine_stops_when_the_caller_hangs_up(served, engine, mood, stream):
    port, pipeline = served
    engine.mood = mood
    with post(port, stream=stream) as caller:
        assert engine.arrived.wait(60)
        if stream and mood == "endless":
            assert caller.recv(1)
    assert engine.left.wait(60)
    assert pipeline.pool.members[0].failures == 0


def test_the_engine_stops_when_a_command_of_this_machine_is_ended(served, engine):
    port, _ = served
    engine.mood = "silent"
    with sent(port, "/internal/ask", {"question": "How many?"}):
        assert engine.arrived.wait(60)
    assert engine.left.wait(60)


def test_a_caller_who_stays_gets_the_answer(served):
    port, _ = served
    with post(port, stream=False) as caller:
        assert caller.recv(12) == b"HTTP/1.1 200"
