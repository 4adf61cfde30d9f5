"""What the service says of itself: logs (JSON lines on stderr) and figures (Prometheus).

The only module that imports structlog and prometheus_client. Neither ever holds a text or a key.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import structlog
from prometheus_client import CONTENT_TYPE_LATEST as METRICS_TYPE
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from guardrails.verdict import FAILED
from service.answer import Answer, Decision

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
MOMENTS = (0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, *SECONDS)  # a rail may take less than a millisecond
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

__all__ = [
    "METRICS_TYPE",
    "EndpointState",
    "Metrics",
    "QueueState",
    "alarm",
    "bind",
    "configure_logging",
    "failed",
    "log",
    "method_name",
]


class EndpointState(NamedTuple):
    """How an endpoint of the engine is doing; `failures` counts requests that it did not answer, ever."""

    name: str
    up: bool
    in_flight: int
    failures: int


class QueueState(NamedTuple):
    """Questions that have a place, that wait for one, and that were refused one, ever."""

    running: int = 0
    waiting: int = 0
    refused: int = 0


class Metrics:
    """The figures of one server, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered.", "method", "route", "status")
        self._seconds = self._times("request_seconds", "Time until a request was answered in full.", "route")
        self._running = self._gauge("requests_running", "Requests under way.")
        self._answers = self._counter("answers", "Answers given.", "finish_reason", "refused")
        self._evaluated = self._counter(
            "evaluation_answers", "Answers given to evaluations: in no other figure of answers.",
            "finish_reason", "refused",
        )  # fmt: skip
        self._first = self._times("first_token_seconds", "Time until the first words of an answer.")
        self._whole = self._times("answer_seconds", "Time until an answer was complete.")
        self._grounded = self._histogram(
            "groundedness", "How far answers rest on what they cite, refusals and blocked ones aside.", SHARES
        )
        self._tokens = self._counter("tokens", "Tokens of the engine.", "kind")
        self._lookups = self._counter(
            "cache_lookups", "Questions whose answer was looked for in the cache.", "outcome"
        )
        self._decisions = self._counter(
            "decisions", "Decisions of the rails; those in shadow had no effect.",
            "rail", "stage", "action", "shadow",
        )  # fmt: skip
        self._broken = self._counter("rail_failures", "Rails that could not judge a text.", "rail", "stage")
        self._rails = self._histogram("rail_seconds", "Time of a rail on one text.", MOMENTS, "rail", "stage")
        self._steps = self._histogram("step_seconds", "Time of a step of a request.", MOMENTS, "step")
        self._ready = self._gauge("dependency_ready", "Whether a dependency is there.", "dependency")
        self._job_ends = self._counter("jobs", "Uploads that have ended.", "state")
        self._job_files = self._counter("job_files", "Files of uploads that have ended.", "outcome")
        self._jobs = self._gauge("jobs_unfinished", "Uploads that wait or are being indexed.", "state")
        self._queue = _Queue()
        self._registry.register(self._queue)
        ProcessCollector(registry=self._registry)

    def begin(self) -> None:
        """A request has come."""
        self._running.inc()

    def end(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request has been answered; `route` is a template, never a path with ids in it."""
        self._running.dec()
        self._requests.labels(method_name(method), route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def step(self, name: str, seconds: float) -> None:
        """A step of a request has ended."""
        self._steps.labels(name).observe(seconds)

    def rail(self, name: str, stage: str) -> AbstractContextManager[object]:
        """For as long as the block lasts a rail looks at one text."""
        return self._rails.labels(name, stage).time()

    def answered(self, answer: Answer) -> None:
        """An answer was given. One to an evaluation is counted apart; a rail that fails, fails in it too."""
        self._failed(answer.decisions)
        counted = self._evaluated if answer.evaluation else self._answers
        counted.labels(answer.finish_reason, str(answer.refused).lower()).inc()
        if not answer.evaluation:
            self._told(answer)

    def _told(self, answer: Answer) -> None:
        """The figures of an answer that somebody asked for."""
        self._tokens.labels("prompt").inc(answer.usage.prompt_tokens)
        self._tokens.labels("completion").inc(answer.usage.completion_tokens)
        for timing, figure in (("first_token", self._first), ("total", self._whole)):
            if timing in answer.timings_ms:
                figure.observe(answer.timings_ms[timing] / 1_000)
        if not answer.refused and answer.finish_reason != "content_filter":
            self._grounded.observe(answer.grounded)
        self._decided(answer.decisions)

    def screened(self, made: Sequence[Decision]) -> None:
        """The rails have decided about a document."""
        self._failed(made)
        self._decided(made)

    def _failed(self, made: Sequence[Decision]) -> None:
        for decision in made:
            if decision.label == FAILED:
                self._broken.labels(decision.rail, str(decision.stage)).inc()

    def _decided(self, made: Sequence[Decision]) -> None:
        for decision in made:
            kind = (decision.rail, str(decision.stage), str(decision.action), str(decision.shadow).lower())
            self._decisions.labels(*kind).inc()

    def looked_up(self, outcome: str) -> None:
        """An answer was looked for in the cache: `hit`, `miss`, or `bypass` if it may not be there."""
        self._lookups.labels(outcome).inc()

    def dependency(self, name: str, *, ready: bool) -> None:
        """A dependency was looked at."""
        self._ready.labels(name).set(ready)

    def engine(self, states: Callable[[], Iterable[EndpointState]]) -> None:
        """Show how the engine's endpoints are doing, whenever somebody looks."""
        self._registry.register(_Endpoints(states))

    def jobs(self, unfinished: Callable[[], tuple[int, int]]) -> None:
        """Show how many uploads wait, and how many are being indexed, whenever somebody looks."""
        self._jobs.labels("queued").set_function(lambda: unfinished()[0])
        self._jobs.labels("running").set_function(lambda: unfinished()[1])

    def job_ended(self, state: str, outcomes: Mapping[str, int]) -> None:
        """An upload has ended; `outcomes` counts its files by their states."""
        self._job_ends.labels(state).inc()
        for outcome, count in outcomes.items():
            self._job_files.labels(outcome).inc(count)

    def queue(self, state: Callable[[], QueueState]) -> None:
        """Show how the queue of questions is doing, whenever somebody looks."""
        self._queue.state = state

    def exposition(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"plumbline_{name}_total", told, labels, registry=self._registry)

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"plumbline_{name}", told, labels, registry=self._registry)

    def _histogram(self, name: str, told: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"plumbline_{name}", told, labels, buckets=buckets, registry=self._registry)

    def _times(self, name: str, told: str, *labels: str) -> Histogram:
        return self._histogram(name, told, SECONDS, *labels)


class _Endpoints(Collector):
    """The endpoints' figures, read where they are kept."""

    def __init__(self, states: Callable[[], Iterable[EndpointState]]) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        """A figure an endpoint."""
        up = GaugeMetricFamily("plumbline_engine_up", "Whether requests are sent there.", labels=["endpoint"])
        running = GaugeMetricFamily(
            "plumbline_engine_requests_running", "Requests under way there.", labels=["endpoint"]
        )
        failures = CounterMetricFamily(
            "plumbline_engine_failures", "Requests that failed there.", labels=["endpoint"]
        )
        for state in self._states():
            up.add_metric([state.name], float(state.up))
            running.add_metric([state.name], state.in_flight)
            failures.add_metric([state.name], state.failures)
        yield from (up, running, failures)


class _Queue(Collector):
    """The queue's figures, read where they are kept: by `state`."""

    def __init__(self) -> None:
        self.state: Callable[[], QueueState] = QueueState

    def collect(self) -> Iterator[Metric]:
        """A figure each."""
        running, waiting, refused = self.state()
        yield GaugeMetricFamily("plumbline_queue_running", "Questions being answered.", running)
        yield GaugeMetricFamily("plumbline_queue_waiting", "Questions that wait for their turn.", waiting)
        yield CounterMetricFamily("plumbline_queue_refused", "Questions that found the queue full.", refused)


class _JsonLines(logging.Formatter):
    """Other libraries' log records in our shape. Of an exception the class and place, never its message."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        fields = {"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info and isinstance(record.exc_info[1], Exception):
            fields |= place(record.exc_info[1])
        stamped = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", dict(fields))
        return str(structlog.processors.JSONRenderer()(None, "", stamped))


def configure_logging(level: int = logging.INFO) -> None:
    """Send everything that is logged to stderr as JSON lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def bind(**fields: str) -> None:
    """Begin a request's log: `fields` go with every line from here on, and those of the last one no more."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**fields)


def log(happened: str, **fields: object) -> None:
    """Log that something happened, with values that are no texts and no secrets."""
    structlog.get_logger().info(happened, **fields)


def warn(happened: str, **fields: object) -> None:
    """As `log`, for what somebody should see to."""
    structlog.get_logger().warning(happened, **fields)


def failed(happened: str, error: BaseException, **fields: object) -> None:
    """Log an error: its class and place, never its message, which may quote a document."""
    structlog.get_logger().error(happened, **place(error), **fields)


def alarm(happened: str, **fields: object) -> None:
    """Log that something is wrong which no error tells of; values as `log`'s."""
    structlog.get_logger().error(happened, **fields)


def method_name(method: str) -> str:
    """A request's method as the figures and traces may name it: anybody can send any word."""
    return method if method in METHODS else "other"


def place(error: BaseException) -> dict[str, str]:
    """The class of an error, and the line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return {"error": type(error).__name__, "at": where}
