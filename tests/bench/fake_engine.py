"""An OpenAI-compatible engine that answers at once, for `serving.py`: what is then slow is not the engine.

It quotes the first sentence of the first passage and cites it, a word a chunk. Bare sockets, one connection a
request (as the service's client wants it), since it shares the machine with what is measured.

    POST /mood  {"drip": seconds between words, "sentences": how many it quotes, "record": whether it keeps
                 what it is asked}; what it has kept and counted is forgotten
    GET /asked  the bodies of the requests that it has kept
    GET /most   how many answers were being written at once, at most
"""

import argparse
import asyncio
import json
import re
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: %s\r\n\r\n"
PASSAGE = re.compile(r"(?s)\[1\] (.*?)(?:\n\n\[2\] |\n\nQuestion: )")
SENTENCE = re.compile(r"[^.!?\n]+[.!?]")


class Engine:
    """Its mood, and what it was asked."""

    def __init__(self) -> None:
        self.drip, self.sentences, self.record = 0.0, 1, False
        self.asked: list[dict[str, Any]] = []
        self.open = self.most = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            body = await reader.readexactly(int(length.group(1))) if length else b"{}"
            await self._answer(head.split(b" ", 2)[1], json.loads(body), writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller went away
        finally:
            writer.close()

    async def _answer(self, path: bytes, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if path.endswith(b"/completions"):
            if self.record:
                self.asked.append(body)
            self.open += 1
            self.most = max(self.most, self.open)
            try:
                await self._write(body, writer)
            finally:
                self.open -= 1
            return
        if path == b"/mood":
            self.asked.clear()
            vars(self).update(body, most=0)
        told = {b"/asked": self.asked, b"/most": self.most}.get(path, {"object": "list", "data": []})
        writer.write(HEAD % b"application/json" + json.dumps(told).encode())

    async def _write(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        prompt = body["messages"][-1]["content"]
        passage = PASSAGE.search(prompt)
        quoted = SENTENCE.findall(passage.group(1))[: self.sentences] if passage else []
        words = re.findall(
            r"\S+\s*", " ".join(f"{each.strip()[:-1]} [1]." for each in quoted) or "I don't know."
        )
        head = HEAD % b"text/event-stream"
        chunks = [_chunk([{"index": 0, "delta": {"content": word}, "finish_reason": None}]) for word in words]
        used = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(words), "total_tokens": 0}
        tail = [
            _chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
            _chunk([], used),
            b"data: [DONE]\n\n",
        ]
        if not self.drip:
            writer.write(b"".join([head, *chunks, *tail]))
            return
        writer.write(head)
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(self.drip)
        writer.write(b"".join(tail))


def _chunk(choices: list[Any], usage: dict[str, int] | None = None) -> bytes:
    body = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "default",
        "choices": choices,
    }
    return f"data: {json.dumps(body | ({'usage': usage} if usage else {}))}\n\n".encode()


async def main(port: int) -> None:
    """Listen until stopped."""
    server = await asyncio.start_server(Engine().serve, "127.0.0.1", port, backlog=1_024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An engine that answers at once.")
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(main(parser.parse_args().port))
