"""What the server depends on, and whether it is there.

It goes on without some of them, as far as it can:

- no engine: search and documents work; questions are 503;
- no ledger, or one that takes nothing (locked, full, read-only): questions are 503, since no answer goes
  without its record; search and documents work for callers whose key can still be read;
- no store, or the wrong embedder: questions and searches are 503;
- no Redis: limits are counted in this process (`service.counters`);
- stopping: what is under way is finished, anything new is 503.
"""

import threading
import time
from collections.abc import Callable, Mapping

from guardrails.errors import GuardrailsError
from ingest.access import Principal
from ingest.errors import IngestError
from ingest.library import Library
from ingest.store import Mode
from service.drain import Drain
from service.errors import ServiceError
from service.ledger import Ledger
from service.startup import Dependency, Startup

Look = Callable[[], Dependency]
EVERY = 1.0  # seconds
# In no tenant: finds nothing, but has to look.
NOBODY = Principal("", "readiness")


class Pulse:
    """How a dependency is, looked at once in `every` seconds however many ask. Threads may share it."""

    def __init__(self, look: Look, every: float = EVERY, clock: Callable[[], float] = time.monotonic) -> None:
        """`look` may block; while it does, whoever else asks waits for the same answer."""
        self._look, self._every, self._clock = look, every, clock
        self._lock = threading.Lock()
        self._seen: tuple[float, Dependency] | None = None

    def __call__(self) -> Dependency:
        """How it is, or was a moment ago."""
        with self._lock:
            if self._seen is None or self._clock() - self._seen[0] >= self._every:
                found = self._look()
                self._seen = (self._clock(), found)
            return self._seen[1]


class Dependencies:
    """What a server depends on, by name. Blocking: use a thread."""

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self._looks = looks

    @classmethod
    def of(cls, drain: Drain, library: Library, recording: Look, startup: Startup) -> "Dependencies":
        """Those of a server; `recording` looks at the ledger, and answers ask it too."""
        return cls(
            {
                "server": lambda: drain.state,
                "store": Pulse(lambda: store(library)),
                "ledger": recording,
                "embedder": Pulse(lambda: embedder(library, startup)),
                "engine": lambda: startup.state,
            }
        )

    @property
    def names(self) -> frozenset[str]:
        """Which there are."""
        return frozenset(self._looks)

    def states(self) -> dict[str, Dependency]:
        """How each of them is."""
        return {name: look() for name, look in self._looks.items()}


def store(library: Library) -> Dependency:
    """Whether passages can be found: by a search that needs no embedder, and finds nothing."""
    return _tried("open", library.open, lambda: library.search(NOBODY, "ready", 1, Mode.SPARSE))


def taking(ledger: Ledger) -> Dependency:
    """Whether the ledger takes records."""
    return _tried("takes records", ledger.check)


def embedder(library: Library, startup: Startup) -> Dependency:
    """Whether questions can be embedded for this index: the embedder is loaded when the startup has ended."""
    fits = _tried("loaded", library.check_embedder)
    return fits if startup.ended or not fits.ready else Dependency(False, "the embedder is still loading")


def _tried(detail: str, *calls: Callable[[], object]) -> Dependency:
    try:
        for call in calls:
            call()
    except (IngestError, GuardrailsError, ServiceError) as error:
        return Dependency(False, str(error))
    return Dependency(True, detail)
