"""Duplicates: the same asked again of the same passage, or nearly so."""

from collections.abc import Sequence

from finetune.cleaning.step import Tally
from finetune.examples import Example
from finetune.likeness import Groups, near_passages
from finetune.wording import plain, words
from guardrails.shingles import tokens


class Duplicates:
    """Drops what an earlier example says already.

    Nearly the same are questions of alike passages with one answer and the same words, but for order, endings
    and words that say nothing. Questions without an answer often differ in the very word that counts: of them
    only those with just the same words are.
    """

    name = "duplicates"

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`."""
        groups = Groups()
        for one, other in near_passages(example.passage for example in examples):
            groups.join(("passage", plain(one)), ("passage", plain(other)))
        asked: set[tuple[str, str | None, str]] = set()
        meant: set[tuple[str, str | None, frozenset[str]]] = set()
        kept = []
        for example in tally.each(examples):
            _, passage = groups.top(("passage", plain(example.passage)))
            answer = None if example.answer is None else plain(example.answer)
            same, near = (passage, answer, plain(example.question)), (passage, answer, _meaning(example))
            if same in asked and not example.rejected:
                tally.drop(example, "the same")
            elif near in meant and not example.rejected:
                tally.drop(example, "nearly the same")
            else:
                kept.append(example)
            asked.add(same)
            meant.add(near)
        return kept


def _meaning(example: Example) -> frozenset[str]:
    said = words(example.question)
    if example.answer is None:
        return frozenset(said)
    return frozenset(token.word for token in tokens(example.question)) or frozenset(said)
