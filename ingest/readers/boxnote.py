"""Box notes: headings, paragraphs, lists and tables of the editor's own JSON."""

import json
from collections.abc import Mapping
from pathlib import PurePath

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.draft import Draft, one_line, split_header
from ingest.readers.encoding import decode

LISTS = frozenset({"bullet_list", "ordered_list", "check_list"})
LEAVES = frozenset({"paragraph", "code_block"})
DEEPEST = 60

Node = Mapping[str, object]


def read(data: bytes, name: str) -> Extract:
    """Read a note in the format of 2022 and later.

    Raises:
        CorruptFile: no such note, as one in the older format, or nested too deeply.
    """
    try:
        note = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise CorruptFile("not a readable Box note", "export it from Box again") from error
    document = note.get("doc") if isinstance(note, Mapping) else None
    if not isinstance(document, Mapping):
        raise CorruptFile("no Box note that is known here", "export it from Box as DOCX or PDF")
    draft = Draft()
    _add(draft, document, 0)
    return draft.extract(draft.first_heading or PurePath(name).stem)


def _add(draft: Draft, node: Node, depth: int) -> None:
    if depth > DEEPEST:
        raise CorruptFile(f"nested more than {DEEPEST} levels", "it is no ordinary note")
    kind = node.get("type")
    if kind == "heading":
        level = _attribute(node, "level")
        draft.heading(level if isinstance(level, int) else 1, _text(node))
    elif kind == "table":
        rows = [[one_line(_text(cell)) for cell in _children(row)] for row in _children(node)]
        draft.table(*split_header(rows))
    elif kind in LISTS:
        for number, item in enumerate(_children(node), start=1):
            prefix = f"{number}. " if kind == "ordered_list" else "- "
            draft.block(prefix + _text(item).strip(), tight=True)
    elif kind == "image":
        draft.block(str(_attribute(node, "alt") or ""))
    elif kind in LEAVES:
        draft.block(_text(node))
    else:
        for child in _children(node):
            _add(draft, child, depth + 1)


def _children(node: Node) -> list[Node]:
    content = node.get("content")
    return [child for child in content if isinstance(child, Mapping)] if isinstance(content, list) else []


def _attribute(node: Node, name: str) -> object:
    attributes = node.get("attrs")
    return attributes.get(name) if isinstance(attributes, Mapping) else None


def _text(node: Node) -> str:
    if node.get("type") == "hard_break":
        return "\n"
    own = node.get("text")
    parts = [own if isinstance(own, str) else "", *(_text(child) for child in _children(node))]
    inline = any(child.get("type") == "text" for child in _children(node))
    return "".join(parts) if inline else "\n".join(part for part in parts if part)
