"""Many clients at once, for `serving.py`: a job as JSON on stdin, what came of it as JSON on stdout.

    {"url", "key", "bodies": [...], "clients": how many at once, "ramp": seconds over which they begin,
     "seconds": after which no further body is asked}

Each client keeps its connection and asks the next body as soon as it has its answer. Bare sockets, and no
parsing before the end: the load shares the machine with what is measured. Out comes {"cpu": seconds that it
took itself, "results"}; a result is {"status", "error", "text", "finish", "last"} and, as seconds of one
clock, "start", "first" (text), "sentence" (the end of the first one) and "end". `last` holds what a server
tells of timings and usage.
"""

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 900.0  # seconds for an answer
SENTENCE = re.compile(r"[.!?]\s+\w")  # the next one has begun

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Request:
    """One request, and what came when."""

    body: bytes
    status: int = 0
    start: float = 0.0
    end: float = 0.0
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    error: str = ""


class Client:
    """One connection."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {self._host}\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )
        self._streams: Streams | None = None

    async def ask(self, request: Request) -> None:
        """Send it and read the answer to its end."""
        request.start = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._ask(request)
        except (OSError, EOFError, TimeoutError) as error:
            request.error = f"{type(error).__name__}: {error}"
            self.close()
        request.end = time.perf_counter()

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, request: Request) -> None:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        reader, writer = self._streams
        writer.write(f"{self._head}{len(request.body)}\r\n\r\n".encode() + request.body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        request.status = int(head.split(b" ", 2)[1])
        if b"transfer-encoding: chunked" in head:
            while size := int((await reader.readline()), 16):
                piece = await reader.readexactly(size + 2)
                request.pieces.append((time.perf_counter(), piece[:-2]))
            await reader.readline()
        elif length := re.search(rb"content-length: *(\d+)", head):
            request.pieces.append((time.perf_counter(), await reader.readexactly(int(length.group(1)))))
        else:
            while piece := await reader.read(1 << 16):
                request.pieces.append((time.perf_counter(), piece))
        if b"connection: close" in head:
            self.close()


async def run(job: dict[str, Any]) -> list[Request]:
    """What was asked, in the order of the bodies."""
    requests = [Request(json.dumps(body).encode()) for body in job["bodies"]]
    waiting = iter(requests)
    last = time.perf_counter() + job.get("seconds", 1e9)

    async def client(number: int) -> None:
        await asyncio.sleep(job.get("ramp", 0.0) * number / job["clients"])
        one = Client(job["url"], job.get("key", "none"))
        while time.perf_counter() < last and (request := next(waiting, None)):
            await one.ask(request)
        one.close()

    await asyncio.gather(*(client(number) for number in range(job["clients"])))
    return [request for request in requests if request.start]


def result(request: Request) -> dict[str, Any]:
    """What came of a request."""
    told: dict[str, Any] = {"status": request.status, "error": request.error, "text": "", "last": {}}
    told |= {"start": request.start, "end": request.end, "first": None, "sentence": None}
    told |= {"finish": None, "done": False}
    rest = b""
    for at, piece in request.pieces:
        *events, rest = (rest + piece).split(b"\n\n")
        for event in events:
            _take(told, event.strip().removeprefix(b"data: "), at)
    if not told["error"] and not told["done"]:
        told["error"] = f"status {request.status}, and no end: {rest[:200]!r}"
    return told


def _take(told: dict[str, Any], event: bytes, at: float) -> None:
    if event == b"[DONE]":
        told["done"] = True
        return
    chunk = json.loads(event)
    if "error" in chunk:
        told["error"] = str(chunk["error"])[:300]
    for choice in chunk.get("choices", ()):
        told["finish"] = choice.get("finish_reason") or told["finish"]
        if text := choice["delta"].get("content"):
            told["text"] += text
            told["first"] = told["first"] or at
            if not SENTENCE.search(told["text"]):
                told["sentence"] = at
    kept = {name: chunk[name] for name in ("timings_ms", "usage", "citations", "refused") if chunk.get(name)}
    told["last"] |= kept


if __name__ == "__main__":
    job = json.load(sys.stdin)
    before = time.process_time()
    done = asyncio.run(run(job))
    cpu = time.process_time() - before
    json.dump({"cpu": cpu, "results": [result(request) for request in done]}, sys.stdout)
