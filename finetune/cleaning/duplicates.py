"""Duplicates: the same asked again of the same passage, or nearly so."""

import re
from collections import defaultdict
from collections.abc import Sequence

from finetune.cleaning.step import Tally
from finetune.examples import Example
from finetune.likeness import Groups, near_passages
from finetune.wording import plain, words

ALIKE = 0.8  # share of words that two questions with one answer have in common
_FIGURE = re.compile(r"\d")


class Duplicates:
    """Drops what an earlier example says already.

    Nearly the same are questions of alike passages with one answer, most of their words and all of their
    figures in common. Questions without an answer often differ in the very word that counts: of them only
    those with the same words are.
    """

    name = "duplicates"

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`."""
        groups = Groups()
        for one, other in near_passages(example.passage for example in examples):
            groups.join(("passage", plain(one)), ("passage", plain(other)))
        seen: dict[tuple[str, str | None], list[tuple[str, frozenset[str]]]] = defaultdict(list)
        kept = []
        for example in tally.each(examples):
            _, passage = groups.top(("passage", plain(example.passage)))
            answer = None if example.answer is None else plain(example.answer)
            before, asked = seen[passage, answer], plain(example.question)
            said = frozenset(words(example.question))
            if any(asked == other for other, _ in before) and not example.rejected:
                tally.drop(example, "the same")
            elif any(_alike(said, other, answer) for _, other in before) and not example.rejected:
                tally.drop(example, "nearly the same")
            else:
                kept.append(example)
                before.append((asked, said))
        return kept


def _alike(one: frozenset[str], other: frozenset[str], answer: str | None) -> bool:
    if one == other or answer is None:
        return one == other
    figures = {word for word in one ^ other if _FIGURE.search(word)}
    return not figures and len(one & other) >= ALIKE * len(one | other)
