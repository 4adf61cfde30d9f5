"""AsciiDoc: headings, paragraphs, lists, tables and code. Includes are never followed."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from ingest.documents import Extract
from ingest.readers.draft import Draft, split_header
from ingest.readers.encoding import decode

HEADING = re.compile(r"^(?P<signs>={1,6}|#{1,6})[ \t]+(?P<title>\S.*?)(?:[ \t]+(?P=signs))?[ \t]*$")
ITEM = re.compile(r"^\s*(?P<sign>\*{1,5}|-|\.{1,5}|\d+[.)])[ \t]+(?P<text>\S.*)$")
TERM = re.compile(r"^(?P<term>\S.*?)(?<!:):{2,4}(?:[ \t]+(?P<text>\S.*))?$")
ATTRIBUTES = re.compile(r"^\[[^\]]*\]\s*$|^:!?[\w-]+!?:.*$|^\[\[[^\]]*\]\]\s*$")
DIRECTIVE = re.compile(r"^(?:include|ifdef|ifndef|ifeval|endif|toc|video|audio)::")
IMAGE = re.compile(r"^image::?[^\[\s]+\[(?P<alt>[^,\]]*)[^\]]*\]\s*$")
TITLE = re.compile(r"^\.(?P<title>[^\s.].*)$")
COMMENT = re.compile(r"^//(?!/)")
FENCES = ("----", "....", "++++", "////", "```")
TABLE = re.compile(r"^[|,!:]={3,}\s*$")
CONTAINER = re.compile(r"^(?:={4,}|\*{4,}|_{4,}|--)\s*$")
# What stands before the bar of a cell: "2+^.^h|"; a span, a duplication, alignment, a style.
SPECIFIER = re.compile(r"(?:^|(?<=\s))(?:\d+\*|[\d.]+\+)?[<^>]?(?:\.[<^>])?[aehlmsdv]?(?=\|)")
BAR = re.compile(r"(?<!\\)\|")
LINK = re.compile(
    r"(?:(?:link|xref|mailto):[^\[\s]{1,500}|https?://[^\[\s]{1,500})\[(?P<text>[^\]]{0,500})\]|<<[^,>]{1,200},(?P<label>[^>]{1,200})>>"
)
STRONG = re.compile(r"(?<!\w)(\*\*|__|``|\*|_|`)(?=\S)(.+?)(?<=\S)\1(?!\w)")
CALLOUT = re.compile(r"[ \t]*<\d+>[ \t]*$", re.MULTILINE)
BREAK = re.compile(r"\s\+$")


def read(data: bytes, name: str) -> Extract:
    """Read a document; attributes, comments and macros are left out, link texts stay.

    Raises:
        CorruptFile: the content is not text.
    """
    lines = decode(data).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    draft = Draft()
    _Walk(draft).run(iter(lines))
    return draft.extract(draft.first_heading or PurePath(name).stem)


def _plain(text: str) -> str:
    text = LINK.sub(lambda found: found["text"] or found["label"] or found[0].partition("[")[0], text)
    return BREAK.sub("", STRONG.sub(r"\2", text))


class _Walk:
    """One pass over the lines."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._paragraph: list[str] = []
        self._prefix = ""

    def run(self, lines: Iterator[str]) -> None:
        for line in lines:
            fence = next((sign for sign in FENCES if line.startswith(sign)), "")
            if (fence and line.strip(fence[0]).strip() == "") or line.startswith("```"):
                self._flush()
                self._fenced(fence, lines)
            elif TABLE.match(line):
                self._flush()
                self._table(line.strip(), lines)
            else:
                self._line(line)
        self._flush()

    def _line(self, line: str) -> None:
        if not line.strip() or CONTAINER.match(line) or ATTRIBUTES.match(line) or line.strip() == "+":
            self._flush()
        elif DIRECTIVE.match(line) or COMMENT.match(line):
            return
        elif heading := HEADING.match(line):
            self._flush()
            self._draft.heading(len(heading["signs"]), _plain(heading["title"]))
        elif image := IMAGE.match(line):
            self._flush()
            self._draft.block(image["alt"].strip('"'))
        elif item := ITEM.match(line):
            self._item(item, line)
        elif title := TITLE.match(line):
            self._flush()
            self._draft.block(_plain(title["title"]))
        elif term := TERM.match(line):
            self._flush()
            self._prefix = f"{_plain(term['term'])}: "
            self._paragraph = [term["text"] or ""]
        elif line.startswith("|"):  # a table whose fences were forgotten
            self._flush()
            self._draft.table([_cells(line)], ())
        else:
            self._paragraph.append(line.strip())

    def _item(self, item: re.Match[str], line: str) -> None:
        self._flush()
        sign = item["sign"]
        depth = max(len(sign) - 1 if sign[0] in "*." else 0, (len(line) - len(line.lstrip())) // 2)
        shown = f"{sign[:-1]}. " if sign[0].isdigit() else "- "
        self._prefix = "  " * depth + shown
        self._paragraph = [item["text"]]

    def _flush(self) -> None:
        words = _plain("\n".join(self._paragraph)).strip()
        if words:
            self._draft.block(self._prefix + words, tight=bool(self._prefix))
        self._paragraph, self._prefix = [], ""

    def _fenced(self, fence: str, lines: Iterator[str]) -> None:
        """Verbatim text up to the closing fence; comments and raw passages are dropped."""
        held = []
        for line in lines:
            if line.startswith(fence) and not line.strip(fence[0]).strip():
                break
            held.append(line)
        if fence not in {"////", "++++"}:
            self._draft.block(CALLOUT.sub("", "\n".join(held)))

    def _table(self, fence: str, lines: Iterator[str]) -> None:
        held = []
        for line in lines:
            if line.strip() == fence:
                break
            held.append(line)
        self._draft.table(*split_header(_rows(held)))


def _cells(line: str) -> list[str]:
    return [_plain(cell.strip()) for cell in BAR.split(SPECIFIER.sub("", line))[1:]]


def _rows(lines: list[str]) -> list[list[str]]:
    """Rows: a line each, or as wide as the first line where cells stand on lines of their own."""
    parted = [_cells(line) if BAR.search(line) else [line.strip()] for line in lines if line.strip()]
    width = max((len(cells) for cells in parted[:1]), default=0)
    if all(len(cells) == width for cells in parted) or (width <= 1 and not any(len(c) > 1 for c in parted)):
        return parted
    flat = [cell for cells in parted for cell in cells]
    return [flat[begin : begin + width] for begin in range(0, len(flat), max(width, 1))]
