"""Cloze: a sentence with its figure, date or amount left out. For what no template makes a question of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from eval.corpus import Source
from eval.generator.layout import Sentence, sentences
from eval.generator.words import DATE, MONEY, NUMBER, TIME

GAP = "..."
_UNIT = r" ?(?:percent|%|[a-z]+s)"
# The most telling kind first; one gap a sentence.
_KINDS = tuple(re.compile(rf"\b(?>{kind})(?!\w)") for kind in (MONEY, DATE, TIME, rf"{NUMBER}{_UNIT}"))
_SHORTEST, _LONGEST = 6, 30  # words of a sentence: fewer tell too little, more ask too much
_ADDRESS = re.compile(r"[@|]|https?:")


@dataclass(frozen=True, slots=True)
class Cloze:
    """A sentence, the question that is made of it, and the words that fill the gap as they stand in it."""

    sentence: Sentence
    question: str
    answer: str


def clozes(source: Source) -> Iterator[Cloze]:
    """A question for each sentence that has something to leave out, and has it once."""
    for sentence in sentences(source):
        count = len(sentence.text.split())
        if _SHORTEST <= count <= _LONGEST and not _ADDRESS.search(sentence.text):
            yield from _cloze(sentence)


def _cloze(sentence: Sentence) -> Iterator[Cloze]:
    for kind in _KINDS:
        found = list(kind.finditer(sentence.text))
        if len(found) == 1:
            (gap,) = found
            whole = f"{sentence.text[: gap.start()]}{GAP}{sentence.text[gap.end() :]}"
            place = sentence.heading or sentence.source.title
            asked = f'{place}: what is missing in "{whole}"?' if place else f'What is missing in "{whole}"?'
            yield Cloze(sentence, asked, gap.group())
            return
        if found:
            return  # of two amounts, either might be meant
