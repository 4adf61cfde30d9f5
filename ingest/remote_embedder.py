"""An embedding model behind an OpenAI-compatible endpoint. Beside `ingest.remote` it imports `httpx`.

`POST {url}/embeddings` with `{"model", "input", "encoding_format"}`; the answer's `data` holds an `embedding`
and its `index` for each text. Texts and the key go nowhere else, and into no message.
"""

import threading
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
from pydantic import SecretStr
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from ingest.embedder import unit
from ingest.errors import EmbedderUnavailable
from ingest.recipe import Recipe
from ingest.store import Vectors

# Texts and characters in one request: what servers take that were given no settings.
TEXTS, CHARACTERS = 32, 64_000
CONNECT, DOCUMENTS, QUESTION = 5.0, 60.0, 10.0  # seconds
# A reader waits for a question's vector; a sync can.
ATTEMPTS, QUESTION_ATTEMPTS = 5, 2
FIRST_WAIT, LONGEST_WAIT = 0.2, 8.0  # seconds
# A server that starts, or has too much to do.
PASSING = {408, 425, 429, 500, 502, 503, 504}
HERE = {"localhost", "127.0.0.1", "::1"}
SETTING = "PLUMBLINE_INGEST__EMBEDDER_URL"
REMEDIES = {
    401: "set PLUMBLINE_INGEST__EMBEDDER_KEY",
    403: "give PLUMBLINE_INGEST__EMBEDDER_KEY the right to embed",
    404: f"see that {SETTING} is as https://host/v1, and PLUMBLINE_INGEST__EMBEDDER a model there",
    413: "chunks are too long for it: lower PLUMBLINE_INGEST__CHUNK_TARGET",
}


class RemoteEmbedder:
    """A model by its name there. Nothing is asked before the first text, or for the dimension."""

    def __init__(self, url: str, model: str, key: SecretStr | None, recipe: Recipe) -> None:
        """`url` is the endpoint's, up to and with `/v1`."""
        # Without the host: a model may move. Not as the model's here: it has no prompts of its own there.
        self.name = recipe.named(f"remote/{model}")
        self._model, self._recipe = model, recipe
        self._url = url.rstrip("/")
        host = urlsplit(url).hostname or ""
        self._shown = f"the embedding endpoint at {host}"
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key.get_secret_value()}"} if key else {},
            trust_env=host not in HERE,  # a proxy that the environment names does not reach this machine
        )
        self._dimension: int | None = None
        self._learning = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of a vector. Asks the endpoint, once.

        Raises:
            EmbedderUnavailable: as `encode`.
        """
        return self._dimension or len(self.encode_query("dimension"))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length.

        Raises:
            EmbedderUnavailable: the endpoint is out of reach, refuses, or answers something else.
        """
        told = [(self._recipe.document or "") + text for text in texts]
        rows = [self._asked(some, DOCUMENTS, ATTEMPTS) for some in _batches(told)]
        return np.concatenate(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def encode_query(self, text: str) -> Vectors:
        """(dimension,) float32 of unit length. Raises as `encode`."""
        row: Vectors = self._asked([(self._recipe.query or "") + text], QUESTION, QUESTION_ATTEMPTS)[0]
        return row

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _asked(self, texts: Sequence[str], seconds: float, attempts: int) -> Vectors:
        wait = wait_exponential_jitter(multiplier=FIRST_WAIT, max=LONGEST_WAIT, jitter=FIRST_WAIT)
        again = Retrying(
            retry=retry_if_exception(_passing), stop=stop_after_attempt(attempts), wait=wait, reraise=True
        )
        try:
            body = again(self._posted, texts, httpx.Timeout(seconds, connect=CONNECT))
            rows = self._cut(_rows(body, len(texts)))
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            remedy = REMEDIES.get(status, f"see its log, and that {SETTING} is right")
            raise EmbedderUnavailable(f"{self._shown} refused (status {status})", remedy) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = type(error).__name__
            remedy = f"see that it runs, and that {SETTING} is right"
            raise EmbedderUnavailable(f"{self._shown} cannot be reached ({reason})", remedy) from None
        except (ValueError, TypeError, KeyError, IndexError):
            remedy = f"see that {SETTING} is an OpenAI-compatible endpoint of embeddings"
            raise EmbedderUnavailable(f"{self._shown} answered no vectors", remedy) from None
        self._check(rows.shape[1])
        return rows

    def _posted(self, texts: Sequence[str], timeout: httpx.Timeout) -> Any:  # noqa: ANN401  # whatever JSON it is
        # Half of a surrogate pair cannot be sent, and servers refuse texts without a character.
        sent = [text.encode(errors="replace").decode() or " " for text in texts]
        asked = {"model": self._model, "input": sent, "encoding_format": "float"}
        return (
            self._client.post(f"{self._url}/embeddings", json=asked, timeout=timeout)
            .raise_for_status()
            .json()
        )

    def _cut(self, rows: Vectors) -> Vectors:
        kept = self._recipe.dimension
        if kept is not None and kept > rows.shape[1]:
            raise EmbedderUnavailable(
                f"the model {self._model!r} makes vectors of {rows.shape[1]} numbers, not {kept}",
                "set PLUMBLINE_INGEST__EMBEDDING_DIMENSION to fewer",
            )
        return unit(rows[:, :kept])

    def _check(self, dimension: int) -> None:
        """Vectors of another length are another model's."""
        with self._learning:
            self._dimension = self._dimension or dimension
            if self._dimension != dimension:
                raise EmbedderUnavailable(
                    f"{self._shown} makes vectors of {dimension} numbers now, not {self._dimension}",
                    "see which model it serves; start again, and run `python -m ingest reindex`",
                )


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts in their order, so many as go into one request."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) == TEXTS or characters + len(text) > CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


def _rows(body: Any, count: int) -> Vectors:  # noqa: ANN401  # whatever JSON it is
    """Shape (count, numbers). Raises ValueError, TypeError, KeyError, IndexError: it is something else."""
    by_index = {int(row["index"]): row["embedding"] for row in body["data"]}
    rows = np.array([by_index[place] for place in range(count)], dtype=np.float32)
    if rows.ndim != 2 or len(by_index) != count or not np.isfinite(rows).all() or not rows.any(axis=1).all():  # noqa: PLR2004  # a matrix
        raise ValueError("no vectors")
    return rows


def _passing(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in PASSING
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)
