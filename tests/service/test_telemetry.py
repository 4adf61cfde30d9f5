"""Logs are JSON lines, and quote nobody; figures count."""

import json
import logging

import pytest

from guardrails.verdict import FAILED, Action, Stage
from service.answer import Answer, Decision, Usage
from service.telemetry import EndpointState, Metrics, QueueState, bind, configure_logging, failed, log

pytestmark = pytest.mark.usefixtures("logging_as_it_was")


def error() -> Exception:
    with pytest.raises(ValueError, match="document") as caught:
        int("the document")
    return caught.value


def test_what_happens_is_a_line_of_json_with_the_request_id(capsys):
    configure_logging()
    bind(request_id="r-1")
    log("request", status=200)
    line = json.loads(capsys.readouterr().err)
    assert {"event": "request", "status": 200, "request_id": "r-1", "level": "info"}.items() <= line.items()


def test_an_error_is_logged_by_its_class_and_place_alone(capsys):
    configure_logging()
    failed("broke", error())
    written = capsys.readouterr().err
    line = json.loads(written)
    assert line["error"] == "ValueError"
    assert line["at"].startswith("test_telemetry.py:")
    assert "document" not in written


def test_other_libraries_errors_are_logged_the_same_way(capsys):
    configure_logging()
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error())
    written = capsys.readouterr().err
    assert json.loads(written)["error"] == "ValueError"
    assert "document" not in written


def test_a_request_does_not_inherit_the_last_ones_fields(capsys):
    configure_logging()
    bind(request_id="r-1")
    bind(other="x")
    log("request")
    assert "request_id" not in json.loads(capsys.readouterr().err)


def value(metrics: Metrics, sample: str) -> float:
    """The value of one line of the exposition."""
    lines = metrics.exposition().decode().splitlines()
    return float(next(line for line in lines if line.startswith(f"{sample} ")).rpartition(" ")[2])


def test_an_answer_is_counted_with_its_tokens_times_and_decisions():
    metrics = Metrics()
    broken = Decision("pii", Stage.OUTPUT, Action.BLOCK, "p", "the rail failed", FAILED)
    flagged = Decision("grounding", Stage.OUTPUT, Action.FLAG, "p", "no citation", "unverified-citation")
    times = {"first_token": 200.0, "total": 900.0}
    metrics.answered(
        Answer("a-1", "qa-1", "Thirty.", "stop", (), (broken, flagged), 0.75, False, Usage(7, 3), times)
    )
    metrics.answered(Answer("a-2", "qa-1", "I don't know", "stop", refused=True))
    metrics.answered(Answer("a-3", "qa-1", "No.", "content_filter", decisions=(broken,)))
    expected = {
        'plumbline_answers_total{finish_reason="stop",refused="false"}': 1,
        'plumbline_answers_total{finish_reason="stop",refused="true"}': 1,
        'plumbline_answers_total{finish_reason="content_filter",refused="false"}': 1,
        'plumbline_tokens_total{kind="prompt"}': 7,
        'plumbline_tokens_total{kind="completion"}': 3,
        "plumbline_first_token_seconds_sum": 0.2,
        "plumbline_answer_seconds_sum": 0.9,
        "plumbline_groundedness_count": 1,
        "plumbline_groundedness_sum": 0.75,
        'plumbline_decisions_total{action="block",rail="pii",shadow="false",stage="output"}': 2,
        'plumbline_rail_failures_total{rail="pii",stage="output"}': 2,
    }
    assert {sample: value(metrics, sample) for sample in expected} == expected


def test_what_callers_may_call_a_method_has_no_figure_of_its_own():
    metrics = Metrics()
    for method in ("GET", "WHATEVER", "MORE"):
        metrics.begin()
        metrics.end(method, "/healthz", 405, 0.1)
    assert value(metrics, 'plumbline_requests_total{method="other",route="/healthz",status="405"}') == 2
    assert b"WHATEVER" not in metrics.exposition()


def test_the_engine_the_queue_and_dependencies_are_looked_at_when_somebody_asks():
    metrics = Metrics()
    assert value(metrics, "plumbline_queue_waiting") == 0
    metrics.engine(lambda: [EndpointState("http://e1", True, 3, 1), EndpointState("http://e2", False, 0, 9)])
    metrics.queue(lambda: QueueState(32, 5, 2))
    metrics.dependency("ledger", ready=False)
    expected = {
        'plumbline_engine_up{endpoint="http://e2"}': 0,
        'plumbline_engine_requests_running{endpoint="http://e1"}': 3,
        'plumbline_engine_failures_total{endpoint="http://e2"}': 9,
        "plumbline_queue_running": 32,
        "plumbline_queue_waiting": 5,
        "plumbline_queue_refused_total": 2,
        'plumbline_dependency_ready{dependency="ledger"}': 0,
    }
    assert {sample: value(metrics, sample) for sample in expected} == expected
