"""Follow-ups: a question that only makes sense after the one before it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from eval.generator.cells import Cell
from eval.generator.facts import Fact
from eval.generator.material import Draft, Material, Place, named, said


def propose(material: Material) -> Iterator[Draft]:
    """Ask for the next row of a column, and for another fact of the same thing."""
    for cells in _by_column(material).values():
        for first, then in pairwise(cells):
            before = (first.question, first.value)
            yield _draft(material, before, f"And of {then.of(then.key)}?", [then.value], then.row)
    for facts in _by_subject(material).values():
        for first_fact, then_fact in pairwise(facts):
            yield from _of_it(material, first_fact, then_fact)


def _by_column(material: Material) -> dict[tuple[str, ...], list[Cell]]:
    found: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for cell in material.cells:
        found[cell.source.uri, *cell.row.columns, cell.column].append(cell)
    return found


def _by_subject(material: Material) -> dict[tuple[str, str], list[Fact]]:
    found: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in material.facts:
        found[fact.sentence.source.uri, fact.subject].append(fact)
    return found


def _of_it(material: Material, first: Fact, then: Fact) -> Iterator[Draft]:
    """The second fact's question, of "it"."""
    asked, count = re.subn(re.escape(then.subject), "it", then.bare, count=1, flags=re.IGNORECASE)
    if count and not then.bare.startswith("Who"):
        before = (first.question, first.answers[0])
        yield _draft(material, before, f"{asked}?", then.answers, then.sentence)


def _draft(
    material: Material, before: tuple[str, str], asked: str, answers: Sequence[str], place: Place
) -> Draft:
    question = material.question("follow_up", asked, answers, [place])
    changes = {"id": named("follow_up", asked, before, question.groups), "history": said(*before)}
    return Draft(question.model_copy(update=changes))
