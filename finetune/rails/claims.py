"""Claims about passages for the grounding rail: supported ones, and the same with something made wrong.

Knows how answers are written (copied, condensed, reworded, joined) and how they go astray (`eval.mutations`,
another passage, halves that do not belong together), and nothing of classifiers.
"""

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.mutation_words import CONTRACTIONS, MONTHS, NUMBERS
from eval.mutations import changes, names_in, worth_changing
from finetune.datasets.examples import Paragraph
from finetune.datasets.sources import read_source
from finetune.errors import BadSource
from guardrails.sentences import sentences

_NUMBER = re.compile(r"\b\d+\b")
_DENIAL = re.compile(r"(?i)(?:not|no|never|without|nor)\b|.*n['’]t|(?:no|more|less|at|up)\b")  # noqa: RUF001
_PRONOUN = re.compile(r"(?:He|She|It|They|This|These|That|Those|His|Her|Its|Their|There|I|We|You)\b")
_VERB = re.compile(r" (?:is|are|was|were|has|had|have|can|will|must|became|won|received) ")
_CLAUSE = re.compile(r", (?:which|who|where|while|although|because|but|and) [^,]*(?:,|(?=\.$))|\([^)]*\) ?")
_FRONTED = re.compile(r"^((?:In|On|At|By|During|After|Since|From) [^,]{3,40}), (\w.*?)\.?$")
_DROPPED = 0.25  # part of the words that a condensed sentence leaves out
_MUTATED = 4  # changed sentences of a paragraph
_SUBJECT = 4  # words of a plain subject
_SHIFTS = (1, 2, 3, 7, 10, -1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, the passages it is held against, whether they carry it, and how it was made."""

    text: str
    passages: tuple[str, ...]
    supported: bool
    kind: str


def judged(file: Path) -> list[Claim]:
    """Read claims that people judged: gzipped JSON lines {"response","context","label","source"}.

    Raises:
        BadSource: the file cannot be read, or a row lacks a field.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        return [Claim(row["response"], (row["context"],), bool(row["label"]), row["source"]) for row in rows]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise BadSource(f"{file}: not readable as judged claims: {error}") from error


def made(file: Path, paragraphs: int, seed: int) -> list[Claim]:
    """Make claims of every kind about some paragraphs of a file of questions; equal seeds, equal claims.

    Raises:
        BadSource: the file cannot be read.
    """
    chance = random.Random(seed)  # noqa: S311 sampling, not secrets
    found = [each for each in read_source(file) if each.questions]
    chance.shuffle(found)
    maker = _Maker(chance, found)
    return [claim for paragraph in found[:paragraphs] for claim in maker.claims(paragraph)]


class _Maker:
    """Makes claims about one paragraph, with others at hand to be wrong with."""

    def __init__(self, chance: random.Random, paragraphs: Sequence[Paragraph]) -> None:
        self._chance = chance
        self._texts = [each.text for each in paragraphs]
        self._answers = [asked.answer for each in paragraphs for asked in each.questions if asked.answer]
        self._names = sorted({name for text in self._texts for name in names_in(text)})

    def claims(self, paragraph: Paragraph) -> Iterator[Claim]:
        """Yield supported and unsupported claims, of the kinds that the paragraph has material for."""
        others = self._chance.sample(self._texts, self._chance.randint(0, 2))
        passages = (paragraph.text, *others)
        whole = worth_changing(paragraph.text)
        if whole:
            yield from self._supported(whole, passages)
            yield from self._unsupported(whole, paragraph.text, passages)
        answers = [asked.answer for asked in paragraph.questions if asked.answer]
        if answers:
            yield from self._spans(self._chance.choice(answers), passages)

    def _supported(self, whole: Sequence[str], passages: tuple[str, ...]) -> Iterator[Claim]:
        one, other, third = (self._chance.choice(whole) for _ in range(3))
        texts = {
            "copy": one,
            "condensed": self._condensed(other),
            "shortened": _CLAUSE.sub("", other, count=1),
            "reworded": reworded(third),
            "joined": joined(one, self._chance.choice(whole)),
            "reworded, condensed": reworded(self._condensed(one)),
        }
        for kind, text in texts.items():
            if kind in {"copy", "condensed"} or text not in {one, other, third}:
                yield Claim(text, passages, supported=True, kind=f"made: {kind}")

    def _unsupported(self, whole: Sequence[str], text: str, passages: tuple[str, ...]) -> Iterator[Claim]:
        manners = {"": whole, ", condensed": [self._condensed(sentence) for sentence in whole]}
        for manner, texts in manners.items():
            found = [made for each in texts for made in changes(each, text, self._names, self._chance)]
            for kind, _, claim in self._chance.sample(found, min(_MUTATED, len(found))):
                yield Claim(claim, passages, supported=False, kind=f"made: {kind}{manner}")
        for kind, crossing in (("foreign", self._foreign(passages)), ("crossed", self._crossed(whole))):
            if crossing is not None:
                yield Claim(crossing, passages, supported=False, kind=f"made: {kind}")

    def _spans(self, answer: str, passages: Sequence[str]) -> Iterator[Claim]:
        yield Claim(answer, tuple(passages), supported=True, kind="made: span")
        other = self._chance.choice(self._answers)
        if not any(other.lower() in passage.lower() for passage in passages):
            yield Claim(other, tuple(passages), supported=False, kind="made: foreign span")
        wrong = self._other_number(answer, passages)
        if wrong is not None:
            yield Claim(wrong, tuple(passages), supported=False, kind="made: span number")

    def _condensed(self, sentence: str) -> str:
        words = sentence.split()
        return " ".join(word for word in words if _DENIAL.match(word) or self._chance.random() > _DROPPED)

    def _other_number(self, sentence: str, passages: Sequence[str]) -> str | None:
        numbers = _NUMBER.findall(sentence)
        if not numbers:
            return None
        old = self._chance.choice(numbers)
        new = str(int(old) + self._chance.choice(_SHIFTS))
        if any(re.search(rf"\b{new}\b", passage) for passage in passages):
            return None
        return re.sub(rf"\b{old}\b", new, sentence, count=1)

    def _crossed(self, whole: Sequence[str]) -> str | None:
        """The subject of one sentence with what another says of its own."""
        verbs = [(sentence, verb) for sentence in whole if (verb := _VERB.search(sentence))]
        cut = [(sentence[: verb.start()], sentence[verb.start() :]) for sentence, verb in verbs]
        halves = [
            (one, rest) for one, rest in cut if not _PRONOUN.match(one) and len(one.split()) <= _SUBJECT
        ]
        if not halves or halves[0][0] == halves[-1][0]:
            return None
        return halves[0][0] + halves[-1][1]

    def _foreign(self, passages: Sequence[str]) -> str | None:
        text = self._chance.choice(self._texts)
        if text in passages:
            return None
        return text[slice(*self._chance.choice(list(sentences(text))))].strip()


def joined(one: str, other: str) -> str:
    """Two sentences as one."""
    if one == other:
        return one
    rest = other if other.split(maxsplit=1)[0].isupper() else other[0].lower() + other[1:]
    return f"{one.rstrip('.')}, and {rest}"


def reworded(sentence: str) -> str:
    """The same in other words: numbers, dates and denials in another form, an opening moved to the end."""
    for month in MONTHS:
        sentence = re.sub(rf"\b{month} (\d{{1,2}}), (\d{{4}})", rf"\1 {month} \2", sentence)
    for number, word in enumerate(NUMBERS[:11], start=2):
        sentence = re.sub(rf"(?i)(?<![\w.,-]){word}(?![\w-])", str(number), sentence)
    for full, short in CONTRACTIONS.items():
        sentence = re.sub(rf"\b{full} not\b", short, sentence)
    sentence = sentence.replace("%", " percent")
    return _FRONTED.sub(_moved_back, sentence)


def _moved_back(found: re.Match[str]) -> str:
    opening, rest = found.groups()
    return f"{rest[0].upper()}{rest[1:]} {opening[0].lower()}{opening[1:]}."
