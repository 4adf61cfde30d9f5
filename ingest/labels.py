"""Which labels a passage has: its document's, and those that rails gave to words that are shown with it."""

from bisect import bisect_left
from collections.abc import Iterator

from ingest.documents import Chunk, Document, Flag

Span = tuple[int, int]


class Labels:
    """The labels of one document, by place."""

    def __init__(self, document: Document) -> None:
        self._everywhere = document.labels
        reach = _Reach(document)
        reached: dict[str, list[Span]] = {}
        for flag in document.flags:
            reached.setdefault(flag.label, []).append(reach.of(flag))
        self._spans = {label: list(_merged(spans)) for label, spans in reached.items()}

    def of(self, chunk: Chunk) -> frozenset[str]:
        """Those of a chunk."""
        flagged = (label for label, spans in self._spans.items() if _touches(spans, chunk))
        return self._everywhere.union(flagged)


class _Reach:
    """What flagged words are shown with: those of a heading with its section, those of the title with all."""

    def __init__(self, document: Document) -> None:
        self._title, self._text = document.title, document.text
        headings = sorted((mark for mark in document.marks if mark.level), key=lambda mark: mark.start)
        self._headings = headings
        self._starts = [heading.start for heading in headings]

    def of(self, flag: Flag) -> Span:
        """A finding without a place is one about the whole document."""
        words = self._text[flag.start : flag.end].strip()
        if not words or words in self._title:
            return 0, len(self._text)
        end = flag.end
        for place in range(bisect_left(self._starts, flag.end) - 1, -1, -1):
            heading = self._headings[place]
            if heading.start + len(heading.title) <= flag.start:
                break
            end = max(end, self._section_end(place))
        return flag.start, end

    def _section_end(self, place: int) -> int:
        """Where a heading's section ends: at the next one that is no deeper."""
        level = self._headings[place].level
        following = (heading.start for heading in self._headings[place + 1 :] if heading.level <= level)
        return next(following, len(self._text))


def _merged(spans: list[Span]) -> Iterator[Span]:
    """The same places as spans in order, without overlap."""
    start, end = -1, -1
    for first, last in sorted(spans):
        if first > end:
            if end >= 0:
                yield start, end
            start, end = first, last
        end = max(end, last)
    yield start, end


def _touches(spans: list[Span], chunk: Chunk) -> bool:
    place = bisect_left(spans, (chunk.end, -1)) - 1
    return place >= 0 and spans[place][1] > chunk.start
