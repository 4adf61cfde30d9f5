"""Following the promoted pointer: what is newly promoted is made ready first, and only then asked.

So a promotion costs no request: until the new adapter can answer, `default` means the old one, and if it
never can, it stays so and the log says why. A rollback is the same move. The candidate of a comparison has
its share of the conversations only while it can answer, and from when the file `canary` names it.
"""

import threading
from collections.abc import Collection
from concurrent.futures import Future
from typing import Any, Protocol

from service.adapters import AdapterRegistry
from service.errors import ServiceError
from service.problems import Caught
from service.split import Split
from service.telemetry import failed, log

INTERVAL = 1.0  # seconds
PROMOTION, COMPARISON = "promotion failed", "comparison failed"  # in the log


class Servant(Protocol):
    """What answers as adapters: the embedded engine, engines that load them, or an engine for each."""

    def want(self, name: str) -> Future[Any]:
        """Make ready to answer as `name`: done when it is, or with what went wrong.

        Asked again, it is the same future; a failure stands for a while before it is tried anew.
        """
        ...

    def tend(self, held: Collection[str]) -> None:
        """Look after what runs: `held` shall be ready, and anything else may go. Must not take long."""
        ...


class Promotion:
    """A thread that looks at the pointer every second and tends what serves."""

    def __init__(self, registry: AdapterRegistry, servant: Servant, interval: float = INTERVAL) -> None:
        self._registry, self._servant, self._interval = registry, servant, interval
        self._told: dict[str, object] = {}  # by what fails, the failure that was logged last
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="promotion", daemon=True)

    def start(self) -> None:
        """Make what is promoted now ready, unless something is served already; serve it, begin to follow.

        Raises:
            ServiceError: it cannot be made ready.
        """
        if self._registry.serving is None:
            name = self._registry.promoted()
            self._servant.want(name).result()
            self._registry.serve(name)
        self.round()
        self._thread.start()

    def close(self) -> None:
        """Follow no longer."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def round(self) -> None:
        """Look once."""
        registry = self._registry
        wanted, split = self._wanted(), self._comparison()
        held = {name for name in (registry.serving, split and split.candidate, wanted) if name}
        self._servant.tend(held)
        ready = split is not None and self._is_ready(split.candidate, COMPARISON)
        registry.compare(split if ready else None)
        if wanted and wanted != registry.serving:
            self._advance(wanted)

    def _wanted(self) -> str | None:
        """What the pointer names; None where it names nothing that is there."""
        try:
            return self._registry.promoted()
        except (ServiceError, OSError, ValueError) as error:
            self._tell(PROMOTION, str(error), error)
            return None

    def _comparison(self) -> Split | None:
        """What the canary file, or the settings, have compared; None where that cannot be."""
        try:
            return self._registry.comparison()
        except ServiceError as error:
            self._tell(COMPARISON, str(error), error)
            return None

    def _advance(self, name: str) -> None:
        if self._is_ready(name, PROMOTION):
            log("promoted", adapter=name, before=self._registry.serving)
            self._registry.serve(name)
            self._told.pop(PROMOTION, None)

    def _is_ready(self, name: str, what: str) -> bool:
        """Whether `name` can answer; that it never will is told as `what`."""
        ready = self._servant.want(name)
        if not ready.done():
            return False
        error = ready.exception()
        if error is not None:
            self._tell(what, ready, error, adapter=name)
        return error is None

    def _tell(self, what: str, failure: object, error: BaseException, **fields: str) -> None:
        """Log a failure once, not every second."""
        if failure != self._told.get(what):
            failed(what, error, **fields)
        self._told[what] = failure

    def _work(self) -> None:
        while not self._stop.wait(self._interval):
            with Caught() as caught:
                self.round()
            if caught.error is not None:
                failed("promotion broke", caught.error)
