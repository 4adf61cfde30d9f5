"""A client of the running server: plain HTTP, as any program would speak it."""

import json
import time
from typing import Any, Self

import httpx
from replies import Reply, absorb, below_corpus

ANSWER_TIMEOUT_S = 120.0


class Client:
    """Asks one server on behalf of one API key. Use as a context manager."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=ANSWER_TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, question: str) -> Reply:
        """Ask over the streaming chat route. What goes wrong is the Reply's `error`, never an exception."""
        body = {"model": "default", "stream": True, "messages": [{"role": "user", "content": question}]}
        reply = Reply()
        began = time.perf_counter()
        try:
            with self._http.stream("POST", "/v1/chat/completions", json=body) as response:
                if response.is_error:
                    reply.error = f"status {response.status_code}: {response.read()[:300]!r}"
                for line in response.iter_lines() if response.is_success else ():
                    self._take(line, reply, began)
        except httpx.HTTPError as error:
            reply.error = f"the connection failed: {error}"
        except ValueError as error:
            reply.error = f"the server sent what its contract does not allow: {error}"
        reply.total_ms = _since(began)
        return reply

    @staticmethod
    def _take(line: str, reply: Reply, began: float) -> None:
        if not line.startswith("data: ") or line == "data: [DONE]":
            return
        absorb(reply, json.loads(line.removeprefix("data: ")))
        if reply.text and reply.first_token_ms is None:
            reply.first_token_ms = _since(began)

    def search(self, query: str, k: int = 20) -> list[str]:
        """The files (below the corpus) that a search finds. Raises httpx.HTTPError."""
        return [below_corpus(hit["uri"]) for hit in self._hits(query, k)]

    def passages(self, query: str, k: int = 4) -> list[str]:
        """The texts that a search finds. Raises httpx.HTTPError."""
        return [str(hit["text"]) for hit in self._hits(query, k)]

    def rate(self, answer_id: str, correction: str | None = None) -> None:
        """Say that an answer was right, or else what would have been. Raises httpx.HTTPError."""
        rating = {"answer_id": answer_id, "rating": "down" if correction else "up", "correction": correction}
        self._http.post("/v1/feedback", json=rating).raise_for_status()

    def _hits(self, query: str, k: int) -> list[dict[str, Any]]:
        response = self._http.post("/v1/search", json={"query": query, "k": k, "mode": "hybrid"})
        response.raise_for_status()
        hits: list[dict[str, Any]] = response.json()["hits"]
        return hits

    def document_text(self, document_id: str) -> str:
        """The cleaned text of a document, to hold quotes against. Raises httpx.HTTPError."""
        response = self._http.get(f"/v1/documents/{document_id}")
        response.raise_for_status()
        return str(response.json()["text"])


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
