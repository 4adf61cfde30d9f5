"""Headers and footers that a document repeats over its pages: said once, they are text; said again, noise.

Works on lines and their places alone; knows nothing of the library that read the file.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from ingest.readers.pdf_line import Line

EDGE = 2  # lines at the top, and at the bottom, that may be running ones
FEWEST = 3  # pages
SHARE = 0.4  # of all pages: left and right pages may have their own
LONGEST = 120  # characters
NEAR = 3.0  # points
DIGITS = re.compile(r"\d{1,6}")
# At the top of a page a number may be that of a chapter or a question.
PAGE = re.compile(
    r"^\W*\d+\W*$|\d\s*(?:/|of|von|de|sur|di|van)\s*\d|\b(?:page|seite|p[áa]gina|pagina|sida)\b",
    re.IGNORECASE,
)

Place = tuple[int, int]
"""A page, and a line of it."""


def without_running(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages without what runs over them. Of words that never change the first ones stay.

    A row of a table is no header, though it may be repeated at the top of each page; nor is what counts
    something else than pages.
    """
    alike: dict[tuple[str, bool], list[Place]] = defaultdict(list)
    for number, page in enumerate(pages):
        for place, top in _edges(page):
            alike[_key(page[place]), top].append((number, place))
    running: set[Place] = set()
    for (_, top), places in alike.items():
        level = _level(pages, places)
        if len(level) >= max(FEWEST, SHARE * len(pages)):
            running |= _repeated([(at, pages[at[0]][at[1]].text) for at in level], top=top)
    return [
        [line for place, line in enumerate(page) if (number, place) not in running]
        for number, page in enumerate(pages)
    ]


def _edges(page: Sequence[Line]) -> list[tuple[int, bool]]:
    """The lines at the edges of a page, and whether each is at the top."""
    order = sorted(range(len(page)), key=lambda place: -page[place].bottom)
    head, foot = order[:EDGE], order[EDGE:][-EDGE:]
    tabular = {place for place, (line, after) in enumerate(pairwise(page)) if _same_columns(line, after)}
    edges = [*((place, True) for place in head), *((place, False) for place in foot)]
    return [(place, top) for place, top in edges if place not in tabular and len(page[place].text) <= LONGEST]


def _same_columns(line: Line, after: Line) -> bool:
    return len(line.cells) > 1 and len(line.cells) == len(after.cells)


def _key(line: Line) -> str:
    return DIGITS.sub("#", " ".join(line.text.split()).casefold())


def _level(pages: Sequence[Sequence[Line]], places: Sequence[Place]) -> list[Place]:
    """Those at one height."""
    bottoms = [pages[page][place].bottom for page, place in places]
    height = sorted(bottoms)[len(bottoms) // 2]
    return [at for at, bottom in zip(places, bottoms, strict=True) if abs(bottom - height) <= NEAR]


def _repeated(lines: Sequence[tuple[Place, str]], *, top: bool) -> set[Place]:
    """All but the first of lines that say the same; all of those that count the pages."""
    places = [place for place, _ in lines]
    if len({text for _, text in lines}) == 1:
        return set(places[1:])
    ahead = [{int(number) - page for number in DIGITS.findall(text)} for (page, _), text in lines]
    counting = bool(set.intersection(*ahead)) and (not top or all(PAGE.search(text) for _, text in lines))
    return set(places) if counting else set()
