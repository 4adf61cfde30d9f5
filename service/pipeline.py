"""The way of a question: screen → rewrite → (known?) → retrieve → pack → generate → check → Answer.

Text leaves sentence by sentence, each after the output rails and the citation check; what a rail
removed was never sent.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from anyio import CancelScope

from guardrails.rail import Embedded, Sample
from guardrails.stream import GuardedStream
from guardrails.verdict import Stage, Verdict
from ingest.access import Principal
from service.adapters import AdapterRegistry
from service.answer import Ask, Delta, Event
from service.cache import NO_CACHE, AnswerCache
from service.context import Block, CountTokens, pack
from service.dialogue import Dialogue
from service.draft import Draft
from service.errors import BadRequest
from service.generate import Generator
from service.guards import Guards
from service.prompts import messages
from service.reading import Reader, Task
from service.recorder import Recorder
from service.retrieve import Candidate, Retriever, Search
from service.scrutiny import Scrutiny
from service.settings import ServiceSettings
from service.spans import along, step
from service.startup import Terms
from service.structured import by_schema, check_form

_SPARE = 1  # a passage more than the prompt holds, should one be a near-duplicate


class Pipeline:
    """Answers questions for principals. Its parts are given; it knows neither HTTP nor SQL."""

    def __init__(  # noqa: PLR0913, PLR0917  # the pipeline's nine parts, each given once, in wiring.py
        self,
        guards: Guards,
        retriever: Retriever,
        generator: Generator,
        adapters: AdapterRegistry,
        count: CountTokens,
        recorder: Recorder,
        dialogue: Dialogue,
        settings: ServiceSettings,
        cache: AnswerCache = NO_CACHE,
    ) -> None:
        self._guards, self._retriever, self._generator = guards, retriever, generator
        self._adapters, self._count, self._recorder = adapters, count, recorder
        self._dialogue, self._settings, self._cache, self._scrutiny = dialogue, settings, cache, Scrutiny()

    def models(self) -> list[str]:
        """The names that `model` may have, besides `default`."""
        return [*self._adapters.names(), self._adapters.base]

    def terms(self, principal: Principal, model: str) -> Terms:
        """As `Answerer.terms`."""
        return Terms(self._adapters.resolve(model), self._guards.of(principal).policy.version)

    def ready(self) -> bool:
        """Whether the engine would answer now."""
        return self._generator.ready()

    async def answer(self, principal: Principal, ask: Ask) -> AsyncIterator[Event]:
        """Yield the answer's pieces as they pass the rails, then the whole `Answer`.

        Raises:
            BadRequest, UnknownModel, ContextTooLong: before anything is yielded.
            EngineFailed, EngineSlow, EngineRefused: the engine broke down, or won't take the request.
        """
        if not ask.question:
            raise BadRequest("the last user message is empty: ask a question in it", "messages")
        # An evaluation has no part in a comparison: those are of what people ask.
        key = None if ask.evaluation else f"{principal.tenant}\n{principal.subject}\n{ask.thread}"
        model, arm = await asyncio.to_thread(self._adapters.choose, ask.model, key)
        check_form(self._generator, ask)
        guard = await asyncio.to_thread(self._guards.of, principal)
        draft = Draft(f"ans-{uuid.uuid4().hex}", model, guard, principal.tenant, arm, ask.evaluation)
        draft.heard, ask = ask.heard, replace(ask, sampling=replace(ask.sampling, tenant=principal.tenant))
        try:
            async for delta in self._written(principal, ask, draft):
                draft.said(delta)
                yield Delta(delta, draft.refusing)
            yield draft.completed()
        finally:
            # Also for a caller who went away. The scope is for task groups, which cancel again and again.
            with CancelScope(shield=True):
                await asyncio.shield(asyncio.to_thread(self._record, principal, ask, draft))

    async def _written(self, principal: Principal, ask: Ask, draft: Draft) -> AsyncIterator[str]:
        verdict, vector = await asyncio.to_thread(self._understand, principal, ask, draft)
        if verdict.blocked:
            yield draft.blocked(verdict)
            return
        began = time.perf_counter()
        cache = NO_CACHE if ask.evaluation else self._cache
        slot = await asyncio.to_thread(cache.slot, principal, ask, verdict.text, draft.model, draft.policy)
        if slot.answer is not None:
            yield draft.repeated(slot.answer, began)
            return
        search = Search(principal, verdict.text, vector, draft.placeholders, ask.where)
        packed = await asyncio.to_thread(self._find, search, draft)
        draft.packed(packed)
        if not packed:
            yield draft.refused()
            return
        async for text in self._generated(packed, ask, draft):
            yield text
        if not draft.placeholders.used:  # what was given back was given to this reader
            slot.keep(draft.completed())

    def _understand(self, principal: Principal, ask: Ask, draft: Draft) -> tuple[Verdict, Embedded]:
        """The question as the rails let it pass and as it stands alone, and its vector."""
        self._pack(ask.question, [])  # too long a question fails before any work
        history = self._dialogue.asked_before(principal, ask)
        verdict, vector = self._screen(draft, ask.question, history)
        draft.decided(Stage.INPUT, verdict)
        if not verdict.blocked:
            draft.understood(verdict.text, verdict.text)
            began = time.perf_counter()
            verdict, vector = self._rewrite(principal, ask, verdict, vector, draft)
            draft.took("rewrite", began)
        return verdict, vector

    @step("screen")
    def _screen(self, draft: Draft, question: str, history: Sequence[str] = ()) -> tuple[Verdict, Embedded]:
        """The input rails. One embedding serves them and, if nothing was redacted, the search."""
        vector = self._retriever.embed(question)
        verdict = draft.guard.judge(Sample(question, Stage.INPUT, vector=vector, history=tuple(history)))
        draft.question = draft.placeholders.numbered(Stage.INPUT, question, verdict)
        if not verdict.blocked and verdict.text != question:
            vector = self._retriever.embed(verdict.text)
        return verdict, vector

    def _rewrite(
        self, principal: Principal, ask: Ask, asked: Verdict, vector: Embedded, draft: Draft
    ) -> tuple[Verdict, Embedded]:
        """The question as it stands alone. It is screened as well: what it borrows may hide an attack."""
        rewritten = self._dialogue.standalone(principal, ask, asked.text)
        if rewritten == asked.text or self._count(messages(rewritten, [])) > self._settings.context_tokens:
            return asked, vector
        verdict, vector = self._screen(draft, rewritten)
        draft.rewritten(asked.text, verdict)
        return verdict, vector

    def _record(self, principal: Principal, ask: Ask, draft: Draft) -> None:
        answer = draft.kept()
        self._recorder.record(principal, ask.question, answer)
        if answer.finish_reason != "aborted":
            self._dialogue.keep(principal, ask, draft.asked, draft.standalone, answer)

    def _pack(self, question: str, candidates: Sequence[Candidate]) -> list[Block]:
        return pack(question, candidates, self._settings.passages, self._settings.context_tokens, self._count)

    def _find(self, search: Search, draft: Draft) -> list[Block]:
        """What the model is shown."""
        began = time.perf_counter()
        k, enough = self._settings.retrieve, self._settings.passages + _SPARE
        found, doubts = self._retriever.retrieve(search, draft.guard, k, enough)
        for document_id, verdict in doubts:
            draft.decided(Stage.PASSAGE, verdict, document_id)
        draft.took("retrieve", began)
        return self._pack(draft.question, found)

    async def _generated(self, packed: Sequence[Block], ask: Ask, draft: Draft) -> AsyncIterator[str]:
        """The engine's text, guarded and with its citations checked."""
        stream = GuardedStream(draft.guard, draft.sources, labels_of=draft.labels, asked=draft.heard)
        sampling = replace(ask.sampling, max_tokens=min(ask.sampling.max_tokens, self._settings.most_tokens))
        task = Task(draft.question, packed, sampling)
        draft.prompted(lambda: self._count(messages(draft.question, packed)))
        manner = await asyncio.to_thread(self._adapters.calibration, draft.model)
        reader = Reader(self._generator, draft.model, manner, self._scrutiny)
        if sampling.form is not None:
            async for text in by_schema(reader, draft, task):
                yield text
            return
        async with aclosing(along("generate", reader.read(task), model=draft.model)) as open_pieces:
            async for piece in open_pieces:
                draft.engine(piece)
                # Most pieces complete nothing: those cost no trip to a thread.
                verdicts = await asyncio.to_thread(stream.screen) if stream.grow(piece.text) else []
                if piece.finish:
                    verdicts += await asyncio.to_thread(stream.finish)
                for verdict in verdicts:
                    text = await asyncio.to_thread(draft.check, verdict)
                    if text:
                        yield text
                    if verdict.blocked or draft.refusing:
                        return
        if not draft.spoken:
            yield draft.refused()
