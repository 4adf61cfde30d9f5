"""What takes seconds to load, loaded in a thread while the server already answers what needs none of it."""

import threading
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple, Protocol

from ingest.access import Principal
from service.answer import Ask, Event
from service.errors import NotReady
from service.problems import Caught, problem
from service.telemetry import failed, log


class Terms(NamedTuple):
    """What a request is answered under: the adapter, and the version of the rails' policy."""

    adapter: str
    policy: str


class Answerer(Protocol):
    """What `service.pipeline.Pipeline` offers to routes."""

    def models(self) -> list[str]:
        """The names that `model` may have, besides `default`."""
        ...

    def terms(self, principal: Principal, model: str) -> Terms:
        """What a request of the principal for `model` is answered under, comparisons aside.

        Raises:
            UnknownModel, ModelUnavailable: nothing would answer it.
        """
        ...

    def answer(self, principal: Principal, ask: Ask) -> AsyncIterator[Event]:
        """Yield the answer's pieces, then the whole `Answer`."""
        ...

    def ready(self) -> bool:
        """Whether a question would be answered now."""
        ...


class Dependency(NamedTuple):
    """Something that answers need: whether it is there, and what it says of itself."""

    ready: bool
    detail: str


class Startup:
    """The pipeline, once it is there."""

    def __init__(
        self, make: Callable[[], Answerer], on_failure: Callable[[Exception], None] = lambda _: None
    ) -> None:
        """`make` may take long; `on_failure` is told of what it raises, in the loading thread."""
        self._make = make
        self._on_failure = on_failure
        self._made: Answerer | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._load, name="startup", daemon=True)

    def start(self) -> None:
        """Begin to load."""
        self._thread.start()

    def wait(self) -> None:
        """Return when loading has ended, either way."""
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def pipeline(self) -> Answerer:
        """The pipeline. Raises `NotReady`."""
        if self._made is None:
            raise NotReady(f"{self.state.detail}: /readyz tells when answers can be had")
        return self._made

    @property
    def ended(self) -> bool:
        """Whether everything has been loaded."""
        return self._made is not None

    @property
    def state(self) -> Dependency:
        """How far loading has come, and whether the engine is there."""
        if self._made is not None and not self._made.ready():
            return Dependency(False, "the engine does not answer; see that it runs")
        if self._made is not None:
            return Dependency(True, "loaded")
        if self._failure is not None:
            return Dependency(False, f"the engine could not be loaded: {problem(self._failure).message}")
        return Dependency(False, "the engine is still loading")

    def _load(self) -> None:
        with Caught() as caught:
            self._made = self._make()
            log("engine loaded")
        if caught.error is not None:
            failed("engine not loaded", caught.error)
            self._failure = caught.error
            self._on_failure(caught.error)
