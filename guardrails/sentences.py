"""Where sentences begin and end: spans that cover a text exactly, and that stay put while it still grows.

Knows punctuation, line breaks, `[n]` citation markers and abbreviations; no language model, no grammar.
"""

# ruff: noqa: RUF001 other scripts' punctuation ends sentences too
import re
from collections.abc import Iterator

Span = tuple[int, int]

MARKER = re.compile(r"\[\d{1,4}\]")
"""A citation marker as it stands in an answer."""

_GAP = re.compile(r"\s+(?=\S)")
_MARKERS_AT_END = re.compile(r"(?:\s*\[\d{1,4}\])+\Z")
_MARKER_OR_ITS_BEGINNING = re.compile(r"\[\d{0,4}\Z")
_TERMINATOR = re.compile(r"""[.!?…。！？]["'”’»)\]*_]*\Z""")
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
    for gap in _GAP.finditer(text):
        following = text[gap.end() : gap.end() + 6]
        if growing and _MARKER_OR_ITS_BEGINNING.match(following):
            return
        if _ends_sentence(text[start : gap.start()], gap.group(), following):
            yield start, gap.end()
            start = gap.end()
    if not growing and start < len(text):
        yield start, len(text)


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
