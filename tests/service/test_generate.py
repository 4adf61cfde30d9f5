"""The seam to OpenAI-compatible endpoints, against a small one on this machine."""

import asyncio
import json
import threading
from contextlib import aclosing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from service.answer import Sampling, Usage
from service.errors import EngineFailed
from service.generate import EndpointGenerator
from service.settings import ServiceSettings


class Endpoint(BaseHTTPRequestHandler):
    """Streams three words in OpenAI's shape; fails when the model is called `broken`."""

    def do_POST(self):  # http.server's name for it
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((asked, self.headers["Authorization"]))
        if asked["model"] == "broken":
            self.send_error(500)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for text in ("28", " days", " [1]"):
            self._chunk([{"index": 0, "delta": {"content": text}, "finish_reason": None}])
        self._chunk([{"index": 0, "delta": {}, "finish_reason": "length"}])
        self._chunk([], {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14})
        self.wfile.write(b"data: [DONE]\n\n")

    def _chunk(self, choices, usage=None):
        body = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
        self.wfile.write(f"data: {json.dumps(body | {'usage': usage})}\n\n".encode())

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def endpoint():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def write(url, model="grounded", **sampling):
    settings = ServiceSettings(engine_url=url, engine_key="key-1")
    messages = [{"role": "system", "content": "Answer."}, {"role": "user", "content": "How many?"}]

    async def run():
        async with aclosing(
            EndpointGenerator(settings).stream(model, messages, Sampling(**sampling))
        ) as stream:
            return [piece async for piece in stream]

    return asyncio.run(run())


def url(server):
    return f"http://127.0.0.1:{server.server_port}/v1"


def test_an_endpoints_text_usage_and_reason_come_through(endpoint):
    pieces = write(url(endpoint))
    assert "".join(piece.text for piece in pieces) == "28 days [1]"
    assert (pieces[-1].finish, pieces[-1].usage) == ("length", Usage(11, 3))
    assert all(piece.finish is None for piece in pieces[:-1])


def test_the_endpoint_is_asked_for_the_model_with_the_callers_sampling_and_our_key(endpoint):
    write(url(endpoint), "qa-1", max_tokens=7, temperature=0.5, seed=3, stop=("END",))
    asked, key = endpoint.seen[0]
    assert (asked["model"], asked["temperature"], asked["seed"]) == ("qa-1", 0.5, 3)
    assert asked.get("max_tokens", asked.get("max_completion_tokens")) == 7
    assert asked["stop"] == ["END"]
    assert asked["messages"][1] == {"role": "user", "content": "How many?"}
    assert key == "Bearer key-1"


def test_a_failing_endpoint_is_an_engine_failure_that_names_it(endpoint):
    with pytest.raises(EngineFailed, match=rf"127\.0\.0\.1:{endpoint.server_port}"):
        write(url(endpoint), "broken")


def test_an_absent_endpoint_is_an_engine_failure():
    with pytest.raises(EngineFailed, match="see that it runs"):
        write("http://127.0.0.1:9/v1")
