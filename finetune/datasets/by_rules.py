"""Questions of the corpus without a teacher: evaluation's templates, and cloze where they make nothing."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval.corpus import Corpus
from eval.dataset import Kind, Question
from eval.errors import NothingToAsk
from eval.testset import Generator, Order
from finetune.datasets.cloze import Cloze, clozes
from finetune.datasets.corpus import Drawn
from finetune.datasets.library import Passage, passages
from guardrails.words import Word, Words
from service.citations import verbatim

KINDS: tuple[Kind, ...] = ("factual", "table", "outdated", "unanswerable")  # answered by one passage, or none
CUT_APART = "its evidence is cut apart, or says the answer in other words"
_REFUSED = 3  # answered ones for each that no document answers: composing adds more of those
_ASKED = 2  # questions that somebody might ask, for each cloze
_CLOZE = 100  # clozes, where there are hardly any other questions


@dataclass(frozen=True, slots=True)
class ByRules:
    """Makes questions by `generator`, of up to `documents` documents drawn at random."""

    generator: Generator
    documents: int = 1_000

    def make(self, corpus: Corpus, count: int, seed: int, skipped: Counter[str]) -> Iterator[Drawn]:
        """As `Maker.make`."""
        dice = random.Random(seed)  # noqa: S311  # a reproducible choice, not a secret
        questions = self._questions(corpus, count, seed)
        sources = corpus.sample(self.documents, dice)
        shelf = {source.uri: list(passages(source)) for source in sources}
        used = {(found.uri, found.start) for question in questions for found in question.evidence}
        gaps = [gap for source in sources for gap in clozes(source)]
        spare = [gap for gap in gaps if (gap.sentence.source.uri, gap.sentence.start) not in used]
        yield from _answered(questions, shelf, skipped)
        yield from _unanswerable(questions, [passage for found in shelf.values() for passage in found])
        answered = sum(question.answerable for question in questions)
        wanted = min(len(spare), max(_CLOZE, answered // _ASKED), count)
        yield from _filled(dice.sample(spare, wanted), shelf, skipped)

    def _questions(self, corpus: Corpus, count: int, seed: int) -> list[Question]:
        try:
            return self.generator.generate(corpus, Order(count, KINDS, seed, self.documents))
        except NothingToAsk:
            return []


def _answered(
    questions: Sequence[Question], shelf: Mapping[str, Sequence[Passage]], skipped: Counter[str]
) -> Iterator[Drawn]:
    for question in questions:
        if not question.answerable:
            continue
        (evidence, *_) = question.evidence
        place = _around(shelf.get(evidence.uri, ()), evidence.start, evidence.end)
        forms = (verbatim(answer, [place.text]) for answer in question.answers) if place else ()
        said = next((form for form in forms if form), None)
        if place is None or said is None:
            skipped[CUT_APART] += 1
        else:
            yield Drawn(place, question.question, said[0], question.kind)


def _unanswerable(questions: Sequence[Question], every: Sequence[Passage]) -> Iterator[Drawn]:
    """Each beside the passage that has most words of it: no document holds what it asks for."""
    held = [_content(f"{passage.heading} {passage.text}") for passage in every]
    answered = sum(question.answerable for question in questions)
    absent = [question for question in questions if not question.answerable]
    for question in absent[: answered // _REFUSED]:
        if every:
            asked = _content(question.question)
            nearest = max(range(len(every)), key=lambda place: _likeness(asked, held[place]))
            yield Drawn(every[nearest], question.question, None, question.kind)


def _filled(
    gaps: Sequence[Cloze], shelf: Mapping[str, Sequence[Passage]], skipped: Counter[str]
) -> Iterator[Drawn]:
    for gap in gaps:
        place = _around(shelf[gap.sentence.source.uri], gap.sentence.start, gap.sentence.end)
        said = verbatim(gap.answer, [place.text]) if place else None
        if place is None or said is None:
            skipped[CUT_APART] += 1
        else:
            yield Drawn(place, gap.question, said[0], "cloze")


def _around(found: Sequence[Passage], start: int, end: int) -> Passage | None:
    """The passage that holds the characters from `start` to `end` of its document."""
    inside = (one for one in found if one.start <= start and end <= one.start + len(one.text))
    return next(inside, None)


def _likeness(asked: frozenset[Word], held: frozenset[Word]) -> tuple[int, int]:
    """How many words of the question; of equal ones the passage that says little else."""
    return len(asked & held), -len(held)


def _content(text: str) -> frozenset[Word]:
    return frozenset(Words(text).content)
