"""The trace of a question, stage by stage; and that no text of anybody is in a span, a log or a figure."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr
from starlette.testclient import TestClient

from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.rail import Inspection, Sample
from guardrails.verdict import Action, Finding
from service.adapters import AdapterRegistry
from service.answer import Sampling
from service.app import create_app
from service.audited import AuditedPipeline, AuditedRecorder
from service.breaker import Breaker
from service.dialogue import Dialogue
from service.endpoint import Endpoint
from service.endpoints import EndpointGenerator
from service.guards import OneGuard
from service.keys import Keyring
from service.observer import Observer
from service.otlp import OtlpTracer
from service.pipeline import Pipeline
from service.pool import Pool
from service.readiness import Pulse, taking
from service.resources import Resources
from service.retrieve import Retriever
from service.scripted import ScriptedGenerator
from service.spans import Within
from service.startup import Startup
from service.telemetry import Metrics, configure_logging
from tests.service.conftest import House
from tests.service.engines import KEY, FakeEngine

CHAT = "/v1/chat/completions"
TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ASKED = "How much zanzibar leave is there?"
BROKEN = "Why does zanzibar break?"
SCRIPT = {
    ASKED: "Staff get 27 marmalade days [1]. There is more zanzibar.",
    BROKEN: None,
}
DOCUMENT = "# Leave\n\nStaff get 27 marmalade days of zanzibar leave a year.\n"
PRIVATE = ("zanzibar", "marmalade", "leaflet", "quokka", "wombat", "numbat", "Staff", "pk-")
STAGES = {
    "admit",
    "queue",
    "screen",
    "embed",
    "input rails",
    "rewrite",
    "retrieve",
    "search",
    "passage rails",
    "pack",
    "generate",
    "output rails",
    "citations",
    "record",
}


class Words:
    """A rail that finds a word."""

    def __init__(self, name: str, word: str) -> None:
        self.name, self._word = name, word

    def inspect(self, sample: Sample) -> Inspection:
        start = sample.text.find(self._word)
        end = start + len(self._word)
        found = Finding(self.name, "word", Action.ALLOW, 1.0, start, end, "there is a word", "<word>")
        return Inspection((found,) if start >= 0 else ())


def guard(metrics: Metrics) -> Guard:
    rules: dict[str, Any] = {"injection": {"action": "block"}, "pii": {"action": "redact"}}
    stages = dict.fromkeys(("input", "passage", "output"), rules)
    policy = Policy.model_validate({"name": "test", "message": "Stopped.", "stages": stages})
    rails = [Words("pii", "quokka"), Words("injection", "wombat")]
    return Guard(policy, rails, watch=Observer(metrics))


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traced(make_parts: Callable[..., Resources], exporter, tmp_path: Path) -> Iterator[House]:
    """A house with the real pipeline, a scripted model, and a tracer."""
    (tmp_path / "qa-1").mkdir()
    (tmp_path / "qa-1" / "adapter_config.json").write_text("{}")
    (tmp_path / "promoted").write_text("qa-1")
    (tmp_path / "docs").mkdir()
    parts = make_parts(
        tracer=OtlpTracer(SimpleSpanProcessor(exporter)),
        startup=Startup(lambda: AuditedPipeline(pipeline, Pulse(lambda: taking(parts.ledger)))),
    )
    rails = guard(parts.metrics)
    pipeline = Pipeline(
        OneGuard(rails),
        Retriever(parts.tools.library),
        ScriptedGenerator(SCRIPT),
        AdapterRegistry(tmp_path, "base"),
        lambda messages: sum(len(message["content"].split()) for message in messages),
        AuditedRecorder(parts.ledger),
        Dialogue(parts.conversations),
        parts.settings,
    )
    with TestClient(create_app(parts), raise_server_exceptions=False) as client:
        parts.startup.wait()
        house = House(parts, Keyring(parts.ledger), None, client, tmp_path / "docs")
        house.add("leaflet.md", DOCUMENT)
        yield house


def question(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


def of(spans: tuple[ReadableSpan, ...], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == name]


def above(spans: tuple[ReadableSpan, ...], span: ReadableSpan) -> str | None:
    """The name of the span that this one is a part of."""
    return next((each.name for each in spans if span.parent.span_id == each.context.span_id), None)


def test_every_stage_of_a_question_is_a_span_of_its_callers_trace(traced: House, exporter):
    headers = traced.key() | {"traceparent": f"00-{TRACE}-{CALLER}-01", "X-Request-Id": "r-1"}
    reply = traced.client.post(CHAT, headers=headers, json=question(ASKED))
    assert reply.status_code == 200
    spans = exporter.get_finished_spans()
    assert {f"{span.context.trace_id:032x}" for span in spans} == {TRACE}
    assert {span.name for span in spans} >= STAGES
    (root,) = of(spans, f"POST {CHAT}")
    assert f"{root.parent.span_id:016x}" == CALLER
    facts = {
        "http.request.method": "POST",
        "http.route": CHAT,
        "http.response.status_code": 200,
        "plumbline.request_id": "r-1",
        "plumbline.answer_id": reply.json()["answer_id"],
        "plumbline.model": "qa-1",
        "plumbline.refused": False,
        "plumbline.citations": len(reply.json()["citations"]),
        "plumbline.completion_tokens": 10,
    }
    assert facts.items() <= dict(root.attributes).items()
    assert reply.headers["x-request-id"] == "r-1"
    tree = {
        "admit": root.name,
        "screen": root.name,
        "embed": "screen",
        "input rails": "screen",
        "rewrite": root.name,
        "retrieve": root.name,
        "search": "retrieve",
        "passage rails": "retrieve",
        "pack": root.name,
        "generate": root.name,
        "citations": root.name,
        "record": root.name,
    }
    assert {name: above(spans, of(spans, name)[0]) for name in tree} == tree


def test_a_stream_is_traced_to_its_end_though_tasks_take_turns(traced: House, exporter):
    reply = traced.client.post(CHAT, headers=traced.key(), json=question(ASKED, stream=True))
    assert "data: [DONE]" in reply.text
    spans = exporter.get_finished_spans()
    assert {span.name for span in spans} >= STAGES
    (root,), (generate,) = of(spans, f"POST {CHAT}"), of(spans, "generate")
    assert above(spans, generate) == root.name
    assert max(span.end_time for span in spans) == root.end_time
    assert "plumbline.answer_id" in root.attributes


def test_a_stage_that_fails_says_so_by_the_class_of_the_error(traced: House, exporter):
    assert traced.client.post(CHAT, headers=traced.key(), json=question(BROKEN)).status_code == 503
    spans = exporter.get_finished_spans()
    (generate,), (root,) = of(spans, "generate"), of(spans, f"POST {CHAT}")
    assert generate.attributes["error.type"] == "EngineFailed"
    assert (root.attributes["error.type"], root.attributes["http.response.status_code"]) == ("503", 503)
    assert all(span.status.description is None and not span.events for span in spans)


def test_those_who_look_after_the_server_leave_no_traces(traced: House, exporter):
    for path in ("/healthz", "/readyz", "/metrics"):
        traced.client.get(path)
    assert exporter.get_finished_spans() == ()


@pytest.mark.usefixtures("logging_as_it_was")
def test_no_text_of_anybody_is_in_a_span_a_log_or_a_figure(traced: House, exporter, capsys):
    configure_logging()
    headers, client = traced.key(), traced.client
    for text in (ASKED, BROKEN, "Does a wombat know zanzibar?", "Is quokka@zanzibar an address?"):
        for stream in (False, True):
            body = question(text, stream=stream, conversation_id="numbat")
            client.post(CHAT, headers=headers, json=body)
    client.post("/v1/search", headers=headers, json={"query": "zanzibar marmalade"})
    client.get("/v1/documents", headers=headers, params={"cursor": "zanzibar"})
    client.get("/v1/documents/zanzibar", headers=headers)
    client.get("/v1/conversations/numbat", headers=headers)
    client.get("/zanzibar/marmalade?quokka=wombat", headers=headers)
    client.request("WOMBAT", CHAT, headers=headers)
    client.post(CHAT, headers=headers, json={"messages": [{"role": "zanzibar", "content": "numbat"}]})
    spans = exporter.get_finished_spans()
    written = capsys.readouterr().err
    assert len(of(spans, "generate")) >= 4
    assert written.count('"request"') >= 15
    everything = "".join(span.to_json() for span in spans) + written + client.get("/metrics").text
    assert [word for word in PRIVATE if word.lower() in everything.lower()] == []


@pytest.mark.usefixtures("logging_as_it_was")
def test_lines_of_the_log_name_the_request_and_its_trace(traced: House, capsys):
    configure_logging()
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01", "X-Request-Id": "r-1"}
    traced.client.get("/v1/models", headers=traced.key() | headers)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert {"event": "request", "request_id": "r-1", "trace_id": TRACE}.items() <= line.items()


def test_steps_and_rails_are_timed(traced: House):
    traced.client.post(CHAT, headers=traced.key(), json=question(ASKED))
    text = traced.client.get("/metrics").text
    for stage in STAGES:
        assert f'plumbline_step_seconds_count{{step="{stage}"}}' in text
    for stage in ("input", "passage", "output"):
        assert f'plumbline_rail_seconds_count{{rail="pii",stage="{stage}"}}' in text


@pytest.mark.parametrize(("mood", "attempts"), [("well", 1), (500, 2)])
def test_the_engine_is_told_which_trace_its_request_belongs_to(exporter, mood, attempts):
    root = OtlpTracer(SimpleSpanProcessor(exporter)).request("POST", {})

    async def scene(generator: EndpointGenerator) -> None:
        with Within(root):
            messages = [{"role": "user", "content": "How many?"}]
            assert [piece async for piece in generator.stream("m", messages, Sampling())]

    with FakeEngine().running() as ill, FakeEngine().running() as well:
        ill.mood = mood
        members = [Endpoint(engine.url, SecretStr(KEY)) for engine in (ill, well)]
        pool = Pool(members, lambda: Breaker(lambda: 0.0, 3, 2.0))
        asyncio.run(scene(EndpointGenerator(pool, 240.0, 480.0)))
    root.end()
    spans = of(exporter.get_finished_spans(), "engine")
    expected = [f"00-{root.trace_id}-{span.context.span_id:016x}" for span in spans]
    assert [given[:-3] for given in (*ill.traceparents, *well.traceparents)] == expected
    asked = [span.attributes["plumbline.endpoint"] for span in spans]
    assert asked == [ill.url, well.url][:attempts]
