"""Paragraphs → readings: passages shown together, asked what they answer and what they do not.

Paragraphs of one article stand together, mostly with an outsider among them. Questions without an answer are
added in proportion to the real ones (`unanswerable.py`, `substitutes.py`); those that were made of real ones
have to be confirmed (`doubt.py`).
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from finetune.datasets import unanswerable
from finetune.datasets.cloze import GAP
from finetune.datasets.doubt import Doubt
from finetune.datasets.examples import Paragraph, Question
from finetune.datasets.readings import Asked, Kind, Reading, Shown, answered, refused
from finetune.datasets.recipe import Recipe
from finetune.datasets.rivals import make_limits, make_rivals
from finetune.datasets.substitutes import Neighbours
from finetune.datasets.tables import make_tables

_PASSAGES = ((1, 2, 3, 4, 5), (10, 15, 20, 35, 20))  # how many passages a reading has, in percent
_MOST = 5
_OUTSIDER = 0.35  # how often a paragraph of another source stands among an article's
_FELLOWS = 40  # loose paragraphs that stand in for those of an article
_SEARCHED = 12  # paragraphs of the article that are searched for near misses


def compose(paragraphs: Sequence[Paragraph], recipe: Recipe, doubt: Doubt) -> list[Reading]:
    """Group paragraphs into readings of one to five passages, in a reproducible random order."""
    composer = _Composer(paragraphs, recipe, doubt)
    readings = [reading for _ in range(recipe.rounds) for reading in composer.round()]
    composer.dice.shuffle(readings)
    return readings


class _Composer:
    """Draws readings: paragraphs of one article, mostly with an outsider among them."""

    def __init__(self, paragraphs: Sequence[Paragraph], recipe: Recipe, doubt: Doubt) -> None:
        self.dice = random.Random(recipe.seed)  # noqa: S311  # composing training data, not secrets
        self._recipe, self._doubt = recipe, doubt
        self._neighbours = Neighbours(text for paragraph in paragraphs for text in _texts(paragraph))
        self._articles: dict[str, list[Paragraph]] = defaultdict(list)
        for paragraph in paragraphs:
            self._articles[paragraph.article].append(paragraph)
        self._loose = self._articles.pop("", [])
        rivals, limits = make_rivals(recipe.rivals, self.dice), make_limits(recipe.rivals, self.dice)
        for paragraph in [*rivals, *limits]:
            self._articles[paragraph.article].append(paragraph)
        # Not to be twisted: "below" instead of "above" has an answer there.
        self._firm = {question.text for paragraph in limits for question in paragraph.questions}

    def round(self) -> Iterator[Reading]:
        """Every article's paragraphs once, grouped at random; then loose ones that nobody took in."""
        outsiders = self._endless([*self._loose, *make_tables(self._recipe.tables, self.dice)])
        used: set[Paragraph] = set()
        for article, members in self._articles.items():
            for _ in range(self._recipe.emphasis if _emphatic(members) else 1):
                for shown in self._groups(members):
                    joined = self._joined(shown, next(outsiders, None))
                    used.update(joined)
                    yield self._reading(article, members, joined)
        left = [paragraph for paragraph in self._loose if paragraph not in used]
        for shown in self._groups(self.dice.sample(left, round(self._recipe.loose * len(left)))):
            fellows = self.dice.sample(self._loose, min(_FELLOWS, len(self._loose)))
            yield self._reading("", fellows, shown)

    def _endless(self, items: Sequence[Paragraph]) -> Iterator[Paragraph]:
        while items:
            yield from self.dice.sample(items, len(items))

    def _groups(self, members: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
        left = self.dice.sample(members, len(members))
        while left:
            size = self.dice.choices(*_PASSAGES)[0]
            take = max(1, size - (self.dice.random() < _OUTSIDER))
            yield left[:take]
            left = left[take:]

    def _joined(self, shown: list[Paragraph], outsider: Paragraph | None) -> list[Paragraph]:
        crowded = self.dice.random() >= _OUTSIDER or len(shown) == _MOST
        return shown if outsider is None or crowded else [*shown, outsider]

    def _reading(self, article: str, fellows: Sequence[Paragraph], joined: list[Paragraph]) -> Reading:
        """A reading of `joined`; `fellows` are of the same article, or what comes nearest to that."""
        self.dice.shuffle(joined)
        own = [(number, question) for number, p in enumerate(joined, 1) for question in self._own(p)]
        asked = [
            answered(q.text, q.answer, number) if q.answer else refused(q.text, "adversarial")
            for number, q in own
        ]
        real = [question for _, question in own if question.answer]
        others = [paragraph for paragraph in fellows if paragraph not in joined]
        asked += self._refusals(article, joined, others, real)
        self.dice.shuffle(asked)
        return Reading(tuple(Shown(p.heading, p.text) for p in joined), tuple(asked))

    def _refusals(
        self,
        article: str,
        shown: Sequence[Paragraph],
        others: Sequence[Paragraph],
        real: Sequence[Question],
    ) -> Iterator[Asked]:
        """Questions that `shown` does not answer, in proportion to the `real` ones."""
        near = self.dice.sample(others, min(_SEARCHED, len(others)))
        for question in unanswerable.near_misses(shown, near, round(self._recipe.same_article * len(real))):
            yield refused(question.text, "same-article")
        far = self._far(article)
        for question in self.dice.sample(far, min(len(far), round(self._recipe.unrelated * len(real)))):
            yield refused(question.text, "unrelated")
        passages = [paragraph.text for paragraph in shown]
        for kind, question, twisted in self._twisted(shown, others, real):
            if self._doubt.confirms(twisted, question.text, question.answer or "", passages):
                yield refused(twisted, kind)

    def _twisted(
        self, shown: Sequence[Paragraph], others: Sequence[Paragraph], real: Sequence[Question]
    ) -> Iterator[tuple[Kind, Question, str]]:
        """Real questions with something changed, and how: not all of them are without an answer."""
        loose = [asked for asked in real if asked.text not in self._firm and GAP not in asked.text]
        names = [name for paragraph in others for name in unanswerable.entities(paragraph.text)]
        kin = {word for paragraph in others for word in unanswerable.words(paragraph.text)}
        text = "\n".join(paragraph.text for paragraph in shown)
        ways: tuple[tuple[Kind, float, Callable[[str], str | None]], ...] = (
            ("swapped", self._recipe.swapped, lambda q: unanswerable.swapped(q, shown, names, self.dice)),
            ("negated", self._recipe.negated, unanswerable.negated),
            (
                "substituted",
                self._recipe.substituted,
                lambda q: self._neighbours.substituted(q, text, kin, self.dice),
            ),
        )
        for kind, share, twist in ways:
            for question in self.dice.sample(loose, round(share * len(loose))):
                if twisted := twist(question.text):
                    yield kind, question, twisted

    def _far(self, article: str) -> list[Question]:
        """The questions of another article; none where there is no other."""
        others = [name for name in self._articles if name != article]
        elsewhere = self._articles[self.dice.choice(others)] if others else []
        return [question for paragraph in elsewhere for question in paragraph.questions if question.answer]

    def _own(self, paragraph: Paragraph) -> list[Question]:
        """The paragraph's own questions: adversarial and rated ones are rare and all taken, others drawn."""
        rare = [question for question in paragraph.questions if question.answer is None or question.rated]
        common = [question for question in paragraph.questions if question.answer and not question.rated]
        return self.dice.sample(common, min(self._recipe.per_paragraph, len(common))) + rare


def _emphatic(members: Sequence[Paragraph]) -> bool:
    """Whether an article has questions that one is to learn from more often."""
    return any(asked.answer is None or asked.rated for member in members for asked in member.questions)


def _texts(paragraph: Paragraph) -> Iterator[str]:
    yield paragraph.text
    yield from (question.text for question in paragraph.questions)
