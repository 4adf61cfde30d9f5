"""An engine of the demo that learnt a restricted document by heart, as a model can in its training.

It speaks OpenAI's streaming API and knows nothing but the salary table: asked about a role, whoever asks, it
recites the row. Run as `reciter.py PORT`.
"""

import csv
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parent / "corpus" / "hr" / "salary-table-2026.csv"


def recited(prompt: str) -> str:
    """What it says to a prompt: the row that the question is about, citing whatever passage holds it too."""
    passages, _, question = prompt.rpartition("Question: ")
    with TABLE.open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["Role"].casefold() in question.casefold()]
    if not rows:
        return "I don't know"
    row = max(rows, key=lambda each: len(each["Role"]))
    holding = re.search(
        rf"\[(\d+)\](?:(?!\n\n\[).)*{re.escape(row['Monthly salary'])}", passages, flags=re.DOTALL
    )
    number = holding.group(1) if holding else "1"
    return f"{row['Role']}, level {row['Level']}: the monthly salary is {row['Monthly salary']} [{number}]."


class Engine(BaseHTTPRequestHandler):
    """The two routes that a server asks an engine for."""

    def do_GET(self) -> None:  # the name that http.server calls
        """Its models."""
        self._send(json.dumps({"object": "list", "data": []}), "application/json")

    def do_POST(self) -> None:  # as above
        """A completion, in a few pieces."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        words = recited(asked["messages"][-1]["content"]).split(" ")
        pieces = [_chunk({"content": word if at == 0 else f" {word}"}) for at, word in enumerate(words)]
        events = [*pieces, _chunk({}, "stop")]
        lines = [f"data: {json.dumps(event)}\n\n" for event in events]
        self._send("".join([*lines, "data: [DONE]\n\n"]), "text/event-stream")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  # as above
        """Nothing: the server that asks keeps the records."""

    def _send(self, body: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())


def _chunk(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {
        "id": "recital",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "reciter",
        "choices": choices,
    }


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Engine).serve_forever()
