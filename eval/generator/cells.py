"""The cells of tables that a question can ask for: "What is the <column> of <row>?"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eval.corpus import Source
from eval.generator.layout import Row, tables

_CODE = re.compile(r"[A-Z]{1,4}-?\d+|[\d:., -]+")  # names nothing to a person
_PREPOSITION = re.compile(r"\b(?:for|from|by|to|of|at|in|on|under)$")
_NO_NOUN = re.compile(r"(?:able|ed|ing)$|^(?:what|who|when|where|how)\b", re.IGNORECASE)
_PERSONAL = re.compile(r"@|\+\d")
_LONGEST_KEY, _LONGEST_VALUE = 40, 60  # characters
_VALUE = re.compile(r"(?P<before>[A-Z]{3} |[€$£] ?)?(?P<number>\d[\d,]*(?:\.\d+)?)(?P<after>[^\d]{0,20})")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a table says of `key`, in `column`."""

    row: Row
    kind: str  # the column that the key stands in: Product, Team
    key: str
    column: str
    value: str

    @property
    def question(self) -> str:
        """Asks for the value."""
        return ask(self.what, self.of(self.key))

    @property
    def what(self) -> str:
        """The column inside a sentence; a column of numbers counts something."""
        name = lowered(self.column)
        return f"number of {name}" if self.value.isdigit() else name

    def of(self, key: str) -> str:
        """A key of this table inside a sentence: the product Aura 9."""
        return key if self.kind == "Name" or _NO_NOUN.search(self.kind) else f"the {lowered(self.kind)} {key}"

    @property
    def source(self) -> Source:
        """The document that the table stands in."""
        return self.row.source


def ask(what: str, of: str) -> str:
    """A question for a cell."""
    several = what.endswith("s") and not what.startswith("number of ")
    several = what.endswith("s") and not what.startswith("number of ")
    return f"What {'are' if several else 'is'} the {what} of {of}?"


def lowered(column: str) -> str:
    """A column's name inside a sentence: abbreviations stay as they are."""
    return column if column[1:2].isupper() else column[0].lower() + column[1:]


def cells(source: Source) -> Iterator[Cell]:
    """The cells of all tables of a document."""
    for table in tables(source):
        key = _key_column(table)
        if key is not None:
            yield from _cells(table, key)


def amount(value: str) -> tuple[str, float] | None:
    """A value's unit and its number, if it is one amount: EUR 1,890 → ("EUR", 1890.0)."""
    found = _VALUE.fullmatch(value)
    if found is None:
        return None
    return f"{found['before'] or ''}{found['after']}".strip(), float(found["number"].replace(",", ""))


def _key_column(table: Sequence[Row]) -> str | None:
    """The first column whose cells name the rows: all different, short, and no codes."""
    for column in table[0].columns:
        keys = [row.cells[column] for row in table]
        if len(set(keys)) == len(keys) and all(_names(key) for key in keys):
            return column
    return None


def _names(key: str) -> bool:
    return key[:1].isupper() and len(key) <= _LONGEST_KEY and not _CODE.fullmatch(key) and not amount(key)


def _tells(value: str) -> bool:
    """Whether a value is a short answer. Addresses and numbers of people are not asked for."""
    return 0 < len(value) <= _LONGEST_VALUE and not value.endswith(".") and not _PERSONAL.search(value)


def _cells(table: Sequence[Row], key: str) -> Iterator[Cell]:
    for column in table[0].columns:
        if column != key and _askable(column, [row.cells[column] for row in table]):
            yield from (
                Cell(row, key, row.cells[key], column, row.cells[column])
                for row in table
                if _tells(row.cells[column])
            )


def _askable(column: str, values: Sequence[str]) -> bool:
    """Whether "the <column> of ..." seems to be English, and the cells differ."""
    if _PREPOSITION.search(column) or _NO_NOUN.search(column):
        return False
    verb = " " not in column and column.endswith("s")  # Delivers, Fits: verbs, or nouns that have no "the"
    return not verb and len(set(values)) > 1 and not set(values) <= {"yes", "no"}
