"""Number formats of XLSX sheets: what people see around a number (`25%`, `$10`, `3 kg`); and the extent.

Calamine gives values alone, so the sheets are looked through a second time, by expressions over bytes,
which costs a small part of the reading.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.readers.package import tree
from ingest.readers.tree import Node

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
CELL = re.compile(rb'<(?:\w+:)?c r="([A-Z]{1,3})(\d{1,7})"([^>]*)>')
STYLE = re.compile(rb'\bs="(\d+)"')
BUILT_IN = {"9": "0%", "10": "0.00%"}
# Quoted text, an escaped sign, a currency, what is not shown (colours, padding), any other sign.
TOKEN = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|(\[[^\]]*\]|_.|\*.)|(.)', re.DOTALL)
SIGNS = frozenset("%€$£¥₹")


@dataclass(frozen=True, slots=True)
class Around:
    """What a number format writes before and after a number; percentages are shown a hundredfold."""

    before: str = ""
    after: str = ""

    def shown(self, number: float) -> str:
        """The number as people read it, to the 15 digits that a spreadsheet keeps."""
        if "%" in self.after:
            number = round(number * 100, 12)
        digits = format(number, ".15g")
        digits = format(number, ".0f") if "e+" in digits and abs(number) < MOST_DIGITS else digits
        before = f"{self.before} " if self.before[-1:].isalpha() else self.before
        after = self.after if self.after[:1] in {"", "%"} else f" {self.after}"
        return f"{before}{digits}{after}"


MOST_DIGITS = 1e21
PLAIN = Around()


@dataclass(frozen=True, slots=True)
class SheetFormats:
    """Of one sheet: rows and columns up to its last filled cell; the formats of cells by (row, column)."""

    height: int = 0
    width: int = 0
    around: dict[tuple[int, int], Around] = field(default_factory=dict)


def sheet_formats(archive: zipfile.ZipFile) -> dict[str, SheetFormats]:
    """The formats of the sheets of an XLSX package, by their names.

    Raises:
        KeyError: a part is missing.
        SyntaxError: a part is no well-formed XML.
    """
    styles = _styles(archive)
    return {name: _formats(archive.read(part), styles) for name, part in _parts(archive)}


def around(code: str) -> Around:
    """What the first section of a format's code (`#,##0.00 "kg"`) writes around a number."""
    before, after, digits = "", "", False
    for quoted, escaped, currency, unshown, sign in TOKEN.findall(code.partition(";")[0]):
        if sign.isalpha():  # a date, "General", or an exponent
            return PLAIN
        text = quoted or escaped or currency or (sign if sign in SIGNS else "")
        digits = digits or (sign in {"0", "#", "?"} and not unshown and bool(sign))
        before, after = (before, after + text) if digits else (before + text, after)
    return Around(before.strip(), after.strip()) if digits else PLAIN


def _styles(archive: zipfile.ZipFile) -> dict[bytes, Around]:
    """What cells write around their numbers, by the number of their style."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    root = tree(archive.read("xl/styles.xml"))
    codes = BUILT_IN | {
        one.get("numFmtId") or "": one.get("formatCode") or "" for one in _below(root, "numFmts", "numFmt")
    }
    formats = [around(codes.get(one.get("numFmtId") or "", "")) for one in _below(root, "cellXfs", "xf")]
    return {str(index).encode(): found for index, found in enumerate(formats) if found != PLAIN}


def _below(root: Node, parent: str, tag: str) -> Iterator[Node]:
    """The elements `tag` in `parent`, in the usual or the strict namespace."""
    for child in root:
        if child.tag.endswith(f"}}{parent}"):
            yield from (one for one in child if one.tag.endswith(f"}}{tag}"))


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The names of the sheets and where their XML lies."""
    relations = tree(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {one.get("Id"): one.get("Target") or "" for one in relations}
    names = frozenset(archive.namelist())
    for sheet in _below(tree(archive.read("xl/workbook.xml")), "sheets", "sheet"):
        target = targets.get(sheet.get(RELATION) or sheet.get(STRICT_RELATION), "")
        part = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
        if part in names:
            yield sheet.get("name") or "", part


def _formats(content: bytes, styles: dict[bytes, Around]) -> SheetFormats:
    height = width = 0
    found: dict[tuple[int, int], Around] = {}
    for cell in CELL.finditer(content):
        letters, digits, rest = cell.groups()
        if rest.endswith(b"/"):
            continue  # a cell that is only painted
        row, column = int(digits), _column(letters)
        height, width = max(height, row), max(width, column)
        style = STYLE.search(rest) if styles else None
        if style and style[1] in styles:
            found[row - 1, column - 1] = styles[style[1]]
    return SheetFormats(height, width, found)


def _column(letters: bytes) -> int:
    """The number of a column, from 1: A, B, ... Z, AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
