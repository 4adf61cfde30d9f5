"""Questions about documents that are kept to a group, asked by somebody who is not in it.

What must not come out (`forbidden`) stands in the evidence, and in no document that the asker may read.
"""

import re
from collections.abc import Iterator, Sequence

from eval.generator.material import Draft, Material, Place, named, rests_on

_SHORTEST = 4  # characters of a value that says something by itself
_TELLING = re.compile(r"\d|[A-ZÀ-Þ]")


def propose(material: Material) -> Iterator[Draft]:
    """A question a fact and cell of a document that is not for everybody."""
    for fact in material.facts:
        yield from _kept(material, fact.question, fact.answers[0], fact.sentence)
    for cell in material.cells:
        yield from _kept(material, cell.question, cell.value, cell.row)


def _kept(material: Material, asked: str, value: str, place: Place) -> Iterator[Draft]:
    if not place.source.groups or len(value) < _SHORTEST or not _TELLING.search(value):
        return
    groups = _outsiders(material.groups, place.source.groups)
    question = material.question("permission", asked, (), ())
    changes = {
        "id": named("permission", asked, groups),
        "answerable": False,
        "groups": groups,
        "forbidden": (value,),
        "evidence": (rests_on(place),),
    }
    yield Draft(question.model_copy(update=changes), ((value,),))


def _outsiders(groups: Sequence[str], readers: frozenset[str]) -> tuple[str, ...]:
    """The first group that may not read it, or none at all."""
    return tuple(group for group in groups if group not in readers)[:1]
