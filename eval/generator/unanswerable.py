"""Unanswerable questions: like answerable ones, of something that is in no document.

Either what is asked about is swapped for a name or number that is nowhere, or the property for one that is
told of other things alone.
"""

import re
from collections.abc import Iterator

from eval.generator.cells import ask, lowered
from eval.generator.material import Draft, Material

# Made up; that they are absent is verified, as of everything that is swapped.
_INVENTED = (
    *("Velmora", "Tarnwick", "Quellin", "Osterholt", "Marrowgate", "Sundrel", "Kestova", "Anvarra"),
    *("Polzeth", "Brixholt", "Yarrowby", "Dremmel Ost", "Fennimoor", "Galdrey", "Hexlund", "Ilvaro"),
)
_NUMBER = re.compile(r"(?<= )\d+\b")


def propose(material: Material) -> Iterator[Draft]:
    """Swap the row of cells, the name in facts, and the columns of tables."""
    for place, cell in enumerate(material.cells):
        swapped = _other(cell.key, place)
        yield _draft(material, ask(cell.what, cell.of(swapped)), (swapped,))
    for place, fact in enumerate(material.facts):
        name = next((word for word in re.findall(r"[\w-]+", fact.bare)[1:] if word in material.names), None)
        if name is not None:
            swapped = _INVENTED[place % len(_INVENTED)]
            yield _draft(material, re.sub(rf"\b{re.escape(name)}\b", swapped, f"{fact.bare}?"), (swapped,))
    yield from _foreign_columns(material)


def _foreign_columns(material: Material) -> Iterator[Draft]:
    """Ask of a row what only another table tells of its rows."""
    columns = sorted({cell.column for cell in material.cells})
    for place, cell in enumerate(material.cells):
        column = columns[place % len(columns)]
        if column not in cell.row.columns:
            yield _draft(material, ask(lowered(column), cell.of(cell.key)), (cell.key, column))


def _other(key: str, place: int) -> str:
    """Another name like `key`: with another number if it has one, or made up."""
    if _NUMBER.search(key):
        return _NUMBER.sub(lambda found: str(int(found[0]) + 29), key, count=1)
    return _INVENTED[place % len(_INVENTED)]


def _draft(material: Material, asked: str, absent: tuple[str, ...]) -> Draft:
    question = material.question("unanswerable", asked, (), ())
    return Draft(question.model_copy(update={"answerable": False}), (absent,))
