"""No answer without its record."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from guardrails.verdict import Action, Stage
from ingest.access import Principal
from service.answer import Answer, Ask, Decision, Delta, Event, Message
from service.audited import AuditedPipeline, AuditedRecorder
from service.errors import LedgerFault
from service.startup import Dependency
from service.telemetry import configure_logging

ANNA = Principal("acme", "anna")
ASK = Ask((Message("user", "How many days?"),))
BLOCKED = Decision("injection", Stage.INPUT, Action.BLOCK, "default-1", "looks like an attack")
ANSWER = Answer("ans-1", "qa-1", "Thirty.", "stop", decisions=(BLOCKED,))


class Pipeline:
    def __init__(self) -> None:
        self.asked = self.closed = 0

    def models(self) -> list[str]:
        return ["qa-1"]

    def ready(self) -> bool:
        return False

    async def answer(self, principal: Principal, ask: Ask) -> AsyncIterator[Event]:
        del principal, ask
        self.asked += 1
        try:
            yield Delta("Thirty.")
            yield ANSWER
        finally:
            self.closed += 1


class Recorder:
    """Keeps answers, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.kept = error, []

    def record(self, principal: Principal, question: str, answer: Answer) -> None:
        if self.error:
            raise self.error
        self.kept.append((principal, question, answer))


async def events(audited: AuditedPipeline, most: int = 9) -> list[Event]:
    told: list[Event] = []
    stream = audited.answer(ANNA, ASK)
    async for event in stream:
        told.append(event)
        if len(told) == most:
            await stream.aclose()
            break
    return told


def test_questions_go_through_while_the_ledger_takes_records():
    pipeline = Pipeline()
    audited = AuditedPipeline(pipeline, lambda: Dependency(True, "takes records"))
    assert asyncio.run(events(audited)) == [Delta("Thirty."), ANSWER]
    assert (audited.models(), audited.ready()) == (["qa-1"], False)


def test_while_it_takes_none_a_question_is_refused_before_any_work():
    pipeline = Pipeline()
    audited = AuditedPipeline(pipeline, lambda: Dependency(False, "the ledger is locked"))
    with pytest.raises(LedgerFault, match=r"the ledger is locked; no question is answered without a record"):
        asyncio.run(events(audited))
    assert pipeline.asked == 0


def test_a_caller_who_leaves_closes_the_pipeline():
    pipeline = Pipeline()
    asyncio.run(events(AuditedPipeline(pipeline, lambda: Dependency(True, "")), most=1))
    assert (pipeline.asked, pipeline.closed) == (1, 1)


def test_an_answer_is_kept():
    recorder = Recorder()
    AuditedRecorder(recorder).record(ANNA, "How many days?", ANSWER)
    assert recorder.kept == [(ANNA, "How many days?", ANSWER)]


@pytest.mark.usefixtures("logging_as_it_was")
def test_what_the_ledger_could_not_take_is_in_the_log_without_its_text(capsys):
    configure_logging()
    with pytest.raises(LedgerFault):
        AuditedRecorder(Recorder(LedgerFault("locked"))).record(ANNA, "How many days?", ANSWER)
    written = capsys.readouterr().err
    line = json.loads(written)
    assert {"event": "answer not on record", "answer": "ans-1", "tenant": "acme"}.items() <= line.items()
    assert line["decisions"] == ["input injection block"]
    assert "days" not in written
    assert "Thirty" not in written
