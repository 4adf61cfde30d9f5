"""Questions to the pipeline in this process: no server, the same parts."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from eval.audience import Audience
from eval.dataset import Question
from eval.fingerprint import Fingerprint, combined
from eval.outcome import Cited, Outcome
from eval.reply import Reply, outcome
from eval.target import FOUND, history, query
from ingest.access import Principal
from ingest.errors import NotIndexed
from service.answer import Ask, Message, Sampling
from service.completions import completion
from service.errors import EngineFailed
from service.fingerprint import fingerprint
from service.problems import Caught, problem
from service.replies import Hits
from service.resources import Resources
from service.routes.chat import UNFINISHED, whole_answer
from service.telemetry import failed


class InProcess:
    """Asks `parts`, whose startup has ended."""

    def __init__(self, parts: Resources, audiences: Sequence[Audience], run: str, model: str) -> None:
        self._parts, self._audiences, self._run, self._model = parts, audiences, run, model

    async def ask(self, question: Question) -> Outcome:
        """As `Target.ask`."""
        with Caught() as caught:
            return await self._outcome(question)
        error = caught.error or EngineFailed(UNFINISHED)
        failed("question not answered", error)
        return Outcome(question=question, error=problem(error).message)

    async def fingerprint(self) -> Fingerprint:
        """As `Target.fingerprint`; raises what the service raises."""
        return await asyncio.to_thread(self._fingerprint)

    def _fingerprint(self) -> Fingerprint:
        parts = self._parts
        library, terms = parts.tools.library, parts.startup.pipeline.terms
        return combined(
            {
                audience: fingerprint(
                    library, parts.settings, audience.principal, terms(audience.principal, self._model)
                )
                for audience in self._audiences
            }
        )

    async def _outcome(self, question: Question) -> Outcome:
        principal = question.principal
        reply = await self._reply(principal, question)
        citations = await asyncio.to_thread(self._looked_up, principal, reply.citations)
        retrieved = await asyncio.to_thread(self._search, principal, query(question))
        return outcome(question, reply, citations, retrieved)

    async def _reply(self, principal: Principal, question: Question) -> Reply:
        parts = self._parts
        messages = (*history(question), Message("user", question.question))
        sampling = Sampling(max_tokens=parts.settings.max_tokens)
        ask = Ask(messages, self._model, sampling).marked(self._run)
        began = time.perf_counter()
        answer = await whole_answer(parts, principal, ask)
        total = (time.perf_counter() - began) * 1_000
        return Reply(
            text=answer.text,
            finish_reason=answer.finish_reason,
            known=(said := completion(answer, None)),
            usage=said["usage"],
            first_token_ms=answer.timings_ms.get("first_token", total),
            total_ms=total,
        )

    def _search(self, principal: Principal, words: str) -> list[dict[str, Any]]:
        found = self._parts.tools.library.search(principal, words, FOUND)
        return Hits.of(found).model_dump()["hits"]  # type: ignore[no-any-return]  # a list, as documented

    def _looked_up(self, principal: Principal, citations: Sequence[Cited]) -> list[Cited]:
        return [
            cited.model_copy(update={"verbatim": cited.quote == self._words(principal, cited)})
            for cited in citations
        ]

    def _words(self, principal: Principal, cited: Cited) -> str | None:
        try:
            document = self._parts.tools.library.document(principal, cited.document_id)
        except NotIndexed:
            return None
        return document.text[cited.start : cited.end]
