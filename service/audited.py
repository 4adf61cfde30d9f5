"""No answer without its record: each is written down, with every decision of a rail on its way.

While the ledger takes nothing, questions are refused before any work. Should it fail while an answer is
being made, the answer ends in an error, and the log has what the ledger could not take.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

from ingest.access import Principal
from service.answer import Answer, Ask, Event
from service.errors import LedgerFault
from service.recorder import Recorder
from service.spans import current, step
from service.startup import Answerer, Dependency, Terms
from service.telemetry import failed


class AuditedPipeline:
    """A pipeline that answers only while `ledger` says that it takes records. `ledger` may block."""

    def __init__(self, pipeline: Answerer, ledger: Callable[[], Dependency]) -> None:
        self._pipeline, self._ledger = pipeline, ledger

    def models(self) -> list[str]:
        """As the pipeline's."""
        return self._pipeline.models()

    def terms(self, principal: Principal, model: str) -> Terms:
        """As the pipeline's."""
        return self._pipeline.terms(principal, model)

    def ready(self) -> bool:
        """As the pipeline: the ledger is a dependency of its own."""
        return self._pipeline.ready()

    async def answer(self, principal: Principal, ask: Ask) -> AsyncIterator[Event]:
        """As the pipeline.

        Raises:
            LedgerFault: no answer could be put on record; before anything is yielded.
        """
        ledger = await asyncio.to_thread(self._ledger)
        if not ledger.ready:
            raise LedgerFault(f"{ledger.detail}; no question is answered without a record: ask again later")
        async with aclosing(self._pipeline.answer(principal, ask)) as events:  # type: ignore[type-var]  # generators
            async for event in events:
                yield event


class AuditedRecorder:
    """A recorder whose failure leaves a trail: who, and what the rails decided, in the log."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def record(self, principal: Principal, question: str, answer: Answer) -> None:
        """Keep an answer. Raises what the recorder raises."""
        current().note(
            answer_id=answer.answer_id,
            model=answer.model,
            finish_reason=answer.finish_reason,
            refused=answer.refused,
            grounded=answer.grounded,
            citations=len(answer.citations),
            decisions=len(answer.decisions),
            prompt_tokens=answer.usage.prompt_tokens,
            completion_tokens=answer.usage.completion_tokens,
            evaluation=answer.evaluation,
        )
        try:
            with step("record"):
                self._recorder.record(principal, question, answer)
        except LedgerFault as error:
            failed(
                "answer not on record",
                error,
                answer=answer.answer_id,
                tenant=principal.tenant,
                subject=principal.subject,
                decisions=[f"{made.stage} {made.rail} {made.action}" for made in answer.decisions],
            )
            raise
