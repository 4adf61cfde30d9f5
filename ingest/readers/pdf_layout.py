"""The layout of a PDF: lines with places on a page become paragraphs, headings and table rows.

Works on geometry alone; knows nothing of the library that read the file.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from ingest.readers.draft import Draft, split_header

BULLET = re.compile(r"^\s*([•◦▪‣●○■–*-]|\(?(\d{1,3}|[a-zA-Z])[.)])\s")  # noqa: RUF001  # bullets look like that
LONE_BULLET = re.compile(r"^[•◦▪‣●○■]$")
HYPHENS = re.compile("[\ufffe\x02\u00ad]")  # how PDF libraries show a word broken at the end of a line
SYMBOL_BULLET = re.compile(r"^[\x80-\x9f\ue000-\uf8ff](\s+|$)")
HEADING_RATIO = 1.12  # times the height of body text
LONGEST_HEADING = 150
MOST_HEADING_LINES = 2
PARAGRAPH_GAP = 0.4  # of a line's height, beyond the usual distance of lines
SAME_HEIGHT = 0.08
SAME_BASELINE = 0.2
NARROW = 16  # times a line's height: shorter lines are entries of a list or a form, not wrapped text
HEADING = re.compile(r"(?=.*[^\W\d_]{2})(?!.*[,;]$)(?!\s*[•◦▪‣●○■])", re.DOTALL)
IDEOGRAPH = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")

Font = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: its cells (parted by wide gaps) and its box in points, y upwards."""

    cells: tuple[str, ...]
    left: float
    right: float
    bottom: float
    top: float
    bold: bool = False

    @property
    def text(self) -> str:
        """The words of all cells."""
        return " ".join(self.cells)

    @property
    def height(self) -> float:
        """Height of the line's box, which grows with the size of its font."""
        return self.top - self.bottom


def add_pages(draft: Draft, pages: Sequence[Sequence[Line]], scans: Mapping[int, str]) -> None:
    """Add every page's paragraphs, headings and rows to `draft`, with a page mark each.

    `scans` are the texts of pages that are pictures, by the number of the page (from 1).
    """
    levels = _heading_levels([line for page in pages for line in page])
    for number, page in enumerate(pages, start=1):
        draft.page(number)
        for paragraph in _paragraphs(list(_rows(page))):
            _add_paragraph(draft, paragraph, levels)
        draft.paragraphs(scans.get(number, ""))


def _add_paragraph(draft: Draft, lines: list[Line], levels: dict[Font, int]) -> None:
    text = " ".join(line.text for line in lines)
    if LONE_BULLET.match(text):
        return
    level = levels.get(_font(lines[0]))
    single = len(lines) <= MOST_HEADING_LINES and len(lines[0].cells) == 1
    if level and single and len(text) <= LONGEST_HEADING and HEADING.match(text):
        draft.heading(level, text)
        return
    lines = [_merge_bullet(line) for line in lines]
    for width, run in groupby(lines, key=lambda line: len(line.cells)):
        rows = list(run)
        if width > 1 and len(rows) > 1:
            draft.table(*split_header([list(row.cells) for row in rows]))
        else:
            _add_prose(draft, rows)


def _add_prose(draft: Draft, lines: list[Line]) -> None:
    """Join lines that were wrapped; lines that end early stay lines of their own."""
    right = max(line.right for line in lines)
    text, tight = lines[0].text, False
    for line, following in pairwise(lines):
        if _wraps(line, following, right):
            text = _join(text, following.text)
        else:
            draft.block(HYPHENS.sub("", text), tight=tight)
            text, tight = following.text, True
    draft.block(HYPHENS.sub("", text), tight=tight)


def _merge_bullet(line: Line) -> Line:
    """A bullet or a number that stands apart belongs to its item; symbol fonts' own bullets are shown."""
    line = replace(line, cells=(SYMBOL_BULLET.sub("• ", line.cells[0]), *line.cells[1:]))
    if len(line.cells) > 1 and BULLET.match(f"{line.cells[0]} "):
        return replace(line, cells=(" ".join(line.cells[:2]), *line.cells[2:]))
    return line


def _wraps(line: Line, following: Line, right: float) -> bool:
    """Whether the next line's first word would not have fitted at the end of this line."""
    if len(line.cells) > 1 or len(following.cells) > 1 or BULLET.match(following.text):
        return False
    if line.right - line.left < NARROW * line.height:
        return False
    character = (following.right - following.left) / max(len(following.text), 1)
    first_word = len(following.text.split(" ", 1)[0]) + 1
    return line.right + first_word * character > right - character


def _join(text: str, following: str) -> str:
    if HYPHENS.match(text[-1]):
        return text[:-1] + following
    unspaced = text.endswith("-") or (IDEOGRAPH.match(text[-1]) and IDEOGRAPH.match(following))
    return f"{text}{following}" if unspaced else f"{text} {following}"


def _rows(page: Sequence[Line]) -> Iterator[Line]:
    """Lines that stand beside each other, one to the right of the other, are cells of one line."""
    row: Line | None = None
    for line in page:
        if row and line.left > row.right and abs(line.bottom - row.bottom) < SAME_BASELINE * row.height:
            row = replace(row, cells=row.cells + line.cells, right=line.right, bold=row.bold and line.bold)
            continue
        if row:
            yield row
        row = line
    if row:
        yield row


def _paragraphs(page: Sequence[Line]) -> Iterator[list[Line]]:
    """Part lines where the font size changes, the distance grows, or the column does."""
    gaps = [a.bottom - b.top for a, b in pairwise(page) if -a.height < a.bottom - b.top < a.height]
    usual = median(gaps) if gaps else 0.0
    paragraph: list[Line] = []
    for line in page:
        if paragraph and _parted(paragraph[-1], line, usual):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _parted(line: Line, following: Line, usual: float) -> bool:
    if abs(line.height - following.height) > SAME_HEIGHT * line.height:
        return True
    table = len(line.cells) == len(following.cells) > 1
    if line.bold != following.bold and not table:
        return True
    gap = line.bottom - following.top
    allowed = line.height if table else PARAGRAPH_GAP * line.height
    return gap > max(usual, 0.0) + allowed or gap < -line.height


def _font(line: Line) -> Font:
    """Height in half points, and weight: what tells fonts apart without splitting hairs."""
    return round(line.height * 2), line.bold


def _heading_levels(lines: Sequence[Line]) -> dict[Font, int]:
    """Heading level (from 1) by font: larger than most text, or as large and bold where that is not."""
    weights: Counter[Font] = Counter()
    for line in lines:
        weights[_font(line)] += len(line.text)
    if not weights:
        return {}
    (body, body_bold), _ = weights.most_common(1)[0]
    larger = sorted({size for size, _ in weights if size > HEADING_RATIO * body}, reverse=True)
    levels = {(size, bold): level for level, size in enumerate(larger, start=1) for bold in (True, False)}
    if not body_bold:
        same = [size for size, bold in weights if bold and body - 1 <= size <= HEADING_RATIO * body]
        levels |= {(size, True): len(larger) + 1 for size in same}
    return levels
