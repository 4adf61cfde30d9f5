"""Where sentences begin and end: spans that cover a text exactly, and that stay put while it still grows.

Knows punctuation, line breaks, `[n]` citation markers and abbreviations; no language model, no grammar.
"""

# ruff: noqa: RUF001 other scripts' punctuation ends sentences too
import re
from collections.abc import Iterator

Span = tuple[int, int]

MARKER = re.compile(r"\[\d{1,4}\]")
"""A citation marker as it stands in an answer."""

# White space where a sentence may end: with a line break, after what may close one, before a marker. Nothing
# at all where Chinese and Japanese sentences end, with a marker or without.
_ENDING, _CLOSING = ".!?…。！？", r""""'”’»)\]*_"""
_GAP = re.compile(
    rf"(?<!\s)(?:(?<=[{_ENDING}{_CLOSING}])\s++(?=\S)|[^\S\n]*+\n\s*+(?=\S)|\s++(?=\[))"
    r"|(?:(?<=[。！？])|(?<=[。！？]\[\d\])|(?<=[。！？]\[\d\d\]))(?=[^\s。！？」』）”’)\[\]])"
)
_TAIL = 200  # characters before a gap that tell whether a sentence ends there
_MARKERS_AT_END = re.compile(r"(?:\s*\[\d{1,4}\])+\Z")
_MARKER_OR_ITS_BEGINNING = re.compile(r"\[\d{0,4}\Z")
_TERMINATOR = re.compile(rf"[{_ENDING}][{_CLOSING}]*\Z")
_TITLES = "[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof|[Ss]t|[Nn]o|[Nn]r|[Aa]pprox|[Vv]s|[Cc]f|[Ff]ig|[Ii]ncl|[Ee]xt"
_ABBREVIATION = re.compile(
    r"""(?: \b(?:[A-Za-z]\.){2,}        # e.g. i.e. U.S. p.m.
          | \b[A-Z]\.                   # J. Smith
          | (?:\A|\s)(?:"""
    + _TITLES
    + r""")\.
          | \A\s*(?:\d{1,3}|[a-zA-Z])\. # 1. in a numbered list
        )\Z""",
    re.VERBOSE,
)


def sentences(text: str, *, growing: bool = False) -> Iterator[Span]:
    """Yield (start, end) of each sentence; together they cover `text`, white space and all.

    Of a `growing` text only the sentences that are settled are yielded: no continuation can change
    them, and the tail that is still open is left out.
    """
    start = 0
    end, _ = next_end(text, growing=growing)
    while end is not None:
        yield start, end
        start = end
        end, _ = next_end(text, start, start, growing=growing)
    if not growing and start < len(text):
        yield start, len(text)


def next_end(text: str, start: int = 0, since: int = 0, *, growing: bool) -> tuple[int | None, int]:
    """Where the sentence that begins at `start` ends, if it does before the end of `text`.

    Looks only at what follows `since`, and returns as its second value from where to look next time: before
    that, no continuation of the text will end a sentence.
    """
    for gap in _GAP.finditer(text, since):
        following = text[gap.end() : gap.end() + 6]
        if growing and _MARKER_OR_ITS_BEGINNING.match(following):
            return None, gap.start()
        before = text[max(start, gap.start() - _TAIL) : gap.start()]
        if _ends_sentence(before, gap.group(), following):
            # A gap may be of no width: past it, or it would be found again and again.
            return gap.end(), max(gap.end(), gap.start() + 1)
    return None, since + len(text[since:].rstrip())


def _ends_sentence(before: str, gap: str, following: str) -> bool:
    if not before.strip() or MARKER.match(following):
        return False
    if "\n" in gap:
        return True
    before = _MARKERS_AT_END.sub("", before)
    if following[0].islower() or not _TERMINATOR.search(before):
        return False
    return _ABBREVIATION.search(before) is None


def windows(text: str, size: int) -> list[Span]:
    """Cut `text` into spans of at most `size` characters, at ends of sentences where they allow it.

    A sentence longer than `size` is cut at white space, or anywhere when it has none.
    """
    spans: list[Span] = []
    for start, end in (piece for span in sentences(text) for piece in _pieces(text, span, size)):
        if spans and end - spans[-1][0] <= size:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _pieces(text: str, span: Span, size: int) -> Iterator[Span]:
    start, end = span
    while end - start > size:
        space = max(
            text.rfind(" ", start + size // 2, start + size),
            text.rfind("\n", start + size // 2, start + size),
        )
        cut = space + 1 if space > 0 else start + size
        yield start, cut
        start = cut
    yield start, end
