"""Counts within windows of time, by key. The only module that imports `limits`.

In Redis, where several servers share them; or in this process, where there is no URL or while Redis does
not answer. So a lost Redis neither stops the service nor lifts the limits: each server holds them alone.
"""

import hashlib
import json
import math
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter

from service.errors import Misconfigured
from service.telemetry import log

# A lost Redis costs one request this many seconds, once in so many.
PATIENCE, RETRY = 1.0, 10.0
# Seconds between two looks for counts in memory that have ended.
SWEEP = 10.0

T = TypeVar("T")


class Window(NamedTuple):
    """At most `most` in `seconds`; `kind` keeps what is counted apart from other things."""

    kind: str
    most: int
    seconds: int


class Standing(NamedTuple):
    """Where somebody stands: `reset` is in how many seconds there will be more."""

    most: int
    remaining: int
    reset: int
    refused: bool


class Counters:
    """Counts by window and by whom they are for. Calls block: use a thread."""

    def __init__(self, url: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """`url` is Redis's. Raises `Misconfigured` if it is no such thing."""
        self._near = _Counts(_Memory())
        self._far = _Counts(_redis(url)) if url else None
        self._clock = clock
        self._lock = threading.Lock()
        self._lost_until: float | None = None

    def take(self, window: Window, *who: str) -> Standing:
        """Take one if there is one left. The window slides, so two bursts cannot meet at its edge."""
        return self._ask(lambda counts: counts.take(window, who))

    def add(self, window: Window, amount: int, *who: str) -> None:
        """Count `amount`, though it be more than is left. The window begins with the first count."""
        if amount > 0:
            self._ask(lambda counts: counts.add(window, amount, who))

    def standing(self, window: Window, *who: str) -> Standing:
        """What is left of a window that is counted by `add`; refused once nothing is."""
        return self._ask(lambda counts: counts.standing(window, who))

    def _ask(self, question: Callable[["_Counts"], T]) -> T:
        if self._far is None or not self._worth_trying():
            return question(self._near)
        try:
            answer = question(self._far)
        except StorageError as error:
            if self._lost_until is None:
                log("limits are counted in this process", error=type(error.storage_error).__name__)
            self._lost_until = self._clock() + RETRY
            return question(self._near)
        if self._lost_until is not None:
            self._lost_until = None
            log("limits are counted in Redis again")
        return answer

    def _worth_trying(self) -> bool:
        """While Redis is lost, one caller at a time finds out whether it is back."""
        with self._lock:
            now = self._clock()
            if self._lost_until is None:
                return True
            if now < self._lost_until:
                return False
            self._lost_until = now + RETRY
            return True


class _Counts:
    """The library's two strategies over one storage."""

    def __init__(self, storage: Storage) -> None:
        self._sliding = SlidingWindowCounterRateLimiter(storage)
        self._fixed = FixedWindowRateLimiter(storage)

    def take(self, window: Window, who: tuple[str, ...]) -> Standing:
        item, key = _item(window), _key(who)
        taken = self._sliding.hit(item, key)
        reset, remaining = self._sliding.get_window_stats(item, key)
        return Standing(window.most, remaining, _seconds(reset), not taken)

    def add(self, window: Window, amount: int, who: tuple[str, ...]) -> None:
        self._fixed.hit(_item(window), _key(who), cost=amount)

    def standing(self, window: Window, who: tuple[str, ...]) -> Standing:
        reset, remaining = self._fixed.get_window_stats(_item(window), _key(who))
        return Standing(window.most, remaining, _seconds(reset), remaining == 0)


class _Memory(MemoryStorage):
    """The library's, but without a thread for nearly every count that looks at all keys for old ones.

    Those took 0.7 ms of processor time a request, and 4 ms with 50,000 addresses in memory.
    """

    def __init__(self) -> None:
        super().__init__()
        self._guard = threading.Lock()
        self._swept = time.time()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """As the library's."""
        with self._guard:
            now = time.time()
            if now - self._swept >= SWEEP:
                self._swept = now
                for old in [name for name, ends in self.expirations.items() if ends <= now]:
                    self._drop(old)
            if self.expirations.setdefault(key, now + expiry) <= now:
                self._drop(key)
                self.expirations[key] = now + expiry
            self.storage[key] += amount
            return self.storage[key]

    def get(self, key: str) -> int:
        """As the library's."""
        with self._guard:
            return self.storage.get(key, 0) if self.expirations.get(key, 0) > time.time() else 0

    def _drop(self, key: str) -> None:
        self.storage.pop(key, None)
        self.expirations.pop(key, None)


def _redis(url: str) -> RedisStorage:
    if not url.startswith(("redis://", "rediss://", "redis+unix://")):
        raise Misconfigured(
            "limits_url is no address of a Redis: use redis://host:6379/0 or rediss://..., or leave it out"
        )
    try:
        # Connections are made at the first use: a Redis that is away does not keep the server from starting.
        return RedisStorage(
            url, wrap_exceptions=True, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        )
    except ValueError as error:
        # Not the message: it may quote the password.
        raise Misconfigured("limits_url cannot be read: use redis://:password@host:6379/0") from error


def _item(window: Window) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(window.most, window.seconds, f"plumbline-{window.kind}")


def _key(who: tuple[str, ...]) -> str:
    """A digest: names may hold anything, the library's separator too, and are nobody's business in Redis."""
    return hashlib.sha256(json.dumps(who).encode()).hexdigest()


def _seconds(moment: float) -> int:
    """From now until `moment` (Unix time), rounded up; at least one."""
    return max(1, math.ceil(moment - time.time()))
