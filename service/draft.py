"""An answer in the making: what was said, decided and cited so far, and how long it took."""

import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from statistics import fmean

from guardrails.guard import Guard
from guardrails.placeholders import Placeholders
from guardrails.values import VALUES
from guardrails.verdict import Action, Finding, Stage, Verdict
from service.answer import Answer, Citation, Decision, Exhibit, FinishReason, Shown, Usage, fingerprint
from service.citations import check, claim, first_cited, numbers
from service.context import Block
from service.decisions import decisions
from service.generate import Piece
from service.prompts import REFUSAL
from service.reading import refuses
from service.spans import step
from service.split import Arm

REFUSED = f"{REFUSAL}. The documents available to you do not answer this."
_PRIVATE = frozenset({"pii", "secrets"})  # masked in quotes, whatever the policy does with them
_MASK = "•"


def private(guard: Guard, quote: str, only: Collection[str] | None = None) -> list[Finding]:
    """What must not be shown of a document's words: all of them, if a rail blocks them.

    Asked are the rails for answers, or `only` some, and of those for passages the ones for private words.
    """
    findings = _found(guard, quote, only)
    blocking = [replace(found, start=0, end=len(quote)) for found in findings if found.action is Action.BLOCK]
    return blocking or list(filter(_masks, findings))


def masked(guard: Guard, name: str) -> str:
    """A title or heading without private words: authors write such things there as well."""
    line = " ".join(name.split())
    shown = list(line)
    for found in private(guard, line, VALUES):
        shown[found.start : found.end] = _MASK * (found.end - found.start)
    return re.sub(f"{_MASK}+", _MASK, "".join(shown))


def _found(guard: Guard, text: str, only: Collection[str] | None) -> list[Finding]:
    """What the rails for answers, or some of them, and those for private words find in a document's words.

    The other rails for passages have let the whole passage pass: they would only judge its parts anew.
    """
    verdicts = (
        guard.screen(Stage.PASSAGE, text, only=VALUES),
        guard.screen(Stage.OUTPUT, text, context=[text], only=only),
    )
    return [found for verdict in verdicts for found in verdict.acting]


def _masks(found: Finding) -> bool:
    return found.rail in _PRIVATE or found.action is Action.REDACT


def _hidden(guard: Guard, quote: str) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in private(guard, quote)]


class Draft:
    """Collects what the pipeline learns on its way; `finished` is the answer so far.

    `heard` is what the asker said, as `Ask.heard`.
    """

    def __init__(
        self, answer_id: str, model: str, guard: Guard, tenant: str = "", arm: Arm = "", evaluation: str = ""
    ) -> None:
        self.answer_id, self.model, self.refusing = answer_id, model, False
        self._tenant, self._arm, self._evaluation = tenant, arm, evaluation
        self.guard, self.policy = guard, guard.policy.version
        self.placeholders = Placeholders(guard.policy)
        self.question = ""
        self._began = time.perf_counter()
        self._text: list[str] = []
        self._decisions: list[Decision] = []
        self._citations: dict[tuple[int, int], Citation] = {}
        self._support: list[float] = []
        self._finish: FinishReason = "stop"
        self._complete = False
        self._usage: Usage | None = None
        self._count: Callable[[], int] | None = None
        self._pieces = 0
        self._timings: dict[str, float] = {}
        self._packed: Sequence[Block] = ()
        self._context: tuple[Shown, ...] = ()
        self._repeats: str | None = None
        self._labels: frozenset[str] = frozenset()
        self.heard: tuple[str, ...] = ()
        self.asked: str | None = None
        self.standalone: str | None = None

    def decided(self, stage: Stage, verdict: Verdict, document_id: str = "") -> None:
        """Keep what the rails found: in a text of the document, if it is of one."""
        self._decisions += self._of(stage, verdict, document_id)
        if stage is Stage.INPUT:
            self.took("input", self._began)

    def _of(self, stage: Stage, verdict: Verdict, document_id: str = "") -> list[Decision]:
        return decisions(stage, verdict, self.guard.policy, self._tenant, document_id)

    def understood(self, asked: str, standalone: str) -> None:
        """Keep the question as the input rails let it pass, as asked and as it stands alone."""
        self.asked, self.standalone = asked, standalone

    def rewritten(self, asked: str, verdict: Verdict) -> None:
        """Keep what the rails found in the question that stands alone and not in the question as asked.

        Without places: they would count characters of a text that the caller never sent.
        """
        known = {_kind(decision) for decision in self._decisions}
        self._decisions += [
            replace(decision, span=None)
            for decision in self._of(Stage.INPUT, verdict)
            if _kind(decision) not in known
        ]
        if not verdict.blocked:
            self.understood(asked, verdict.text)

    def took(self, step: str, since: float) -> None:
        """Keep the milliseconds of a step."""
        self._timings[step] = round((time.perf_counter() - since) * 1_000, 1)

    def packed(self, blocks: Sequence[Block]) -> None:
        """Keep what the model is shown, in the order of its numbers."""
        self._packed = blocks
        self._context = tuple(_shown(block) for block in blocks)

    def sources(self, sentence: str) -> list[str]:
        """The texts that a sentence has to rest on: those that it cites, or all."""
        rested = self._rested(sentence)
        texts = ("\n".join(passage.text for passage in block.passages) for block in rested)
        return [self.placeholders.hidden(text) for text in texts]  # as the sentence has them

    def labels(self, sentence: str) -> frozenset[str]:
        """The labels of the documents that a sentence has to rest on."""
        passages = (passage for block in self._rested(sentence) for passage in block.passages)
        return frozenset(label for passage in passages for label in passage.labels)

    def _rested(self, sentence: str) -> Sequence[Block]:
        cited = [self._packed[n - 1] for n in numbers(sentence) if 1 <= n <= len(self._packed)]
        return cited or self._packed

    def repeated(self, known: Answer, since: float) -> str:
        """Give an answer again, which was looked for `since` then: its words, all at once.

        What the rails found in the question is of now, what they found after it is of then.
        """
        self.took("cache", since)
        self._repeats, self._context = known.answer_id, known.context
        self._citations = {(cited.n, cited.start): cited for cited in known.citations}
        self._decisions += [decision for decision in known.decisions if decision.stage is not Stage.INPUT]
        self._support, self._labels = [known.grounded], frozenset(known.labels)
        return known.text

    def prompted(self, count: Callable[[], int]) -> None:
        """The engine begins to read; `count` tells how many tokens, should the engine never say so."""
        self._count = count

    def engine(self, piece: Piece) -> None:
        """Keep what the engine says of itself."""
        self._pieces += bool(piece.text)
        if piece.usage is not None and piece.usage != Usage():
            self._usage = piece.usage
        if piece.finish == "length":
            self._finish = "length"

    def said(self, text: str) -> None:
        """Keep a piece that was sent."""
        if not self._text:
            self.took("first_token", self._began)
        self._text.append(text)

    @property
    def spoken(self) -> bool:
        """Whether anything visible was sent."""
        return any(text.strip() for text in self._text)

    def blocked(self, verdict: Verdict) -> str:
        """End the answer with the policy's message."""
        self._finish = "content_filter"
        return verdict.text

    def refused(self) -> str:
        """End the answer by saying that the documents do not hold it."""
        self.refusing = True
        return REFUSED

    @step("citations")
    def check(self, verdict: Verdict) -> str:
        """What may be sent of a sentence that has passed the output rails."""
        self.decided(Stage.OUTPUT, verdict)
        if verdict.blocked:
            return self.blocked(verdict)
        if refuses(verdict.text) and not self._text:
            return self.refused()
        self.rests(self.labels(verdict.text))
        sources = [block.passages for block in self._packed]
        told = self.placeholders.restored(verdict.text)
        checked = check(told, sources, partial(_hidden, self.guard))
        if claim(checked.text):
            self._rests(verdict, checked.citations)
        if checked.removed or (claim(checked.text) and not checked.citations):
            self._doubt("the sentence has no citation that could be verified", verdict.judged)
        return checked.text

    def rests(self, labels: frozenset[str]) -> None:
        """Keep the labels of documents that the answer rests on."""
        self._labels |= labels

    def stated(self, forms: Sequence[str], verdict: Verdict, numbers: Iterable[int]) -> None:
        """Keep what a value of an answer in JSON rests on.

        That is the first of the passages `numbers` that holds it, written in one of its `forms`.
        """
        hidden = partial(_hidden, self.guard)
        tries = (first_cited(forms, number, self._packed[number - 1].passages, hidden) for number in numbers)
        citation = next((cited for cited in tries if cited), None)
        self._rests(verdict, (citation,) if citation else ())
        if citation is None:
            self._doubt("the value stands in no passage", verdict.judged)

    def _rests(self, verdict: Verdict, citations: Sequence[Citation]) -> None:
        for cited in citations:
            title, heading = (masked(self.guard, name) for name in (cited.title, cited.heading))
            self._citations[cited.n, cited.start] = replace(cited, title=title, heading=heading)
        self._support.append(1.0 - verdict.scores.get("grounding", 0.0) if citations else 0.0)

    def _doubt(self, reason: str, said: str) -> None:
        doubt = Finding("grounding", "unverified-citation", Action.FLAG, 1.0, 0, len(said), reason)
        verdict = Verdict(Action.FLAG, said, (doubt,), judged=said)
        self._decisions += [replace(decision, span=None) for decision in self._of(Stage.OUTPUT, verdict)]

    def _used(self) -> Usage:
        """The engine's own count, or ours for an answer that was cut before it: a piece is about a token."""
        if self._usage is not None or self._count is None:
            return self._usage or Usage()
        return Usage(self._count(), self._pieces)

    def completed(self) -> Answer:
        """The answer, with nothing more to come."""
        self._complete = True
        return self.finished()

    def kept(self) -> Answer:
        """The answer as it may be kept: without the values that only its reader was given back."""
        answer = self.finished()
        return replace(answer, text=self.placeholders.plain(answer.text))

    def finished(self) -> Answer:
        """The answer as it stands: aborted, unless it was completed."""
        self.took("total", self._began)
        return Answer(
            answer_id=self.answer_id,
            model=self.model,
            text="".join(self._text),
            # What was blocked was told in full: nothing was left to be cut off.
            finish_reason=self._finish if self._complete or self._finish == "content_filter" else "aborted",
            citations=tuple(self._citations.values()),
            decisions=tuple(self._decisions),
            grounded=round(fmean(self._support), 3) if self._support else 0.0,
            refused=self.refusing,
            usage=self._used(),
            timings_ms=dict(self._timings),
            policy=self.policy,
            context=self._context,
            repeats=self._repeats,
            arm=self._arm,
            evaluation=self._evaluation,
            exhibits=tuple(map(_exhibit, self._packed)) if self._evaluation else (),
            labels=tuple(sorted(self._labels)),
        )


def _kind(decision: Decision) -> tuple[str, str, Action, bool]:
    return decision.rail, decision.label, decision.action, decision.shadow


def _shown(block: Block) -> Shown:
    chunks = tuple(passage.chunk_id for passage in block.passages)
    start, end = min(p.start for p in block.passages), max(p.end for p in block.passages)
    return Shown(chunks, block.passages[0].document_id, start, end, fingerprint(block.text))


def _exhibit(block: Block) -> Exhibit:
    first, shown = block.passages[0], _shown(block)
    return Exhibit(
        chunk_id=first.chunk_id,
        document_id=first.document_id,
        uri=first.uri,
        title=block.heading,
        text=block.text,
        start=shown.start,
        end=shown.end,
        page=first.page,
    )
