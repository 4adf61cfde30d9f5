"""Questions that need two passages: which of two rows, or of two documents' facts, has the higher figure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, islice, pairwise
from typing import NamedTuple

from eval.generator.cells import amount
from eval.generator.material import Draft, Material, Place

_MOST = 500  # comparisons of one property
_PROPERTY = re.compile(r"(?:What|How much) is the (?P<what>[\w -]+?) of (?P<of>.*[A-ZÀ-Þ].*)")


class _Figure(NamedTuple):
    """What has how much of something, and where that stands."""

    of: str
    unit: str
    number: float
    place: Place


def propose(material: Material) -> Iterator[Draft]:
    """Compare neighbours in a table, and facts about one property of two things in two documents."""
    for column, figures in _rows(material).items():
        yield from _compared(material, column[-1], pairwise(figures))
    for what, figures in _facts(material).items():
        apart = (
            (one, other)
            for one, other in islice(combinations(figures, 2), _MOST)
            if one.place.source.uri != other.place.source.uri
        )
        yield from _compared(material, what, apart)


def _rows(material: Material) -> dict[tuple[str, ...], list[_Figure]]:
    """The figures of each column."""
    found: dict[tuple[str, ...], list[_Figure]] = defaultdict(list)
    for cell in material.cells:
        value = amount(cell.value)
        if value is not None:
            found[cell.source.uri, *cell.row.columns, cell.what].append(_Figure(cell.key, *value, cell.row))
    return found


def _facts(material: Material) -> dict[str, list[_Figure]]:
    """The figures of each property: "the budget of project Meri"."""
    found: dict[str, list[_Figure]] = defaultdict(list)
    for fact in material.facts:
        asked, value = _PROPERTY.fullmatch(fact.bare), amount(fact.answers[0])
        if asked is not None and value is not None:
            found[asked["what"]].append(_Figure(asked["of"], *value, fact.sentence))
    return found


def _compared(material: Material, what: str, pairs: Iterable[tuple[_Figure, _Figure]]) -> Iterator[Draft]:
    for one, other in pairs:
        if one.unit == other.unit and one.number != other.number and one.of != other.of:
            higher = one if one.number > other.number else other
            asked = f"Which has the higher {what}, {one.of} or {other.of}?"
            places = [one.place, other.place]
            yield Draft(material.question("multi_passage", asked, [higher.of], places))
