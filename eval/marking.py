"""Texts with what matters in them marked: the passages of a row, the words cited and the words expected."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eval.outcome import Outcome, Passage

CITED, EXPECTED = "cited", "expected"
# Shorter answers ("2", "no") stand in a text by chance.
SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a text, and how they are marked; `marks` is empty for the plain ones."""

    text: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text, and their mark."""

    start: int
    end: int
    mark: str


def marked(text: str, spans: Iterable[Span]) -> list[Piece]:
    """The text cut where a span begins or ends; together the pieces are the text. Spans may overlap."""
    inside = [Span(max(0, s.start), min(len(text), s.end), s.mark) for s in spans]
    inside = [span for span in inside if span.start < span.end]
    cuts = sorted({0, len(text), *(s.start for s in inside), *(s.end for s in inside)})
    return [Piece(text[start:end], _marks(inside, start, end)) for start, end in pairwise(cuts)]


def passage_pieces(outcome: Outcome, passage: Passage) -> list[Piece]:
    """A passage with what the answer cites of it, and where what was expected stands in it."""
    return marked(passage.text, [*_cited(outcome, passage), *_expected(outcome, passage)])


def _marks(spans: Sequence[Span], start: int, end: int) -> tuple[str, ...]:
    over = {span.mark for span in spans if span.start <= start and span.end >= end}
    return tuple(sorted(over))


def _cited(outcome: Outcome, passage: Passage) -> Iterable[Span]:
    for cited in outcome.citations:
        if cited.document_id == passage.document_id:
            yield Span(cited.start - passage.start, cited.end - passage.start, CITED)


def _expected(outcome: Outcome, passage: Passage) -> Iterable[Span]:
    for evidence in outcome.question.evidence:
        if evidence.uri == passage.uri:
            yield Span(evidence.start - passage.start, evidence.end - passage.start, EXPECTED)
    for answer in outcome.question.answers:
        if len(answer) >= SHORTEST:
            for found in re.finditer(re.escape(answer), passage.text, re.IGNORECASE):
                yield Span(found.start(), found.end(), EXPECTED)
