"""Furniture: what stands at the top or the bottom of page after page. It is kept where it stands first."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.readers.pdf_layout import Line

OUTERMOST = 3  # lines at the top and at the bottom of a page that may be furniture
FEWEST = 3  # pages, below which nothing counts as repeated
SHARE = 0.4  # of the pages: left and right ones may differ
COLUMNS = 3  # a row of that many cells is the header of a table which goes on
NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
PAGE_NUMBER = re.compile(r"^\W*(page|seite|p\.)?\W*#(\W*(of|von|/|de|di)?\W*#)?\W*$", re.IGNORECASE)

Key = tuple[str, bool]


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages less running headers, footers and page numbers.

    A header stays on the first page that has it, so that nothing is lost; page numbers go altogether.
    """
    counts: Counter[Key] = Counter()
    for page in pages:
        counts.update({key for _, key in _outer(page)})
    repeated = {key for key, count in counts.items() if count >= max(FEWEST, SHARE * len(pages))}
    kept: set[Key] = set()
    clean = []
    for page in pages:
        dropped = set()
        for line, key in _outer(page):
            if key in repeated and (key in kept or PAGE_NUMBER.match(key[0])):
                dropped.add(line)
            else:
                kept.add(key)
        clean.append([line for line in page if line not in dropped])
    return clean


def _outer(page: Sequence[Line]) -> Iterator[tuple[Line, Key]]:
    """The outermost lines with what makes them alike on other pages: their words, but for numbers."""
    by_height = sorted(page, key=lambda line: -line.bottom)
    for at_top, lines in ((True, by_height[:OUTERMOST]), (False, by_height[OUTERMOST:][-OUTERMOST:])):
        for line in lines:
            if len(line.cells) < COLUMNS:
                yield line, (NUMBER.sub("#", line.text), at_top)
