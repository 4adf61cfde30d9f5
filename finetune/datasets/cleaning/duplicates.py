"""Duplicates: the same asked again of the same passage, or nearly so."""

from collections.abc import Collection, Hashable, Sequence
from typing import NamedTuple

from finetune.datasets.cleaning.step import Tally
from finetune.datasets.examples import FEEDBACK, Example
from finetune.datasets.likeness import Groups, near_passages
from finetune.datasets.wording import plain, words
from guardrails.shingles import tokens


class Duplicates:
    """Drops what an earlier example says already, and what users have corrected.

    Nearly the same are questions of alike passages with one answer and the same words, but for order, endings
    and words that say nothing. Questions without an answer often differ in the very word that counts: of them
    only those with just the same words are. Of several ratings of one question the last holds.
    """

    name = "duplicates"

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`."""
        groups = Groups()
        for one, other in near_passages(example.passage for example in examples):
            groups.join(("passage", plain(one)), ("passage", plain(other)))
        forms = [_form(example, groups) for example in examples]
        rated = {form.place: form for example, form in zip(examples, forms, strict=True) if _rated(example)}
        seen: set[Hashable] = set()
        kept = []
        for example, form in zip(tally.each(examples), forms, strict=True):
            why = _fault(form, rated.get(form.place), seen)
            seen.update((form.same, form.near, form.pair))
            if why:
                tally.drop(example, why)
            else:
                kept.append(example)
        return kept


class _Form(NamedTuple):
    """An example as it is compared: question and passage, the answer, the meaning, a rejected reply."""

    place: tuple[str, str]
    answer: str | None
    meaning: frozenset[str]
    rejected: str

    @property
    def same(self) -> Hashable:
        return self.place, self.answer

    @property
    def near(self) -> Hashable:
        return self.place[0], self.answer, self.meaning

    @property
    def pair(self) -> Hashable:
        return self.same, self.rejected


def _form(example: Example, groups: Groups) -> _Form:
    _, passage = groups.top(("passage", plain(example.passage)))
    answer = None if example.answer is None else plain(example.answer)
    return _Form((passage, plain(example.question)), answer, _meaning(example), example.rejected)


def _fault(form: _Form, rated: _Form | None, seen: Collection[Hashable]) -> str:
    """Why an example is left out; empty if it is not. A reply that users rejected is news."""
    if rated and rated.answer != form.answer:
        return "users said otherwise"
    if form.rejected:
        return "the same" if form.pair in seen else ""
    if form.same in seen:
        return "the same"
    return "nearly the same" if form.near in seen else ""


def _rated(example: Example) -> bool:
    return example.origin == FEEDBACK


def _meaning(example: Example) -> frozenset[str]:
    said = words(example.question)
    if example.answer is None:
        return frozenset(said)
    return frozenset(token.word for token in tokens(example.question)) or frozenset(said)
