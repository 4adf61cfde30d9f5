"""A judge without a model: an OpenAI-compatible endpoint that fills in any form, and fails as it is told to.

Statements are the sentences of an answer; one is faithful if the context has all its words. Other forms are
filled with something that fits. It answers streams and single requests, so that RAGAS's own client can ask.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

WORD = re.compile(r"\w+")
Fails = Callable[[str, int], str]


class Bench:
    """`fails(prompt, attempt)` says how a call fails: "" not, "error", "nonsense", "cut", "silence"."""

    def __init__(self, fails: Fails) -> None:
        self.fails, self.calls, self.bodies = fails, 0, []
        self._attempts: dict[str, int] = {}
        self._lock = Lock()

    def count(self, body: dict[str, Any]) -> tuple[str, int]:
        """The prompt, and which attempt at it this is, from 1."""
        prompt = body["messages"][-1]["content"]
        with self._lock:
            self.calls += 1
            self.bodies.append(body)
            self._attempts[prompt] = self._attempts.get(prompt, 0) + 1
            return prompt, self._attempts[prompt]


def never(_prompt: str, _attempt: int) -> str:
    return ""


def a_tenth(prompt: str, _attempt: int) -> str:
    """A tenth of the prompts, whenever they are asked."""
    return "error" if hashlib.sha256(prompt.encode()).digest()[0] < 26 else ""


@contextmanager
def judging(fails: Fails = never) -> Iterator[tuple[str, Bench]]:
    """A running judge: its URL, and what it was asked."""
    bench = Bench(fails)
    handler = type("Handler", (_Handler,), {"bench": bench})
    server = _Server(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", bench
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 512  # RAGAS starts all rows at once


class _Handler(BaseHTTPRequestHandler):
    bench: Bench

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt, attempt = self.bench.count(body)
        fault = self.bench.fails(prompt, attempt)
        if fault == "error":
            self._send(500, "application/json", json.dumps({"error": {"message": "out of memory"}}))
        elif fault != "silence":
            text = "so it seems" if fault == "nonsense" else json.dumps(filled(prompt, _schema(body, prompt)))
            self._tell(body, text, "length" if fault == "cut" else "stop")

    def _tell(self, body: dict[str, Any], text: str, finish: str) -> None:
        usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
        common = {"id": "1", "created": 1, "model": body["model"]}
        if body.get("stream"):
            choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
            chunk = common | {"object": "chat.completion.chunk", "choices": [choice], "usage": usage}
            self._send(200, "text/event-stream", f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n")
        else:
            choice = {
                "index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish
            }  # fmt: skip
            whole = common | {"object": "chat.completion", "choices": [choice], "usage": usage}
            self._send(200, "application/json", json.dumps(whole))

    def _send(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def _schema(body: dict[str, Any], prompt: str) -> dict[str, Any]:
    if "json_schema" in body.get("response_format", {}):
        return body["response_format"]["json_schema"]["schema"]
    return json.JSONDecoder().raw_decode(prompt, prompt.index("{"))[0]  # RAGAS tells it in the prompt


def filled(prompt: str, schema: dict[str, Any]) -> Any:
    """A verdict that fits the schema."""
    given = _input(prompt)
    if "answer" in given and "statements" in schema["properties"]:
        return {"statements": re.findall(r"[^.]+\.?", given["answer"])}
    if "context" in given and "statements" in given:
        held = set(WORD.findall(given["context"].lower()))
        told = [(each, set(WORD.findall(each.lower())) <= held) for each in given["statements"]]
        return {"statements": [{"statement": s, "reason": "words", "verdict": int(yes)} for s, yes in told]}
    return _fit(schema, schema.get("$defs", {}))


def _input(prompt: str) -> dict[str, Any]:
    place = prompt.rfind("input: {")
    return json.JSONDecoder().raw_decode(prompt, place + len("input: "))[0] if place >= 0 else {}


def _fit(schema: dict[str, Any], defs: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _fit(defs[schema["$ref"].rpartition("/")[2]], defs)
    if schema["type"] == "object":
        return {name: _fit(each, defs) for name, each in schema["properties"].items()}
    if schema["type"] == "array":
        return [_fit(schema["items"], defs)]
    return {"string": "so it is", "integer": 1, "number": 1.0, "boolean": True}[schema["type"]]
