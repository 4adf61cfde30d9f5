"""A server's answers as JSON and as events. The only module of evaluation that imports `httpx`.

A server that is too busy says when to come again (429 or 503 with `Retry-After`), and is obeyed by
`patiently`; every other refusal is final.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from eval.errors import Busy, TargetFault
from service.auth import is_loopback

MARK = "X-Plumbline-Evaluation"
ATTEMPTS = 6
LONGEST_WAIT = 60.0
BUSY = frozenset({429, 503})
DONE = "[DONE]"

T = TypeVar("T")
Json = dict[str, Any]


class Connection:
    """Requests to one server, all marked as an evaluation's."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def json(self, method: str, path: str, key: str, body: Json | None = None) -> Json:
        """What the server answers.

        Raises:
            TargetFault, Busy: it refuses, or is not there.
        """
        try:
            answer = await self._client.request(method, path, json=body, headers=_bearer(key))
        except httpx.HTTPError as error:
            raise _unreachable(self._client, error) from error
        _check(answer)
        return _object(answer.text)

    async def events(self, path: str, key: str, body: Json) -> AsyncIterator[Json]:
        """The events of a stream until its `[DONE]`.

        Raises:
            TargetFault, Busy: the server refuses, is not there, breaks down, or breaks off.
        """
        try:
            async with self._client.stream("POST", path, json=body, headers=_bearer(key)) as answer:
                if not answer.is_success:
                    await answer.aread()
                _check(answer)
                async for line in answer.aiter_lines():
                    data = line.removeprefix("data: ")
                    if data == DONE:
                        return
                    if data:
                        yield _event(data)
        except httpx.HTTPError as error:
            raise _unreachable(self._client, error) from error
        raise TargetFault("the stream broke off before its end")


@asynccontextmanager
async def connected(url: str, run: str, patience: float) -> AsyncIterator[Connection]:
    """A connection for the run of that name; a request may wait `patience` seconds for the next words."""
    # Straight to this machine: a proxy of the environment has no business between us.
    proxied = not is_loopback(urlsplit(url).hostname or "")
    limit = httpx.Timeout(patience, connect=10)
    async with httpx.AsyncClient(
        base_url=url.rstrip("/"), headers={MARK: run}, timeout=limit, trust_env=proxied
    ) as client:
        yield Connection(client)


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """What comes of `ask`, which is called again when a busy server said that it may be."""

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return min(error.seconds, LONGEST_WAIT) if isinstance(error, Busy) else 0.0

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(Busy), wait=wait, stop=stop_after_attempt(ATTEMPTS), reraise=True
    )
    async for attempt in retrying:
        with attempt:
            told = await ask()
    return told


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _check(answer: httpx.Response) -> None:
    """Raises what a refusal is."""
    if answer.is_success:
        return
    told = f"status {answer.status_code}: {_reason(answer.text)}"
    wait = answer.headers.get("retry-after", "")
    if answer.status_code in BUSY and wait.isdigit():
        raise Busy(told, answer.status_code, float(wait))
    raise TargetFault(told, answer.status_code)


def _reason(text: str) -> str:
    try:
        return str(json.loads(text)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return "no reason given"


def _event(data: str) -> Json:
    event = _object(data)
    if "error" in event:
        raise TargetFault(_reason(data))
    return event


def _object(text: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise TargetFault("the server's answer is not JSON") from error
    if not isinstance(value, dict):
        raise TargetFault("the server's answer is no JSON object")
    return value


def _unreachable(client: httpx.AsyncClient, error: httpx.HTTPError) -> TargetFault:
    return TargetFault(f"{client.base_url} does not answer ({type(error).__name__}): see that it runs")
