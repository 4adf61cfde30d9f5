"""Clean text: one form for characters, spaces and lines, with marks and blocks kept on their words."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace

from ingest.documents import Extract

# Invisible characters carry nothing for a reader and can hide instructions from one: zero-width and
# bidirectional controls, Unicode tags, variation selectors, soft hyphens, control characters.
INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Joiners shape letters in Arabic and Indic scripts, and are invisible elsewhere.
JOINERS = r"(?<![\u0600-\u0dff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0dff])"
REMOVED = re.compile(f"[{INVISIBLE}]+|{JOINERS}")
# One sign for several letters, as fonts and PDFs have them: "ﬁ".
LIGATURES = re.compile(r"[\ufb00-\ufb06\ufb13-\ufb17]+")
BROKEN = re.compile(r"[\ud800-\udfff]")
LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
WORD = re.compile(r"\S+")
INDENT = 8  # the widest indentation that is kept: it carries meaning in code and lists
SPACES = re.compile(r"[^\S\n]+$|(?<=\S)[^\S\n]{2,}|(?<=\S)[^\S\n ]|^[^\S\n]+", re.MULTILINE)
BLANK_LINES = re.compile(r"\A\s*\n|\n{3,}|\s+\Z")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A text after replacements, and where each of them stood: maps old offsets to new ones."""

    text: str
    starts: tuple[int, ...]  # of the replaced spans, in the old text
    ends: tuple[int, ...]
    shifts: tuple[int, ...]  # new offset minus old offset, behind each span
    lengths: tuple[int, ...]  # of what stands in their place

    def offset(self, old: int) -> int:
        """Where the character at `old` is now; inside a replaced span: within its replacement."""
        index = bisect_right(self.starts, old) - 1
        if index < 0:
            return old
        if old >= self.ends[index]:
            return old + self.shifts[index]
        begin = self.ends[index] + self.shifts[index] - self.lengths[index]
        return begin + min(old - self.starts[index], self.lengths[index])


def clean(extract: Extract) -> Extract:
    """Normalise an extract: NFC, one line end, single spaces; no ligatures, invisible signs or blank runs.

    Marks and blocks stay on the same words; a block left without words is dropped. Cleaning twice
    changes nothing.
    """
    extract = _apply(extract, BROKEN, lambda _: "\ufffd")
    extract = _apply(extract, LINE_ENDS, lambda _: "\n")
    extract = _apply(extract, REMOVED, lambda _: "")
    extract = _apply(extract, LIGATURES, _letters)
    if not unicodedata.is_normalized("NFC", extract.text):
        extract = _apply(extract, WORD, lambda found: unicodedata.normalize("NFC", found[0]))
    extract = _apply(extract, SPACES, _spaces)
    extract = _apply(extract, BLANK_LINES, lambda found: "\n\n" if _is_inside(found) else "")
    marks = (replace(mark, title=_one_line(mark.title)) for mark in extract.marks)
    kept = tuple(mark for mark in marks if mark.title or not mark.level)
    return replace(extract, title=_one_line(extract.title), marks=kept, blocks=_trimmed(extract))


def rewrite(text: str, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> Rewrite:
    """Replace all matches of `pattern`, remembering where they stood."""
    parts: list[str] = []
    edits: list[tuple[int, int, int, int]] = []
    position = shift = 0
    for found in pattern.finditer(text):
        new = replacement(found)
        if new == found[0]:
            continue
        shift += len(new) - len(found[0])
        parts += [text[position : found.start()], new]
        position = found.end()
        edits.append((found.start(), found.end(), shift, len(new)))
    starts, ends, shifts, lengths = zip(*edits, strict=True) if edits else ((), (), (), ())
    return Rewrite("".join([*parts, text[position:]]), starts, ends, shifts, lengths)


def _apply(extract: Extract, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]) -> Extract:
    changed = rewrite(extract.text, pattern, new)
    if not changed.starts:
        return extract
    return replace(
        extract,
        text=changed.text,
        marks=tuple(replace(mark, start=changed.offset(mark.start)) for mark in extract.marks),
        blocks=tuple((changed.offset(start), changed.offset(end)) for start, end in extract.blocks),
    )


def _letters(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found[0])


def _spaces(found: re.Match[str]) -> str:
    """Nothing at the end of a line, the indentation at its start, one space between words."""
    text, end = found.string, found.end()
    if end == len(text) or text[end] == "\n":
        return ""
    if found.start() == 0 or text[found.start() - 1] == "\n":
        return " " * min(len(found[0].expandtabs(4)), INDENT)
    return " "


def _is_inside(found: re.Match[str]) -> bool:
    return found.start() > 0 and found.end() < len(found.string)


def _one_line(title: str) -> str:
    title = unicodedata.normalize("NFC", REMOVED.sub("", BROKEN.sub("\ufffd", title)))
    title = LIGATURES.sub(_letters, title)
    return re.sub(r"\s+", " ", title).strip()


def _trimmed(extract: Extract) -> tuple[tuple[int, int], ...]:
    """Blocks without the white space at their ends, and without those that hold nothing else."""
    blocks = []
    for start, end in extract.blocks:
        words = extract.text[start:end]
        begin = start + len(words) - len(words.lstrip())
        if words.strip():
            blocks.append((begin, begin + len(words.strip())))
    return tuple(blocks)
