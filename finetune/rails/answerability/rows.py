"""Readings of a dataset → a question, one passage, and where the answer stands in it.

A question that its passages do not answer is set beside the one that looks most like it. Some answered
questions come again beside their passage without the sentences that answer them.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from finetune.datasets.readings import Asked, Reading, Shown
from finetune.datasets.unanswerable import words
from guardrails.sentences import Span, sentences
from service.scrutiny import as_read

ABLATED = 0.2  # of the answered questions
TWICE = 2  # times that a question is read in an epoch, in articles with questions that people made


@dataclass(frozen=True, slots=True)
class Row:
    """`span` are the characters of `text` that answer; None where nothing does. `kind` is for the figures."""

    question: str
    text: str
    span: Span | None
    kind: str


def rows(readings: Sequence[Reading], dice: random.Random) -> list[Row]:
    """The rows of an epoch. Who stressed an article in the dataset does not stress it here."""
    pairs = [(asked, _passage(asked, reading)) for reading in readings for asked in reading.asked]
    stressed = {shown.heading for asked, shown in pairs if asked.kind == "adversarial"}
    seen = Counter[Row]()
    made = []
    for asked, shown in pairs:
        row = _row(asked, shown)
        seen[row] += 1
        people = asked.kind in {"adversarial", "answerable"} and shown.heading in stressed
        if seen[row] <= (TWICE if people else 1):
            made += [row, *_ablated(row, shown, dice)]
    dice.shuffle(made)
    return made


def _passage(asked: Asked, reading: Reading) -> Shown:
    if asked.target:
        return reading.passages[asked.target[1] - 1]
    mine = words(asked.question)
    return max(reading.passages, key=lambda shown: len(mine & words(shown.text)))


def _row(asked: Asked, shown: Shown) -> Row:
    text = as_read(shown)
    if asked.target is None:
        return Row(asked.question, text, None, asked.kind)
    answer, _ = asked.target
    start = text.index(answer, len(text) - len(shown.text))  # not in the heading
    return Row(asked.question, text, (start, start + len(answer)), asked.kind)


def _ablated(row: Row, shown: Shown, dice: random.Random) -> Iterator[Row]:
    if row.span is None or dice.random() >= ABLATED:
        return
    answer = row.text[slice(*row.span)].casefold()
    every = [shown.text[start:end] for start, end in sentences(shown.text)]
    left = [each for each in every if answer not in each.casefold()]
    if left and len(left) < len(every):
        rest = Shown(shown.heading, " ".join(each.strip() for each in left))
        yield Row(row.question, as_read(rest), None, "ablated")
