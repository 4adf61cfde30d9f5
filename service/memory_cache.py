"""Answers in this process' memory, for a while."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

from ingest.access import Principal
from service.answer import Answer, Ask
from service.cache import Slot, is_worth_keeping
from service.cache_key import cache_key, is_cacheable

# What an answer's objects take beside its characters, about.
OVERHEAD = 2_000

Outcome = Literal["hit", "miss", "bypass"]


class Limits(NamedTuple):
    """How long answers are kept, and how many: at most `entries`, of about `size` bytes together."""

    seconds: float
    entries: int
    size: int


class _Entry(NamedTuple):
    answer: Answer
    until: float
    size: int


class MemoryCache:
    """Answers by `service.cache_key`, the longest unused dropped first; each ends some time after it came.

    The key holds the index's generation, so an answer is out of reach as soon as any document of the tenant
    is published or removed: one that it cites, and one that would have answered better. It then lies here
    unreachable until it is dropped.
    """

    def __init__(
        self,
        index: Callable[[Principal], str],
        limits: Limits,
        told: Callable[[Outcome], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`index` gives the generation that a principal's search sees; `told` hears of every look."""
        self._index, self._limits, self._told, self._clock = index, limits, told, clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def slot(self, principal: Principal, ask: Ask, understood: str, model: str, policy: str) -> Slot:
        """As `AnswerCache.slot`.

        Raises:
            CatalogFault: the index does not say where it stands.
        """
        if not is_cacheable(ask, understood):
            self._told("bypass")
            return Slot()
        key = cache_key(principal, self._index(principal), ask, model, policy)
        answer = self._find(key)
        self._told("miss" if answer is None else "hit")
        return Slot(answer, partial(self._keep, key))

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """About how many bytes the answers take."""
        return self._size

    def _find(self, key: str) -> Answer | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if entry.until <= self._clock():
                self._drop(key)
                return None
            self._entries.move_to_end(key)
            return entry.answer

    def _keep(self, key: str, answer: Answer) -> None:
        size = OVERHEAD + len(repr(answer).encode("utf-8", "surrogatepass"))
        if not is_worth_keeping(answer) or size > self._limits.size:
            return
        with self._lock:
            self._drop(key)
            self._entries[key] = _Entry(answer, self._clock() + self._limits.seconds, size)
            self._size += size
            while len(self._entries) > self._limits.entries or self._size > self._limits.size:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        self._size -= entry.size if entry else 0
