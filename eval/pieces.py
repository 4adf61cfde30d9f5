"""Documents in pieces of whole paragraphs, for a judge to write questions from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from eval.corpus import Source

_LONGEST, _SHORTEST = 1_500, 200  # characters
_BLANK = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some paragraphs of a document, in order."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its words."""
        return self.source.text[self.start : self.end]


def pieces(source: Source) -> Iterator[Piece]:
    """A document in pieces of whole paragraphs, as long as a judge reads well; a short rest is left out."""
    start, end = 0, 0
    for stop in [*(found.start() for found in _BLANK.finditer(source.text)), len(source.text)]:
        if stop - start > _LONGEST and end > start:
            yield Piece(source, start, end)
            start = end + len(source.text[end:]) - len(source.text[end:].lstrip())
        end = stop
    if end - start >= _SHORTEST:
        yield Piece(source, start, end)
