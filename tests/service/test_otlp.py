"""Traces by OpenTelemetry: what a span holds, whose trace it joins, and that a collector can read it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from service import otlp
from service.otlp import OtlpTracer

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def tracer(exporter: InMemorySpanExporter, share: float = 1.0) -> OtlpTracer:
    return OtlpTracer(SimpleSpanProcessor(exporter), share)


@contextmanager
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server that takes what is posted to it; its address, and what came."""
    came: list[tuple[str, bytes]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self):  # the library's name
            came.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", came
        finally:
            server.shutdown()
            thread.join()


def test_a_request_joins_its_callers_trace_and_parts_join_the_request(exporter):
    root = tracer(exporter).request("POST", {"traceparent": f"00-{TRACE}-{CALLER}-01"})
    part = root.child("engine", endpoint="http://engine/v1")
    carried = part.headers()["traceparent"]
    part.end()
    root.end()
    engine, request = exporter.get_finished_spans()
    assert root.trace_id == TRACE
    assert f"{request.context.trace_id:032x}" == f"{engine.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == CALLER
    assert engine.parent.span_id == request.context.span_id
    assert carried == f"00-{TRACE}-{engine.context.span_id:016x}-01"
    assert (request.kind, engine.kind) == (SpanKind.SERVER, SpanKind.CLIENT)
    assert dict(engine.attributes) == {"plumbline.endpoint": "http://engine/v1"}


@pytest.mark.parametrize("given", [{}, {"traceparent": "the question"}, {"traceparent": "00-0-0-01"}])
def test_without_a_callers_trace_there_is_a_new_one(exporter, given):
    span = tracer(exporter).request("GET", given)
    span.end()
    (request,) = exporter.get_finished_spans()
    assert request.parent is None
    assert len(span.trace_id) == 32


def test_what_a_caller_writes_into_its_trace_state_goes_nowhere(exporter):
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "acme=the-question"}
    span = tracer(exporter).request("GET", headers)
    assert set(span.headers()) == {"traceparent"}
    span.end()
    assert not exporter.get_finished_spans()[0].context.trace_state


def test_facts_have_names_that_others_know_and_an_error_is_its_class(exporter):
    span = tracer(exporter).request("GET", {})
    span.note(method="GET", route="/v1/models", status=503, request_id="r-1")
    span.rename("GET /v1/models")
    span.failed("EngineDown")
    span.end()
    span.note(late=True)
    span.failed("TooLate")
    (request,) = exporter.get_finished_spans()
    assert request.name == "GET /v1/models"
    assert dict(request.attributes) == {
        "http.request.method": "GET",
        "http.route": "/v1/models",
        "http.response.status_code": 503,
        "plumbline.request_id": "r-1",
        "error.type": "EngineDown",
    }
    assert (request.status.status_code, request.status.description) == (StatusCode.ERROR, None)
    assert request.events == ()


def test_of_no_share_nothing_is_kept_but_what_a_caller_wants_kept(exporter):
    nobody = tracer(exporter, share=0.0)
    nobody.request("GET", {}).end()
    assert exporter.get_finished_spans() == ()
    nobody.request("GET", {"traceparent": f"00-{TRACE}-{CALLER}-01"}).end()
    assert len(exporter.get_finished_spans()) == 1


def test_a_collector_gets_the_spans_when_the_tracer_is_closed():
    with collector() as (url, came):
        tracing = OtlpTracer.to(f"{url}/", 1.0)
        tracing.request("GET", {}).end()
        tracing.close()
        ((path, body),) = came
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    assert path == "/v1/traces"
    assert [span.name for span in resource.scope_spans[0].spans] == ["GET"]
    named = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert named["service.name"] == "plumbline"


def test_a_collector_that_is_not_there_is_no_fault_of_the_server(monkeypatch, caplog):
    monkeypatch.setattr(otlp, "TIMEOUT", 0.2)
    tracing = OtlpTracer.to("http://127.0.0.1:9", 1.0)
    span = tracing.request("GET", {})
    span.end()
    tracing.close()
    assert len(span.trace_id) == len(TRACE)
    assert "export" in caplog.text  # it was tried, and what went wrong is in the log alone
