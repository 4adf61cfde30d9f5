"""Traces by OpenTelemetry, sent to a collector by OTLP over HTTP. The only module that imports it.

Its own environment variables hold as well: OTEL_EXPORTER_OTLP_HEADERS, for instance, for a collector that
wants a key. FastAPI's instrumentation stays off (`service.app`): it would note paths, queries and errors'
messages, which name documents.
"""

from collections.abc import Mapping
from typing import Self

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.spans import Fact

# Facts that OpenTelemetry has a name for. The others are ours, and called so.
NAMES = {
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "error": "error.type",
}
KINDS = {"engine": SpanKind.CLIENT}
# Some thirty spans an answer: a burst of two hundred answers fits.
QUEUE, BATCH = 8_192, 512
EVERY = 2_000  # milliseconds
TIMEOUT = 5.0  # seconds: a collector that hangs holds up the server's end by so much

_PROPAGATOR = TraceContextTextMapPropagator()


class OtlpTracer:
    """Traces of requests, a share of them, handed to a span processor.

    A caller whose trace is sampled, or is not, decides for its requests.
    """

    def __init__(self, processor: SpanProcessor, share: float = 1.0) -> None:
        """`share` of the traces that begin here are kept."""
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)),
            resource=Resource.create({"service.name": "plumbline"}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("plumbline")

    @classmethod
    def to(cls, url: str, share: float) -> Self:
        """Send them to the collector at `url`, in batches, from a thread."""
        exporter = OTLPSpanExporter(f"{url.removesuffix('/')}/v1/traces", timeout=TIMEOUT)
        return cls(
            BatchSpanProcessor(
                exporter, max_queue_size=QUEUE, max_export_batch_size=BATCH, schedule_delay_millis=EVERY
            ),
            share,
        )

    def request(self, method: str, headers: Mapping[str, str]) -> "OtlpSpan":
        """As `Tracer.request`."""
        # No `tracestate`: a caller could write anything into it, and we would send it on.
        caller = _PROPAGATOR.extract({"traceparent": headers.get("traceparent", "")}, Context())
        return OtlpSpan(self._tracer, self._tracer.start_span(method, caller, SpanKind.SERVER))

    def close(self) -> None:
        """As `Tracer.close`."""
        self._provider.shutdown()


class OtlpSpan:
    """A span of OpenTelemetry's."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer, self._span = tracer, span

    @property
    def trace_id(self) -> str:
        """As `Span.trace_id`."""
        return format_trace_id(self._span.get_span_context().trace_id)

    def child(self, name: str, **facts: Fact) -> "OtlpSpan":
        """As `Span.child`."""
        context, kind = set_span_in_context(self._span, Context()), KINDS.get(name, SpanKind.INTERNAL)
        return OtlpSpan(self._tracer, self._tracer.start_span(name, context, kind, _named(facts)))

    def note(self, **facts: Fact) -> None:
        """As `Span.note`; too late, when it has ended."""
        if self._span.is_recording():
            self._span.set_attributes(_named(facts))

    def rename(self, name: str) -> None:
        """As `Span.rename`."""
        self._span.update_name(name)

    def failed(self, kind: str) -> None:
        """As `Span.failed`: the class alone, since a message may quote a document."""
        if self._span.is_recording():
            self._span.set_attributes(_named({"error": kind}))
            self._span.set_status(StatusCode.ERROR)

    def headers(self) -> dict[str, str]:
        """As `Span.headers`."""
        carried: dict[str, str] = {}
        _PROPAGATOR.inject(carried, set_span_in_context(self._span, Context()))
        return carried

    def end(self) -> None:
        """As `Span.end`."""
        self._span.end()


def _named(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    return {NAMES.get(name, f"plumbline.{name}"): fact for name, fact in facts.items()}
