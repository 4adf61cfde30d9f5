"""The steps of a request: timed for the figures, and spans of its trace where a collector wants them.

It knows no vendor: `service.otlp` sends spans away. A step's name and its facts are our own words and
numbers, never a text of a question, an answer or a document.
"""

import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Protocol, Self, TypeVar

T = TypeVar("T")
Fact = str | int | float | bool

# W3C trace context, version 00: version, trace, the caller's span, flags.
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Span(Protocol):
    """A stretch of work under way. Threads may share it."""

    @property
    def trace_id(self) -> str:
        """The trace that it belongs to, 32 hexadecimal digits; empty if to none."""
        ...

    def child(self, name: str, **facts: Fact) -> "Span":
        """A part of it, which begins now."""
        ...

    def note(self, **facts: Fact) -> None:
        """Keep facts about it."""
        ...

    def rename(self, name: str) -> None:
        """Call it by a better name, once that is known."""
        ...

    def failed(self, kind: str) -> None:
        """It did not do what it should; `kind` is an error's class."""
        ...

    def headers(self) -> dict[str, str]:
        """What a request to another server carries, so that its spans join this one."""
        ...

    def end(self) -> None:
        """It ends now."""
        ...


class Tracer(Protocol):
    """Begins the trace of each request."""

    def request(self, method: str, headers: Mapping[str, str]) -> Span:
        """The span of a request; it joins the trace that the caller's `headers` name, if they name one."""
        ...

    def close(self) -> None:
        """Send what has not been sent, for a few seconds at most."""
        ...


class Untraced:
    """The span of what nobody traces here. A caller's trace is handed on, so that an engine may join it."""

    def __init__(self, traceparent: str = "") -> None:
        known = _TRACEPARENT.fullmatch(traceparent)
        self.trace_id = known[1] if known else ""
        self._headers = {"traceparent": traceparent} if known else {}

    def child(self, name: str, **facts: Fact) -> Self:
        """Itself."""
        del name, facts
        return self

    def note(self, **facts: Fact) -> None:
        """Nothing is kept."""

    def rename(self, name: str) -> None:
        """It has no name."""

    def failed(self, kind: str) -> None:
        """Nothing is kept."""

    def headers(self) -> dict[str, str]:
        """The caller's own."""
        return dict(self._headers)

    def end(self) -> None:
        """Nothing is sent."""


class NoTracer:
    """Traces are sent nowhere."""

    def request(self, method: str, headers: Mapping[str, str]) -> Span:
        """A span that keeps nothing."""
        del method
        return Untraced(headers.get("traceparent", ""))

    def close(self) -> None:
        """Nothing is waiting."""


class Timed:
    """A span whose parts are told to `observe` as they end: the step's name, and seconds."""

    def __init__(self, span: Span, observe: Callable[[str, float], None], name: str = "") -> None:
        self._span, self._observe, self._name = span, observe, name
        self._began = time.perf_counter()

    @property
    def trace_id(self) -> str:
        """As the span's."""
        return self._span.trace_id

    def child(self, name: str, **facts: Fact) -> "Timed":
        """A part, timed as well."""
        return Timed(self._span.child(name, **facts), self._observe, name)

    def note(self, **facts: Fact) -> None:
        """As the span."""
        self._span.note(**facts)

    def rename(self, name: str) -> None:
        """As the span; the figures keep the first name."""
        self._span.rename(name)

    def failed(self, kind: str) -> None:
        """As the span."""
        self._span.failed(kind)

    def headers(self) -> dict[str, str]:
        """As the span's."""
        return self._span.headers()

    def end(self) -> None:
        """Tell how long it took."""
        self._span.end()
        if self._name:
            self._observe(self._name, time.perf_counter() - self._began)


_CURRENT: ContextVar[Span] = ContextVar("span", default=Untraced())  # noqa: B039  # it keeps nothing


def current() -> Span:
    """The span of what is being done here and now."""
    return _CURRENT.get()


class Within:
    """Whatever begins in the block is part of `span`.

    Not for a block that an asynchronous generator yields from: it may go on in another task. See `along`.
    """

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span:
        self._token = _CURRENT.set(self._span)
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _CURRENT.reset(self._token)


class Ending:
    """`span` ends with the block. An error that leaves it is noted by its class."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span:
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._span.failed(type(error).__name__)
        elif error is not None:  # cancelled, or closed: whoever wanted it went away
            self._span.note(abandoned=True)
        self._span.end()


@contextmanager
def step(name: str, **facts: Fact) -> Iterator[Span]:
    """A step of what is under way, for as long as the block lasts; as `Within`, and `Ending`."""
    with Ending(current().child(name, **facts)) as span, Within(span):
        yield span


async def along(name: str, pieces: AsyncIterator[T], **facts: Fact) -> AsyncGenerator[T, None]:
    """`pieces`, which are one step from the first to the last, whichever tasks ask for them.

    What is done to make a piece is part of the step; what the caller does between two of them is not.
    """
    with Ending(current().child(name, **facts)) as span:
        async with aclosing(pieces) as opened:  # type: ignore[type-var]  # ours are generators
            while True:
                with Within(span):
                    piece = await anext(opened, None)
                if piece is None:
                    return
                yield piece
