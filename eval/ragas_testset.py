"""RAGAS's TestsetGenerator: a judge writes the factual and multi-passage questions.

It imports ragas, as `eval/ragas.py` does for metrics: that one judges answers, this one makes questions. What
a judge writes need not stand in the documents word for word. So a row is kept only if the passages that it
was written from are found again, and they are its evidence; review such rows before you rely on them.

RAGAS would give up at the first call that fails, and fetch a tokenizer from the network: so its steps are
applied one by one, passages that the judge failed on are left out, and a tokenizer is given to it.
"""

import asyncio
import contextlib
import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from ragas.dataset_schema import SingleTurnSample
from ragas.embeddings.base import BaseRagasEmbedding
from ragas.executor import Executor
from ragas.llms.base import InstructorBaseRagasLLM
from ragas.run_config import RunConfig
from ragas.testset import TestsetGenerator
from ragas.testset.graph import KnowledgeGraph, Node, NodeType
from ragas.testset.persona import Persona
from ragas.testset.synthesizers import default_query_distribution
from ragas.testset.synthesizers.base import BaseSynthesizer
from ragas.testset.synthesizers.prompts import PersonaThemesMapping
from ragas.testset.transforms import BaseGraphTransformation, Parallel, apply_transforms
from ragas.testset.transforms.extractors import EmbeddingExtractor, SummaryExtractor
from ragas.testset.transforms.extractors.llm_based import NERExtractor, ThemesExtractor
from ragas.testset.transforms.relationship_builders import CosineSimilarityBuilder, OverlapScoreBuilder
from ragas.tokenizers import BaseTokenizer

from eval.corpus import Corpus
from eval.dataset import Kind, Question
from eval.errors import JudgeFailed, NothingToAsk
from eval.evidence import evidence
from eval.metrics.similarity import Encoder
from eval.pieces import Piece, pieces
from eval.settings import without_telemetry
from eval.testset import Generator, Order

without_telemetry()

KINDS: tuple[Kind, ...] = ("factual", "multi_passage")
_PASSAGES = 6  # passages a wanted question
_ASKERS = [
    Persona(name="newcomer", role_description="New in the house; asks short, plain questions about rules."),
    Persona(name="specialist", role_description="Knows the field; asks for exact figures, names and dates."),
]
_READ = {"summary", "themes", "entities"}  # what RAGAS must know of a passage
_PATIENCE = 3_600  # seconds: the judge has a time of its own for each call
_HOP = re.compile(r"\A<\d+-hop>\s*")

Form = TypeVar("Form", bound=BaseModel)


class Writer(Protocol):
    """What fills in forms: `eval.judge.Judge`."""

    async def fill(self, prompt: str, form: type[Form]) -> Form:
        """The form, filled in. Raises `JudgeFailed`."""
        ...


@dataclass(frozen=True, slots=True)
class RagasGenerator:
    """RAGAS for the kinds that it knows, `rules` for the others; at most `concurrency` calls at a time."""

    writer: Writer
    encoder: Encoder
    rules: Generator
    concurrency: int = 8

    def generate(self, corpus: Corpus, order: Order) -> list[Question]:
        """As `Generator.generate`; fewer of RAGAS's kinds where the judge fails.

        Raises:
            NothingToAsk: neither has anything to ask.
            JudgeFailed: the judge wrote nothing at all.
        """
        written = [kind for kind in order.kinds if kind in KINDS]
        ruled = tuple(kind for kind in order.kinds if kind not in KINDS)
        count = round(order.count * len(written) / len(order.kinds))
        questions = self._written(corpus, order, count) if count else []
        questions = [question for question in questions if question.kind in written]
        if ruled and order.count > len(questions):
            rest = Order(order.count - len(questions), ruled, order.seed, order.documents)
            with contextlib.suppress(NothingToAsk) if questions else contextlib.nullcontext():
                questions += self.rules.generate(corpus, rest)
        return questions

    def _written(self, corpus: Corpus, order: Order, count: int) -> list[Question]:
        """What the judge writes of passages drawn at random.

        Raises:
            JudgeFailed: it writes nothing.
        """
        dice = random.Random(order.seed)  # noqa: S311  # a reproducible choice, not a secret
        passages = [piece for source in corpus.sample(order.documents, dice) for piece in pieces(source)]
        drawn = dice.sample(passages, min(len(passages), count * _PASSAGES))
        if not drawn:
            return []
        limits = RunConfig(max_workers=self.concurrency, timeout=_PATIENCE, max_retries=1, seed=order.seed)
        pen = _Pen(self.writer)
        maker = TestsetGenerator(pen, _Sense(self.encoder), persona_list=_ASKERS)  # type: ignore[arg-type]  # newer interfaces than it declares
        maker.knowledge_graph = self._graph(drawn, limits)
        try:
            makers = default_query_distribution(pen, maker.knowledge_graph)
        except ValueError as error:
            raise JudgeFailed("the judge has read no passage that RAGAS could make a question of") from error
        rows = [row for one, _ in makers for row in _rows(maker, one, -(-count // len(makers)), limits)][
            :count
        ]
        if not rows:
            raise JudgeFailed("the judge wrote no question")
        found = (self._question(corpus, row, drawn) for row in rows)
        return list({question.id: question for question in found if question is not None}.values())

    def _graph(self, drawn: Sequence[Piece], limits: RunConfig) -> KnowledgeGraph:
        """The passages with what RAGAS wants to know of each; those that the judge failed on are left out."""
        nodes = [Node(type=NodeType.CHUNK, properties={"page_content": piece.text}) for piece in drawn]
        graph = KnowledgeGraph(nodes=nodes)
        for step in self._reading():
            with contextlib.suppress(JudgeFailed):  # the other passages are read all the same
                apply_transforms(graph, [step], limits)
        whole = KnowledgeGraph(nodes=[node for node in graph.nodes if node.properties.keys() >= _READ])
        if len(whole.nodes) > 1:
            apply_transforms(whole, self._relating(), limits)
        return whole

    def _reading(self) -> list[BaseGraphTransformation]:
        pen, marks = _Pen(self.writer), _Characters()
        return [
            SummaryExtractor(llm=pen, tokenizer=marks),
            ThemesExtractor(llm=pen, tokenizer=marks),
            NERExtractor(llm=pen, tokenizer=marks),
        ]

    def _relating(self) -> list[BaseGraphTransformation | Parallel]:
        return [
            EmbeddingExtractor(
                embedding_model=_Sense(self.encoder),
                property_name="summary_embedding",
                embed_property_name="summary",
            ),
            CosineSimilarityBuilder(
                property_name="summary_embedding", new_property_name="summary_similarity", threshold=0.7
            ),
            OverlapScoreBuilder(threshold=0.01),
        ]

    def _question(self, corpus: Corpus, row: SingleTurnSample, drawn: Sequence[Piece]) -> Question | None:
        """A row as ours; None unless all of its passages are among those that were drawn."""
        texts = [_HOP.sub("", text).strip() for text in row.reference_contexts or []]
        places = [next((piece for piece in drawn if piece.text == text), None) for text in texts]
        found = [piece for piece in places if piece is not None]
        if not found or len(found) < len(places) or not (row.user_input and row.reference):
            return None
        principal = corpus.principal
        return Question(
            id=f"ragas-{hashlib.sha256(row.user_input.encode()).hexdigest()[:10]}",
            question=row.user_input,
            answers=(row.reference,),
            documents=tuple(dict.fromkeys(piece.source.uri for piece in found)),
            kind="factual" if len(found) == 1 else "multi_passage",
            tenant=principal.tenant,
            groups=None if principal.every_group else tuple(sorted(principal.groups)),
            evidence=tuple(
                evidence(piece.source.uri, piece.source.text, piece.start, piece.end) for piece in found
            ),
            source="ragas",
        )


def _rows(
    maker: TestsetGenerator, synthesizer: BaseSynthesizer[Any], count: int, limits: RunConfig
) -> list[SingleTurnSample]:
    """What one synthesizer writes. RAGAS's own run loses all rows with the first that fails."""
    try:
        jobs = maker.generate(
            count, [(synthesizer, 1.0)], run_config=limits, raise_exceptions=False, return_executor=True
        )
    except TypeError:  # what it raises where the judge failed on the scenarios
        return []
    return (
        [row for row in jobs.results() if isinstance(row, SingleTurnSample)]
        if isinstance(jobs, Executor)
        else []
    )


class _Interest(BaseModel):
    persona: str
    themes: list[str]


class _Interests(BaseModel):
    """Who cares for what. RAGAS's form is an open object, which strict schemas do not allow."""

    interests: list[_Interest]


def _themes(name: str, told: Sequence[_Interest]) -> list[str]:
    """What an asker cares for: everything, where the judge does not name them."""
    own = [theme for one in told if one.persona == name for theme in one.themes]
    return own or [theme for one in told for theme in one.themes]


class _Pen(InstructorBaseRagasLLM):
    """The judge, as RAGAS holds it."""

    is_async = True

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def generate(self, prompt: str, response_model: type[Form]) -> Form:
        return asyncio.run(self.agenerate(prompt, response_model))

    async def agenerate(self, prompt: str, response_model: type[Form]) -> Form:
        if not issubclass(response_model, PersonaThemesMapping):
            return await self._writer.fill(prompt, response_model)
        told = (await self._writer.fill(prompt, _Interests)).interests
        return response_model(mapping={asker.name: _themes(asker.name, told) for asker in _ASKERS})


class _Characters(BaseTokenizer):
    """A character a token: passages are far below RAGAS's limit anyway."""

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def decode(self, tokens: list[int]) -> str:
        return "".join(map(chr, tokens))


class _Sense(BaseRagasEmbedding):
    """The embedder, as RAGAS holds it."""

    is_async = True

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self._encoder = encoder

    def embed_text(self, text: str, **_: Any) -> list[float]:  # noqa: ANN401  # the base class's signature
        vector: list[float] = self._encoder.encode([text])[0].tolist()
        return vector

    async def aembed_text(self, text: str, **_: Any) -> list[float]:  # noqa: ANN401  # as above
        return await asyncio.to_thread(self.embed_text, text)
