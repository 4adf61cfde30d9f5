"""No answer without its record: each is written down, with every decision of a rail on its way.

While the ledger takes nothing, questions are refused before any work. Should it fail while an answer is
being made, the answer ends in an error, and the log has what the ledger could not take. Documents are
indexed only when what the rails decided about them is on record. A rail that failed is in the log, too.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

from guardrails.verdict import FAILED, Stage
from ingest.access import Principal
from ingest.errors import NoRecord
from ingest.journal import Screened
from service.answer import Answer, Ask, Decision, Event
from service.decisions import decisions, kinds
from service.errors import LedgerFault
from service.ledger import Ledger
from service.recorder import Recorder
from service.spans import current, step
from service.startup import Answerer, Dependency, Terms
from service.telemetry import alarm, failed


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
        tell_failures(answer.decisions, answer=answer.answer_id)
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


class LedgerJournal:
    """Puts what was decided about documents on record: one decision a kind. `told` hears of them then."""

    def __init__(self, ledger: Ledger, told: Callable[[Sequence[Decision]], None] = lambda _: None) -> None:
        self._ledger, self._told = ledger, told

    def note(self, screened: Screened) -> None:
        """As `ingest.journal.Journal`."""
        made = kinds(
            decisions(
                Stage.DOCUMENT, screened.verdict, screened.policy, screened.tenant, screened.document_id
            )
        )
        try:
            self._ledger.screened(Principal(screened.tenant, screened.subject), made)
        except LedgerFault as error:
            raise NoRecord(
                "what the rails decided could not be put on record",
                "see that the ledger's database takes records, and try again",
            ) from error
        self._told(made)


def tell_failures(made: Sequence[Decision], **about: str) -> None:
    """Log each rail that could not judge: nobody may notice that a rail is open, or why all is blocked."""
    for decision in made:
        if decision.label == FAILED:
            alarm(
                "rail failed",
                rail=decision.rail,
                stage=str(decision.stage),
                action=str(decision.action),
                shadow=decision.shadow,
                policy=decision.policy,
                reason=decision.reason,
                **about,
            )
