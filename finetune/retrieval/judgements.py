"""What a reranker learns: which passages answer a question, and which only look so.

A question's own passage answers it. What the search puts beside it does not, nor does a passage answer a
question that people, or a rule, twisted until it did not.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from finetune.datasets.examples import Paragraph
from finetune.datasets.substitutes import Neighbours
from finetune.datasets.unanswerable import entities, swapped, words
from finetune.retrieval.index import Index
from finetune.retrieval.material import Material
from finetune.retrieval.negatives import Miner
from finetune.retrieval.parts import Part
from finetune.retrieval.trainers import Judged
from ingest.store import Point, embedded_text

EASY = 1  # passages drawn from all, beside the negatives


def own(material: Material, index: Index, most: int, negatives: int, dice: random.Random) -> Iterator[Judged]:
    """The questions of the part that is trained on, `most` of them, with what answers each and what does not.

    Half of the `negatives` are the nearest, half are any that were found. An easy one, of all, is added:
    without it a network that never read two texts together learns nothing for hundreds of steps.
    """
    questions = material.split.only(material.collection, Part.TRAIN)
    passages: dict[str, list[Point]] = defaultdict(list)
    for point in index.points():
        if material.split.part(point.uri) is Part.TRAIN:
            passages[point.uri].append(point)
    every = [embedded_text(point) for points in passages.values() for point in points]
    miner = Miner(index, material.split, dice)
    for query in dice.sample(sorted(questions.queries), min(most, len(questions.queries))):
        text, relevant = questions.queries[query], questions.relevant[query]
        for name in sorted(relevant & passages.keys()):
            yield Judged(text, _nearest(text, passages[name]), answers=True)
        near = miner.near(text, relevant)
        hard, rest = near[: negatives // 2], near[negatives // 2 :]
        wrong = [*hard, *dice.sample(rest, min(negatives - len(hard), len(rest)))]
        own_texts = {embedded_text(point) for name in relevant for point in passages.get(name, ())}
        easy = [passage for passage in dice.sample(every, min(EASY, len(every))) if passage not in own_texts]
        yield from (Judged(text, passage, answers=False) for passage in dict.fromkeys([*wrong, *easy]))


def refused(material: Material, twisted: float, dice: random.Random) -> Iterator[Judged]:
    """Questions beside a passage that does not answer them.

    All that people made, and a share of the passages' own, `twisted`; each with one that it does answer.
    """
    paragraphs = material.paragraphs
    names = [entry.name for entry in material.collection.entries] if paragraphs else []
    neighbours = Neighbours(
        text for one in paragraphs for text in [one.text, *(q.text for q in one.questions)]
    )
    kin = _kin(paragraphs)
    for name, one in zip(names, paragraphs, strict=True):
        if material.split.part(name) is not Part.TRAIN:
            continue
        passage = f"{one.heading}\n{one.text}"
        answered = [question.text for question in one.questions if question.answer]
        made = [question.text for question in one.questions if question.answer is None]
        for text in answered:
            if dice.random() < twisted:
                made += _twisted(text, one, neighbours, kin[one.article], dice)
        yield from (Judged(text, passage, answers=False) for text in made)
        partners = dice.sample(answered, min(len(made), len(answered)))
        yield from (Judged(text, passage, answers=True) for text in partners)


def _nearest(question: str, points: Sequence[Point]) -> str:
    """Of a document's passages the one with most of the question's words."""
    asked = words(question)
    best = max(points, key=lambda point: len(asked & words(embedded_text(point))))
    return embedded_text(best)


def _kin(paragraphs: Sequence[Paragraph]) -> dict[str, tuple[list[str], set[str]]]:
    """The names in an article, and its words."""
    texts: dict[str, list[str]] = defaultdict(list)
    for one in paragraphs:
        texts[one.article].append(one.text)
    return {
        article: (entities("\n".join(every)), words("\n".join(every))) if article else ([], set())
        for article, every in texts.items()
    }


def _twisted(
    text: str,
    paragraph: Paragraph,
    neighbours: Neighbours,
    kin: tuple[list[str], set[str]],
    dice: random.Random,
) -> list[str]:
    names, known = kin
    made = (
        swapped(text, [paragraph], names, dice)
        if dice.random() < 0.5  # noqa: PLR2004  # either way
        else neighbours.substituted(text, paragraph.text, known, dice)
    )
    return [made] if made else []
