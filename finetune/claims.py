"""Claims about passages for the grounding rail: supported ones, and the same with something made wrong.

Knows how answers go astray (a number, a name, a denial, another passage), and nothing of classifiers.
"""

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune.errors import BadSource
from finetune.sources import Paragraph, read_source
from guardrails.sentences import sentences

_NUMBER = re.compile(r"\b\d+\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")
_VERB = re.compile(r"\b(?:is|are|was|were|can|will|has|had|have|does|did)\b(?! not)")
_DENIAL = re.compile(r"(?i)(?:not|no|never|without|nor)\b|.*n't")
_SHORTEST, _LONGEST = 20, 300  # characters of a sentence that is worth a claim
_DROPPED = 0.25  # part of the words that a condensed sentence leaves out
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
        self._names = sorted({name for text in self._texts for name in _NAME.findall(text)})

    def claims(self, paragraph: Paragraph) -> Iterator[Claim]:
        """Yield supported and unsupported claims, of the kinds that the paragraph has material for."""
        others = self._chance.sample(self._texts, self._chance.randint(0, 2))
        passages = (paragraph.text, *others)
        whole = [paragraph.text[start:end].strip() for start, end in sentences(paragraph.text)]
        whole = [sentence for sentence in whole if _SHORTEST < len(sentence) < _LONGEST]
        makers = ("copy", "condensed", "number", "denial", "name", "foreign") if whole else ()
        for kind in makers:
            text = getattr(self, f"_{kind}")(self._chance.choice(whole), passages)
            if text is not None:
                yield Claim(text, passages, kind in {"copy", "condensed"}, f"made: {kind}")
        answers = [asked.answer for asked in paragraph.questions if asked.answer]
        if answers:
            yield from self._spans(self._chance.choice(answers), passages)

    def _spans(self, answer: str, passages: Sequence[str]) -> Iterator[Claim]:
        yield Claim(answer, tuple(passages), supported=True, kind="made: span")
        other = self._chance.choice(self._answers)
        if not any(other.lower() in passage.lower() for passage in passages):
            yield Claim(other, tuple(passages), supported=False, kind="made: foreign span")
        wrong = self._number(answer, passages)
        if wrong is not None:
            yield Claim(wrong, tuple(passages), supported=False, kind="made: span number")

    def _copy(self, sentence: str, _: Sequence[str]) -> str:
        return sentence

    def _condensed(self, sentence: str, _: Sequence[str]) -> str:
        words = sentence.split()
        return " ".join(word for word in words if _DENIAL.match(word) or self._chance.random() > _DROPPED)

    def _number(self, sentence: str, passages: Sequence[str]) -> str | None:
        numbers = _NUMBER.findall(sentence)
        if not numbers:
            return None
        old = self._chance.choice(numbers)
        new = str(int(old) + self._chance.choice(_SHIFTS))
        if any(re.search(rf"\b{new}\b", passage) for passage in passages):
            return None
        return re.sub(rf"\b{old}\b", new, sentence, count=1)

    def _denial(self, sentence: str, _: Sequence[str]) -> str | None:
        verb = _VERB.search(sentence)
        return None if verb is None else f"{sentence[: verb.end()]} not{sentence[verb.end() :]}"

    def _name(self, sentence: str, passages: Sequence[str]) -> str | None:
        names = _NAME.findall(sentence)
        other = self._chance.choice(self._names) if self._names else ""
        if not names or not other or any(other in passage for passage in passages):
            return None
        return sentence.replace(self._chance.choice(names), other)

    def _foreign(self, _: str, passages: Sequence[str]) -> str | None:
        text = self._chance.choice(self._texts)
        if text in passages:
            return None
        return text[slice(*self._chance.choice(list(sentences(text))))].strip()
