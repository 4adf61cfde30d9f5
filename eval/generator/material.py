"""What questions are made of: the facts and cells of the documents, each of which has one answer only."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, Self, TypeVar

from eval.corpus import Source
from eval.dataset import Evidence, Kind, Question, Turn
from eval.evidence import evidence
from eval.generator.cells import Cell, cells
from eval.generator.facts import Fact, facts
from eval.generator.layout import Row, Sentence
from eval.generator.words import names_in
from ingest.access import Principal

_EDITION = re.compile(r"\b(?:19|20)\d\d\b|\b(?:version|edition|rev\.?|v)\s?\d+(?:\.\d+)*\b", re.IGNORECASE)
_MOST = 500  # facts, and cells, of one document: a large table must not drown the others
_DIGITS = re.compile(r"\d+")
Place = Sentence | Row
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that is still to be verified.

    `absent`: no document that the asker may read holds all words of one of these.
    """

    question: Question
    absent: tuple[tuple[str, ...], ...] = ()


class Rule(Protocol):
    """Makes the drafts of one kind of question, in any order."""

    def __call__(self, material: "Material") -> Iterable[Draft]:
        """Draft what the material gives; nothing where it gives nothing."""
        ...


@dataclass(frozen=True)
class Family:
    """Two editions of one document, by the years or versions in their titles."""

    title: str
    newer: Source
    older: Source


@dataclass(frozen=True)
class Material:
    """Documents, read once for all kinds of questions. `asker` asks, where a kind does not say otherwise."""

    asker: Principal
    sources: tuple[Source, ...]
    names: frozenset[str]
    families: tuple[Family, ...]
    facts: tuple[Fact, ...] = field(repr=False)
    cells: tuple[Cell, ...] = field(repr=False)

    @classmethod
    def of(cls, sources: Sequence[Source], asker: Principal) -> Self:
        """Read the documents. What an older edition says is no fact."""
        names = names_in(source.text for source in sources)
        families = _families(sources)
        old = {family.older.uri for family in families}
        current = [source for source in sources if source.uri not in old]
        found = [fact for source in current for fact in islice(facts(source, names), _MOST)]
        rows = [cell for source in current for cell in islice(cells(source), _MOST)]
        return cls(
            asker,
            tuple(sources),
            names,
            families,
            _unambiguous(found, lambda fact: fact.question, lambda fact: fact.answers),
            _unambiguous(rows, lambda cell: cell.question, lambda cell: cell.value),
        )

    @property
    def groups(self) -> tuple[str, ...]:
        """Every group that some document is kept to."""
        return tuple(sorted(frozenset().union(*(source.groups for source in self.sources))))

    def question(self, kind: Kind, asked: str, answers: Sequence[str], places: Sequence[Place]) -> Question:
        """An answerable question of the asker, whose answer rests on `places`."""
        groups = None if self.asker.every_group else tuple(sorted(self.asker.groups))
        return Question(
            id=named(kind, asked, groups),
            question=asked,
            answers=tuple(answers),
            documents=tuple(dict.fromkeys(place.source.uri for place in places)),
            kind=kind,
            tenant=self.asker.tenant,
            groups=groups,
            evidence=tuple(map(rests_on, places)),
            source="generated",
        )


def named(kind: Kind, asked: str, *others: Hashable) -> str:
    """The id of a generated question: the same for the same question."""
    return f"{kind}-{hashlib.sha256(repr((asked, *others)).encode()).hexdigest()[:10]}"


def rests_on(place: Place) -> Evidence:
    """A sentence or row as evidence."""
    return evidence(place.source.uri, place.source.text, place.start, place.end)


def said(asked: str, answer: str) -> tuple[Turn, Turn]:
    """A question and its answer, as what went before another question."""
    return Turn(role="user", content=asked), Turn(role="assistant", content=answer)


def _unambiguous(
    found: Sequence[_T], asked: Callable[[_T], str], answered: Callable[[_T], Hashable]
) -> tuple[_T, ...]:
    """Those whose question has the same answer wherever it is answered, each question once."""
    answers: dict[str, set[Hashable]] = defaultdict(set)
    first: dict[str, _T] = {}
    for one in found:
        answers[asked(one)].add(answered(one))
        first.setdefault(asked(one), one)
    return tuple(one for question, one in first.items() if len(answers[question]) == 1)


def _families(sources: Sequence[Source]) -> tuple[Family, ...]:
    """The newest edition of each document beside each of its older ones."""
    editions: dict[str, list[tuple[tuple[int, ...], Source]]] = defaultdict(list)
    for source in sources:
        marks = _EDITION.findall(source.title)
        title = " ".join(_EDITION.sub("", source.title).split())
        if marks and title:
            numbers = tuple(int(digits) for mark in marks for digits in _DIGITS.findall(mark))
            editions[title].append((numbers, source))
    families = []
    for title, found in editions.items():
        *older, (_, newest) = sorted(found, key=lambda one: one[0])
        families += [Family(title, newest, source) for _, source in older]
    return tuple(families)
