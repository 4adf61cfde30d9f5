"""XML of any vocabulary: the text of its elements in order. No DTD, no entity, no network."""

import html
import re
from pathlib import PurePath

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.draft import Draft, one_line, split_header
from ingest.readers.html import add_html
from ingest.readers.tree import Node

TITLES = frozenset({"title", "heading", "head", "h1", "h2", "h3", "h4", "h5", "h6", "article-title"})
TITLES |= {"invention-title", "title-of-invention"}
# Elements whose children are running text: never taken for the fields of a record.
RUNNING = TITLES | {
    "p",
    "para",
    "li",
    "list-item",
    "item",
    "label",
    "caption",
    "td",
    "entry",
    "b",
    "i",
    "sup",
}
INLINE = frozenset({"b", "i", "u", "em", "strong", "bold", "italic", "sup", "sub", "sup2", "sub2", "xref"})
INLINE |= {"figref", "claim-ref", "crossref", "ext-link", "a", "span", "underline", "smallcaps", "o", "code"}
ROWS = frozenset({"row", "tr"})
TABLES = frozenset({"table", "tgroup"})
MARKUP = re.compile(r"</?[a-z][a-z0-9]*[^<>]*>|&[a-z]+;", re.IGNORECASE)
WARNING = 1  # of libxml2's levels
SAMPLE, FEW = 5_000, 2
LONGEST_VALUE = 60
DEEPEST_HEADING = 6
CAUSES = (("depth", "nested too deeply"), ("amplification", "a bomb of entities in entities"))
ENTITY = re.compile(r"\A&[^;]*;\Z")


def read(data: bytes, name: str) -> Extract:
    """Read an XML file. Elements called `title`, `heading` and the like are headings.

    An element of fields (`<price>10</price>`) becomes a block of lines `price: 10`, a table its rows.
    Attributes are not read.

    Raises:
        CorruptFile: not well-formed, cut off, or nested too deeply.
    """
    root = _parse(data)
    draft = Draft()
    _Walk(draft).run(root)
    return draft.extract(draft.first_heading or PurePath(name).stem)


def _parse(data: bytes) -> Node:
    # It recovers from undefined entities (their DTD is never loaded); other damage is an error.
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    root: Node | None = etree.fromstring(data, parser)
    faults = [fault for fault in parser.error_log if "Entity" not in fault.message and fault.level > WARNING]
    if root is None or faults:
        words = " ".join(fault.message.lower() for fault in faults)
        cause = next((cause for sign, cause in CAUSES if sign in words), "not well-formed, or cut off")
        raise CorruptFile(f"XML that is {cause}", "export it again")
    return root


def _tag(element: Node) -> str:
    """The local name; empty for an entity that was not resolved."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _text(element: Node) -> str:
    """All text below. HTML's entities are known by name; others, which stand for anything, are left out."""
    parts = [element.text or "" if _tag(element) else ENTITY.sub("", html.unescape(element.text or ""))]
    for child in element:
        parts += [_text(child), child.tail or ""]
    return "".join(parts)


class _Walk:
    """One pass over the tree in reading order."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def run(self, root: Node) -> None:
        pending = [(root, 0)]
        while pending:
            element, level = pending.pop()
            children = list(element)
            tag = _tag(element)
            if tag in TITLES and one_line(_text(element)):
                self._draft.heading(level, _text(element))
            elif tag in TABLES and any(_tag(row) in ROWS for row in element.iter()):
                self._table(element)
            elif _is_running(element, children):
                self._words(tag, _text(element))
            elif _is_record(children):
                lines = [f"{_tag(child)}: {words}" for child in children if (words := one_line(_text(child)))]
                self._draft.block("\n".join(map(_shown, lines)))
            else:
                deeper = any(_tag(child) in TITLES for child in children) and level < DEEPEST_HEADING
                pending += [(child, level + deeper) for child in reversed(children)]

    def _words(self, tag: str, text: str) -> None:
        """A paragraph; or a short value, which says little without the name of its element."""
        words = one_line(text)
        if len(MARKUP.findall(text[:SAMPLE])) > FEW:  # HTML in XML, as in feeds and XBRL
            add_html(self._draft, text)
        elif words and len(words) <= LONGEST_VALUE and tag not in RUNNING:
            self._draft.block(f"{tag}: {words}", tight=True)
        else:
            self._draft.block(words)

    def _table(self, table: Node) -> None:
        rows = [[one_line(_text(cell)) for cell in row] for row in table.iter() if _tag(row) in ROWS]
        self._draft.table(*split_header(rows))


def _is_running(element: Node, children: list[Node]) -> bool:
    """Whether an element holds text itself, between its children or without any."""
    if any(_tag(child) not in INLINE and _tag(child) for child in children):
        beside = [element.text, *(child.tail for child in children)]
        return sum(1 for text in beside if text and text.strip()) > 1 and not any(
            list(child) for child in children
        )
    return True


def _is_record(children: list[Node]) -> bool:
    """Whether children are fields: none has children, no two of them are alike, none is running text."""
    tags = [_tag(child) for child in children]
    return (
        len(tags) > 1
        and len(set(tags)) > len(tags) / 2
        and not RUNNING.intersection(tags)
        and not any(list(child) for child in children)
    )


def _shown(line: str) -> str:
    return one_line(MARKUP.sub(" ", line))
