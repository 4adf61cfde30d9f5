"""Plain text: paragraphs parted by blank lines; underlined and upper-case lines are headings."""

import re
from pathlib import PurePath

from ingest.documents import Extract
from ingest.readers.draft import Draft
from ingest.readers.encoding import decode

PARAGRAPH = re.compile(r"\n(?:[ \t]*\n)+")
UNDERLINED = re.compile(r"^(?P<title>\S.{0,100})\n(?P<rule>={3,}|-{3,})[ \t]*(?:\n|$)")
LONGEST_HEADING = 80


def read(data: bytes, name: str) -> Extract:
    """Read plain text in any common encoding.

    Raises:
        CorruptFile: the content is not text.
    """
    draft = Draft()
    add_text(draft, decode(data))
    return draft.extract(draft.first_heading or PurePath(name).stem)


def add_text(draft: Draft, text: str) -> None:
    """Add the paragraphs and headings of plain `text` to `draft`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    for paragraph in PARAGRAPH.split(text):
        block = paragraph.strip("\n")
        if underlined := UNDERLINED.match(block):
            draft.heading(1 if underlined["rule"][0] == "=" else 2, underlined["title"])
            block = block[underlined.end() :]
        elif _shouts(block):
            draft.heading(2, block)
            continue
        draft.block(block)


def _shouts(block: str) -> bool:
    if len(block) > LONGEST_HEADING or "\n" in block:
        return False
    return block.isupper() and re.search(r"[^\W\d_]{2,}", block) is not None
