"""An identity provider's public keys, fetched from its JWKS address and kept for a while."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from service.auth import is_loopback
from service.endpoint import shown
from service.errors import IdentityUnavailable
from service.telemetry import log

Key = Mapping[str, Any]

TIMEOUT = 5.0  # seconds
PATIENCE = 1.0  # seconds that a lookup waits for somebody else's fetch
LARGEST = 2**20  # bytes
# Keys are looked up anew after this many seconds, and not believed after that many without success.
FRESH, STALE = 300.0, 3_600.0


def fetch(url: str, transport: httpx.BaseTransport | None = None) -> dict[str, Key]:
    """The keys for signatures that `url` lists, by their ids.

    Raises:
        IdentityUnavailable: no key set came from there.
    """
    local = is_loopback(httpx.URL(url).host)
    try:
        # Redirects are not followed: they could lead anywhere. Nor does a proxy stand before this machine.
        with (
            httpx.Client(transport=transport, timeout=TIMEOUT, trust_env=not local) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
        ):
            answer.raise_for_status()
            return _keys(json.loads(_body(answer)))
    except (httpx.HTTPError, ValueError, RecursionError) as error:
        # The log says where; callers need not know the provider's address, and nobody its secrets.
        log("identity provider failed", url=shown(url), error=type(error).__name__)
        raise IdentityUnavailable(type(error).__name__) from error


class KeySet:
    """The keys of one provider. Safe to use from several threads; a lookup may wait for a fetch.

    Never long for somebody else's: threads that wait are threads that nobody else can have.
    """

    def __init__(
        self,
        fetch: Callable[[], dict[str, Key]],
        pause: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """However many keys are asked for that are unknown, fetches are `pause` seconds apart."""
        self._fetch, self._pause, self._clock = fetch, pause, clock
        self._lock = threading.Lock()
        self._keys: dict[str, Key] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._failure: IdentityUnavailable | None = None

    def key(self, name: str) -> Key | None:
        """The key of this id; None if the provider has none.

        A known key holds for a while without the provider.

        Raises:
            IdentityUnavailable: it is unknown here, and the provider cannot be asked, or is slow.
        """
        found = self._believed(name)
        if found is not None and self._age() < FRESH:
            return found
        # Who knows the key already does not wait for somebody else's fetch.
        if not self._lock.acquire(timeout=PATIENCE if found is None else 0):
            if found is None:
                raise IdentityUnavailable("it is slow to answer")
            return found
        try:
            if self._tried is None or self._clock() - self._tried >= self._pause:
                self._refresh()
            found = self._believed(name)
            if found is None and self._failure is not None:
                raise IdentityUnavailable(self._failure.reason)
            return found
        finally:
            self._lock.release()

    def _believed(self, name: str) -> Key | None:
        return self._keys.get(name) if self._age() < STALE else None

    def _age(self) -> float:
        return float("inf") if self._fetched is None else self._clock() - self._fetched

    def _refresh(self) -> None:
        self._tried = self._clock()
        try:
            self._keys = self._fetch()
        except IdentityUnavailable as error:
            self._failure = error
        else:
            self._fetched, self._failure = self._clock(), None


def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    for data in answer.iter_bytes():
        body += data
        if len(body) > LARGEST:
            raise ValueError("too large for a key set")
    return bytes(body)


def _keys(document: object) -> dict[str, Key]:
    """Raises `ValueError` if the document is no key set."""
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("no key set")  # noqa: TRY004  # what `fetch` takes for a bad document
    usable = [key for key in listed if isinstance(key, dict) and key.get("use", "sig") == "sig"]
    return {key["kid"]: key for key in usable if isinstance(key.get("kid"), str)}
