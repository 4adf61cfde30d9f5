"""An OpenAI-compatible endpoint on this machine, that embeds by hashing and notes what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import SecretStr

from ingest.hashing import HashEmbedder
from ingest.recipe import Recipe
from ingest.remote_embedder import RemoteEmbedder

KEY = "sk-secret"


class Endpoint:
    """`faults` are the answers that come first: a status, or a body. Vectors are of twice unit length."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.faults: list[int | bytes] = []
        self.model = HashEmbedder()
        self.url = ""

    def embedder(self, recipe: Recipe = Recipe(), key: str = KEY) -> closing:  # noqa: B008  # frozen
        """A new client of it, closed in the end."""
        return closing(RemoteEmbedder(f"{self.url}/v1/", "org/hash", SecretStr(key), recipe))

    def answer(self, path: str, key: str | None, body: dict) -> tuple[int, bytes]:
        """As such servers do: the rows in any order."""
        if self.faults:
            fault = self.faults.pop(0)
            return (fault, b'{"error": {}}') if isinstance(fault, int) else (200, fault)
        if path != "/v1/embeddings" or key != f"Bearer {KEY}" or body["model"] != "org/hash":
            return 401, b"{}"
        self.asked.append(body["input"])
        rows = [
            {"object": "embedding", "index": place, "embedding": (2 * row).tolist()}
            for place, row in enumerate(self.model.encode(body["input"]))
        ]
        return 200, json.dumps({"object": "list", "data": rows[::-1]}).encode()


@contextmanager
def embedding_endpoint() -> Iterator[Endpoint]:
    """It answers until the block ends."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, said = endpoint.answer(self.path, self.headers["Authorization"], body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        endpoint.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join()
