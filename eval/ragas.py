"""RAGAS's metrics by a judge: the only module that imports ragas.

We run the rows, not RAGAS: so many at a time, each call in its time and asked again (`eval/judge.py`), and a
row without a verdict is a failure that counts against the coverage. RAGAS's own runner starts all rows at
once and leaves out those that fail. Instead of its `llm_factory` it is given our judge, so that verdicts keep
to the schema, and are kept by judge, settings and prompt, which its own cache does not tell apart.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ragas.embeddings.base import BaseRagasEmbedding
from ragas.llms.base import InstructorBaseRagasLLM
from ragas.metrics.collections import (
    AnswerCorrectness,
    AnswerRelevancy,
    ContextPrecision,
    ContextRecall,
    FactualCorrectness,
    Faithfulness,
    NoiseSensitivity,
)

from eval.dataset import Question
from eval.errors import JudgeFailed
from eval.judge import Form, Judge
from eval.metric import Better, Failed, Score, Summary
from eval.metrics.given import words
from eval.metrics.rowwise import answers_known, asked
from eval.metrics.similarity import Encoder
from eval.outcome import Outcome
from eval.settings import without_telemetry

without_telemetry()

# What a formula of RAGAS's raises on a verdict that fits its form, yet makes no sense: too few statements.
_SENSELESS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
# Contexts of a row that shows none to the model: what search found first.
_MOST = 5

Ask = Callable[[Outcome], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A metric of RAGAS's. It advises, unless `gates`: see `eval/agreement.py`.

    Attacks, and questions without an accepted answer where one is needed: no score. No answer given, where
    one is judged: no score, or 0 where it is held to the accepted one. No contexts, where they are judged: no
    score. No verdict: a failure.
    """

    name: str
    judge: Judge
    ask: Ask
    applies: Callable[[Question], bool]
    unanswered: float | None = None
    needs_answer: bool = True
    needs_contexts: bool = True
    better: Better = "higher"
    gates: bool = False
    summary: Summary = "mean"

    def scores(self, outcomes: Sequence[Outcome]) -> list[Score]:
        """As `Metric.scores`. It runs an event loop: from one, call it in a thread."""
        return asyncio.run(self._scores(outcomes))

    async def _scores(self, outcomes: Sequence[Outcome]) -> list[Score]:
        room = asyncio.Semaphore(self.judge.manner.concurrency)

        async def one(outcome: Outcome) -> Score:
            async with room:
                return await self._score(outcome)

        return await asyncio.gather(*map(one, outcomes))

    async def _score(self, outcome: Outcome) -> Score:
        if not self.applies(outcome.question):
            return None
        if outcome.error is not None:
            return Failed(outcome.error)
        if self.needs_answer and not words(outcome).strip():
            return self.unanswered
        return None if self.needs_contexts and not contexts(outcome) else await self._verdict(outcome)

    async def _verdict(self, outcome: Outcome) -> float | Failed:
        try:
            value = float((await self.ask(outcome)).value)
        except JudgeFailed as error:
            return Failed(str(error))
        except _SENSELESS as error:
            return Failed(f"the judge's verdict makes no sense: {type(error).__name__} {error}")
        return Failed("the judge found nothing to judge") if math.isnan(value) else value


def judged(judge: Judge, encoder: Encoder, gates: Callable[[str], bool]) -> list[Judged]:
    """The metrics, by one judge; `gates` says of a name whether a gate may rest on it."""
    made = [*_of_answers(judge, _Sense(encoder)), *_of_contexts(judge)]
    return [replace(metric, gates=gates(metric.name)) for metric in made]


def _of_answers(judge: Judge, sense: BaseRagasEmbedding) -> list[Judged]:
    llm = _Pen(judge)
    # The judge says the same each time: asking thrice, as RAGAS does, would buy nothing.
    relevant = AnswerRelevancy(llm=llm, embeddings=sense, strictness=1)
    correct, factual = AnswerCorrectness(llm=llm, embeddings=sense), FactualCorrectness(llm=llm)
    held = partial(Judged, judge=judge, applies=answers_known, unanswered=0.0, needs_contexts=False)
    return [
        Judged(
            "answer_relevancy",
            judge,
            lambda row: relevant.ascore(row.question.question, words(row)),
            asked,
            needs_contexts=False,
        ),
        held(
            "answer_correctness",
            ask=lambda row: correct.ascore(row.question.question, words(row), reference(row)),
        ),
        held("factual_correctness", ask=lambda row: factual.ascore(words(row), reference(row))),
    ]


def _of_contexts(judge: Judge) -> list[Judged]:
    llm = _Pen(judge)
    faithful, noisy = Faithfulness(llm=llm), NoiseSensitivity(llm=llm)
    precise, recalled = ContextPrecision(llm=llm), ContextRecall(llm=llm)
    found = partial(Judged, judge=judge, applies=answers_known, needs_answer=False)
    return [
        Judged(
            "faithfulness",
            judge,
            lambda row: faithful.ascore(row.question.question, words(row), contexts(row)),
            asked,
        ),
        found(
            "context_precision",
            ask=lambda row: precise.ascore(row.question.question, reference(row), contexts(row)),
        ),
        found(
            "context_recall",
            ask=lambda row: recalled.ascore(row.question.question, contexts(row), reference(row)),
        ),
        Judged(
            "noise_sensitivity",
            judge,
            lambda row: noisy.ascore(row.question.question, words(row), reference(row), contexts(row)),
            answers_known,
            better="lower",
        ),
    ]


def contexts(outcome: Outcome) -> list[str]:
    """What the model was shown; else what search found first."""
    return [passage.text for passage in outcome.shown or outcome.retrieved[:_MOST]]


def reference(outcome: Outcome) -> str:
    """The accepted answer that the judge is told: the first."""
    return outcome.question.answers[0]


class _Pen(InstructorBaseRagasLLM):
    """Our judge, as RAGAS holds it."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def generate(self, prompt: str, response_model: type[Form]) -> Form:
        return asyncio.run(self._judge.fill(prompt, response_model))

    async def agenerate(self, prompt: str, response_model: type[Form]) -> Form:
        return await self._judge.fill(prompt, response_model)


class _Sense(BaseRagasEmbedding):
    """Our embedder, as RAGAS holds it."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self._encoder = encoder

    def embed_text(self, text: str, **_: Any) -> list[float]:  # noqa: ANN401  # the base class's signature
        vector: list[float] = self._encoder.encode([text])[0].tolist()
        return vector

    async def aembed_text(self, text: str, **_: Any) -> list[float]:  # noqa: ANN401  # as above
        return await asyncio.to_thread(self.embed_text, text)
