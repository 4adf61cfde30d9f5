"""Questions to a Plumbline by its URL, streamed, so that the time of the first words is real."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from eval.audience import Audience
from eval.connection import Connection, patiently
from eval.dataset import Question
from eval.errors import NoKey, TargetFault
from eval.fingerprint import Fingerprint, combined
from eval.outcome import Cited, Outcome
from eval.reply import Reply, outcome
from eval.target import FOUND, query
from service.fingerprint import Fingerprint as Served

NOT_FOUND = 404
# Documents whose texts are kept to look up citations.
KEPT = 64


class OverHttp:
    """A server, with a key for each audience."""

    def __init__(self, connection: Connection, keys: Mapping[Audience, str], model: str) -> None:
        self._connection, self._keys, self._model = connection, keys, model
        self._texts: OrderedDict[tuple[Audience, str], str] = OrderedDict()

    async def ask(self, question: Question) -> Outcome:
        """As `Target.ask`."""
        try:
            return await self._outcome(question)
        except TargetFault as error:
            return Outcome(question=question, error=str(error))
        except (KeyError, TypeError, ValidationError) as error:
            told = f"the server does not answer as a Plumbline of this version does ({type(error).__name__})"
            return Outcome(question=question, error=told)

    async def fingerprint(self) -> Fingerprint:
        """As `Target.fingerprint`.

        Raises:
            NoKey: a key is another audience's.
        """
        return combined({audience: await self._told(audience) for audience in self._keys})

    async def _outcome(self, question: Question) -> Outcome:
        audience = Audience.of(question)
        reply = await patiently(lambda: self._reply(question, self._keys[audience]))
        citations = [await self._looked_up(audience, cited) for cited in reply.citations]
        asked = {"query": query(question), "k": FOUND}
        found = await self._json("POST", "/v1/search", audience, asked)
        return outcome(question, reply, citations, found["hits"])

    async def _reply(self, question: Question, key: str) -> Reply:
        turns = [turn.model_dump() for turn in question.history]
        body = {
            "model": self._model,
            "messages": [*turns, {"role": "user", "content": question.question}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        began, first, last = time.perf_counter(), 0.0, dict[str, Any]()
        texts, reason = list[str](), ""
        async with aclosing(self._connection.events("/v1/chat/completions", key, body)) as events:  # type: ignore[type-var]  # a generator
            async for last in events:
                for choice in last["choices"]:
                    text = choice["delta"].get("content") or ""
                    first = first or (text and time.perf_counter()) or 0.0
                    texts.append(text)
                    reason = choice["finish_reason"] or reason
        total = time.perf_counter()
        return Reply(
            text="".join(texts),
            finish_reason=reason,
            known=last,
            usage=last["usage"],
            first_token_ms=((first or total) - began) * 1_000,
            total_ms=(total - began) * 1_000,
        )

    async def _looked_up(self, audience: Audience, cited: Cited) -> Cited:
        text = await self._text(audience, cited.document_id)
        return cited.model_copy(update={"verbatim": text[cited.start : cited.end] == cited.quote})

    async def _text(self, audience: Audience, document_id: str) -> str:
        """The document's text; empty for what the audience may not read, and thus should not have cited."""
        name = (audience, document_id)
        if name not in self._texts:
            path = f"/v1/documents/{quote(document_id, safe='')}"
            try:
                self._texts[name] = (await self._json("GET", path, audience))["text"]
            except TargetFault as error:
                if error.status != NOT_FOUND:
                    raise
                return ""
            if len(self._texts) > KEPT:
                self._texts.popitem(last=False)
        self._texts.move_to_end(name)
        return self._texts[name]

    async def _json(
        self, method: str, path: str, audience: Audience, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return await patiently(lambda: self._connection.json(method, path, self._keys[audience], body))

    async def _told(self, audience: Audience) -> Served:
        """The fingerprint that an audience is told; its key must be its own."""
        told = await self._json("GET", f"/v1/fingerprint?model={quote(self._model)}", audience)
        try:
            tenant, groups = told.pop("tenant"), told.pop("groups")
            served = Served(**told)
        except (KeyError, TypeError) as error:
            raise TargetFault("the server's fingerprint is not of this version of Plumbline") from error
        asks = Audience(tenant, None if groups is None else frozenset(groups))
        if asks.tenant != audience.tenant or audience.groups not in {None, asks.groups}:
            raise NoKey(
                f"what asks as {audience} is answered as {asks}: give each audience its own key with --keys "
                "(with auth = off a server knows one administrator and no keys)"
            )
        return served
