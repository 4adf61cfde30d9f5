"""Document to chunks: along its headings, pages and blocks, each short enough to embed and to read.

`document.text[chunk.start:chunk.end] == chunk.text` holds for every chunk, and all words of the
document are in some chunk.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from langchain_text_splitters import RecursiveCharacterTextSplitter

from ingest.documents import Chunk, Document, Mark, chunk_id

Span = tuple[int, int]

# A character of these scripts is about a token of its own; four Latin ones make a token.
WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
WIDE_WEIGHT = 4
DOMINANT = 3  # times the other part's size
PARAGRAPH = re.compile(r"\S.*?(?=\s*\n\s*\n|\s*\Z)", re.DOTALL)
WORD_START = re.compile(r"(?<=\s)\S")
SENTENCES = ["\n\n", "\n", r"(?<=[.!?…])\s+", r"(?<=[。！？])", r"(?<=[;:])\s+", r"(?<=,)\s+", r"\s+", ""]  # noqa: RUF001  # full-width punctuation


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long chunks are, in characters (a CJK character counts as four).

    Blocks are packed up to `target`. A block that had to be split shares up to `overlap` with its
    continuation; no other chunks overlap.
    """

    target: int = 900
    overlap: int = 100

    @property
    def maximum(self) -> int:
        """What one block alone may reach before it is split."""
        return self.target * 4 // 3

    @property
    def tiny(self) -> int:
        """Sections below this length join a neighbour."""
        return self.target * 2 // 9

    @property
    def part(self) -> int:
        """The longest part of a split block, which leaves room for the overlap."""
        return max(self.target - self.overlap, self.target // 2, 1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk to be: a span, the headings above it, and its page."""

    start: int
    end: int
    path: tuple[str, ...]
    page: int | None


def chunk(document: Document, sizes: Sizes | None = None) -> list[Chunk]:
    """Cut a document into chunks, in order."""
    sizes = sizes or Sizes()
    text = document.text
    spans = list(_spans(document))
    starts = [start for start, _ in spans]
    pieces: list[Piece] = []
    for section in _sections(document):
        first = max(bisect_right(starts, section.start) - 1, 0)
        inside = _within(spans[first : bisect_left(starts, section.end)], section)
        packed = _packed(text, _units(text, inside, sizes), sizes)
        pieces += [replace(section, start=start, end=end) for start, end in packed]
    return [
        Chunk(
            chunk_id=chunk_id(document.document_id, document.content_hash, ordinal),
            document_id=document.document_id,
            ordinal=ordinal,
            text=text[piece.start : piece.end],
            start=piece.start,
            end=piece.end,
            heading=" > ".join(piece.path),
            page=piece.page,
        )
        for ordinal, piece in enumerate(_joined(text, pieces, sizes))
    ]


def weight(text: str) -> int:
    """Length of a text as an embedder feels it: characters, with four for a CJK one."""
    wide = 0 if text.isascii() else len(WIDE.findall(text))
    return len(text) + (WIDE_WEIGHT - 1) * wide


def _sections(document: Document) -> Iterator[Piece]:
    """The document cut at its marks, each part with its path of headings and its page."""
    headings: list[Mark] = []
    page: int | None = None
    marks = sorted(document.marks, key=lambda mark: mark.start)
    bounds = [0, *(mark.start for mark in marks), len(document.text)]
    for mark, (start, end) in zip([None, *marks], pairwise(bounds), strict=True):
        if mark and mark.level:
            headings = [*(above for above in headings if above.level < mark.level), mark]
        elif mark:
            page = mark.page
        if document.text[start:end].strip():
            yield Piece(start, end, tuple(heading.title for heading in headings), page)


def _spans(document: Document) -> Iterator[Span]:
    """The document's blocks, and as further ones the paragraphs that lie in none."""
    position = 0
    for start, end in (*document.blocks, (len(document.text), len(document.text))):
        for found in PARAGRAPH.finditer(document.text[position:start]):
            yield position + found.start(), position + found.end()
        if max(start, position) < end:
            yield max(start, position), end
        position = max(position, end)


def _within(spans: Iterable[Span], section: Piece) -> Iterator[Span]:
    for start, end in spans:
        if max(start, section.start) < min(end, section.end):
            yield max(start, section.start), min(end, section.end)


def _units(text: str, blocks: Iterable[Span], sizes: Sizes) -> Iterator[Span]:
    """The blocks; those too long for a chunk are split. A short line leaves room for itself above."""
    above = 0
    for start, end in blocks:
        size = weight(text[start:end])
        if size <= sizes.maximum - above:
            yield start, end
        else:
            yield from _split(text, start, end, sizes)
        above = size + 2 if size < sizes.tiny else 0


def _split(text: str, start: int, end: int, sizes: Sizes) -> Iterator[Span]:
    """Split a long block between sentences, or else words; neighbours overlap by whole words."""
    splitter = RecursiveCharacterTextSplitter(
        separators=SENTENCES,
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=sizes.part,
        chunk_overlap=0,
        length_function=weight,
    )
    position = begin = start
    for part in splitter.split_text(text[start:end]):
        if position > start:
            begin = _overlapping(text, max(begin + 1, position - sizes.overlap), position)
        position += len(part)
        # White space is trimmed off: the next part has to begin after this one's first word does.
        begin = next(iter(_trimmed(text, begin, position)), (begin, position))[0]
        yield begin, position


def _overlapping(text: str, earliest: int, position: int) -> int:
    """Where a continuation begins: the first word from `earliest` on, or `position` where there is none."""
    word = WORD_START.search(text, earliest, position)
    return word.start() if word else position


def _packed(text: str, units: Iterable[Span], sizes: Sizes) -> Iterator[Span]:
    """Neighbouring units together, up to `target`; a tiny beginning may grow to `maximum`."""
    start = end = -1
    for unit in units:
        if start >= 0:
            tiny = weight(text[start:end]) < sizes.tiny
            if weight(text[start : unit[1]]) > (sizes.maximum if tiny else sizes.target):
                yield from _trimmed(text, start, end)
                start = -1
        start = unit[0] if start < 0 else start
        end = unit[1]
    if start >= 0:
        yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    words = text[start:end]
    if words.strip():
        begin = start + len(words) - len(words.lstrip())
        yield begin, begin + len(words.strip())


def _joined(text: str, pieces: Iterable[Piece], sizes: Sizes) -> list[Piece]:
    """Join tiny pieces with a neighbour on the same page and under the same parent heading."""
    joined: list[Piece] = []
    for piece in pieces:
        before = joined[-1] if joined else None
        if before and _belong(text, before, piece, sizes):
            joined[-1] = replace(before, end=piece.end, path=_common_path(text, before, piece))
        else:
            joined.append(piece)
    return joined


def _belong(text: str, before: Piece, piece: Piece, sizes: Sizes) -> bool:
    above = piece.path[: len(before.path)] == before.path
    if before.page != piece.page or not (above or before.path[:-1] == piece.path[:-1]):
        return False
    together = weight(text[before.start : piece.end])
    if above and _is_bare(text, before):
        return together <= sizes.maximum + sizes.tiny
    smaller, larger = sorted(weight(text[p.start : p.end]) for p in (before, piece))
    if before.path == piece.path:
        return smaller < sizes.tiny and together <= sizes.maximum
    return (smaller < sizes.tiny / 2 or larger < sizes.tiny) and together <= sizes.target


def _common_path(text: str, before: Piece, piece: Piece) -> tuple[str, ...]:
    """The headings above a joined piece: those of its far larger part, or the shared ones."""
    if _is_bare(text, before):
        return piece.path
    sizes = {part.path: weight(text[part.start : part.end]) for part in (piece, before)}
    if max(sizes.values()) > DOMINANT * min(sizes.values()):
        return max(sizes, key=lambda path: sizes[path])
    return tuple(a for a, b in zip(before.path, piece.path, strict=False) if a == b)


def _is_bare(text: str, piece: Piece) -> bool:
    """Whether a piece is nothing but headings, those of its own path."""
    lines = [line.strip() for line in text[piece.start : piece.end].split("\n") if line.strip()]
    return lines == list(piece.path[-len(lines) :])
