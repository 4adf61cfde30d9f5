"""What the service says of itself: logs (JSON lines on stderr) and figures (Prometheus).

The only module that imports structlog and prometheus_client. Neither ever holds a text or a key.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import structlog
from prometheus_client import CONTENT_TYPE_LATEST as METRICS_TYPE
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from service.answer import Answer

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)

__all__ = ["METRICS_TYPE", "EndpointState", "Metrics", "bind", "configure_logging", "failed", "log"]


class EndpointState(NamedTuple):
    """How an endpoint of the engine is doing; `failures` counts requests that it did not answer, ever."""

    name: str
    up: bool
    in_flight: int
    failures: int


class Metrics:
    """The figures of one server, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "plumbline_requests_total",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "plumbline_request_seconds",
            "Time until a request was answered in full.",
            ["route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._running = Gauge("plumbline_requests_running", "Requests under way.", registry=self._registry)
        self._answers = Counter(
            "plumbline_answers_total", "Answers given.", ["finish_reason", "refused"], registry=self._registry
        )
        self._first = Histogram(
            "plumbline_first_token_seconds",
            "Time until the first words of an answer.",
            buckets=SECONDS,
            registry=self._registry,
        )
        self._tokens = Counter(
            "plumbline_tokens_total", "Tokens of the engine.", ["kind"], registry=self._registry
        )
        self._lookups = Counter(
            "plumbline_cache_lookups_total",
            "Questions whose answer was looked for in the cache.",
            ["outcome"],
            registry=self._registry,
        )
        self._rails = Counter(
            "plumbline_decisions_total",
            "Decisions of the rails.",
            ["rail", "stage", "action"],
            registry=self._registry,
        )

    def looked_up(self, outcome: str) -> None:
        """An answer was looked for in the cache: `hit`, `miss`, or `bypass` if it may not be there."""
        self._lookups.labels(outcome).inc()

    def begin(self) -> None:
        """A request has come."""
        self._running.inc()

    def end(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request has been answered; `route` is a template, never a path with ids in it."""
        self._running.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answered(self, answer: Answer) -> None:
        """An answer was given."""
        self._answers.labels(answer.finish_reason, str(answer.refused).lower()).inc()
        self._tokens.labels("prompt").inc(answer.usage.prompt_tokens)
        self._tokens.labels("completion").inc(answer.usage.completion_tokens)
        if "first_token" in answer.timings_ms:
            self._first.observe(answer.timings_ms["first_token"] / 1_000)
        for decision in answer.decisions:
            self._rails.labels(decision.rail, str(decision.stage), str(decision.action)).inc()

    def engine(self, states: Callable[[], Iterable[EndpointState]]) -> None:
        """Show how the engine's endpoints are doing, whenever somebody looks."""
        self._registry.register(_Endpoints(states))

    def exposition(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self._registry)


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


def failed(happened: str, error: BaseException, **fields: object) -> None:
    """Log an error: its class and place, never its message, which may quote a document."""
    structlog.get_logger().error(happened, **place(error), **fields)


def place(error: BaseException) -> dict[str, str]:
    """The class of an error, and the line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return {"error": type(error).__name__, "at": where}
