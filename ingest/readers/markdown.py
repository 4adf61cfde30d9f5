"""Markdown: rendered to HTML and read as such, so that HTML inside it is treated alike."""

import re
from dataclasses import replace
from pathlib import PurePath

from markdown_it import MarkdownIt

from ingest.documents import Extract
from ingest.readers.draft import Draft
from ingest.readers.encoding import decode
from ingest.readers.front_matter import said
from ingest.readers.html import add_html

FRONT_MATTER = re.compile(
    r"\A\s*(?P<fence>---|\+\+\+)[ \t]*\n(?P<body>.*?)\n(?P=fence)[ \t]*(?:\n|\Z)", re.DOTALL
)
FIELD = re.compile(r"^(?P<key>[A-Za-z][\w -]*?)\s*[:=]\s*(?P<value>[^\s\[{|>&*!].*?)\s*$", re.MULTILINE)
NAME = re.compile(r"^([A-Za-z][\w -]*?)\s*[:=]", re.MULTILINE)
ANCHOR = re.compile(r"^(#{1,6} .*?)\s*\{#[^}\n]*\}\s*$", re.MULTILINE)
HAS_H1 = re.compile(r"^# |^[^\n]+\n=+[ \t]*$", re.MULTILINE)

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def read(data: bytes, name: str) -> Extract:
    """Read Markdown: link targets and markup are dropped, code is kept, front matter gives the title.

    So do its dates, its language and what supersedes it. Who may read it is not for the text to say: such
    fields are passed over, with a note. Others (an owner) become `key: value` lines at the top.

    Raises:
        CorruptFile: the content is not text, or nested too deeply.
    """
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n")
    fields, named, body = _front_matter(text)
    draft = Draft()
    title = fields.pop("title", "")
    stated = said(fields, named)
    if title and not HAS_H1.search(body):
        draft.heading(1, title)
    draft.block("\n".join(f"{key}: {value}" for key, value in fields.items()))
    add_markdown(draft, body)
    extract = draft.extract(title or draft.first_heading or PurePath(name).stem)
    return replace(
        extract,
        dated=stated.dated,
        expires=stated.expires,
        superseded_by=stated.superseded_by,
        language=stated.language,
        notes=stated.notes,
    )


def add_markdown(draft: Draft, text: str) -> None:
    """Add what Markdown `text` shows to `draft`. Raises as `read`."""
    add_html(draft, MARKDOWN.render(ANCHOR.sub(r"\1", text)))


def _front_matter(text: str) -> tuple[dict[str, str], frozenset[str], str]:
    """The fields with one value a line, the names of all fields, and what follows the front matter."""
    found = FRONT_MATTER.match(text)
    if not found:
        return {}, frozenset(), text
    fields = {field["key"]: field["value"].strip("\"'") for field in FIELD.finditer(found["body"])}
    return fields, frozenset(NAME.findall(found["body"])), text[found.end() :]
