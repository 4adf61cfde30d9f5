"""Length, and that an answer stands in its passage: what an adapter can learn at all."""

from collections.abc import Sequence

from finetune.datasets.cleaning.step import Tally
from finetune.datasets.examples import Example
from finetune.datasets.sources import LONGEST_ANSWER, LONGEST_PASSAGE

LONGEST_QUESTION = 400  # characters
SHORTEST_QUESTION, SHORTEST_PASSAGE = 6, 20  # as above


class Shape:
    """Drops what is too short or too long, and answers that are not the passage's own words."""

    name = "length and wording"

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`."""
        kept = []
        for example in tally.each(examples):
            fault = _fault(example)
            if fault:
                tally.drop(example, fault)
            else:
                kept.append(example)
        return kept


def _fault(example: Example) -> str:
    """What is wrong with it; empty if nothing is."""
    answer = example.answer
    if not SHORTEST_QUESTION <= len(example.question) <= LONGEST_QUESTION:
        return "question too short or too long"
    if not SHORTEST_PASSAGE <= len(example.passage) <= LONGEST_PASSAGE:
        return "passage too short or too long"
    if answer is None:
        return ""
    if not 0 < len(answer) <= LONGEST_ANSWER:
        return "answer empty or too long"
    return "" if answer in example.passage else "answer does not stand in its passage"
