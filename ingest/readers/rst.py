"""reStructuredText (the only import of docutils). No file is included, no raw markup taken."""

from pathlib import PurePath

from docutils import nodes  # type: ignore[import-untyped]  # docutils ships no types
from docutils.core import publish_doctree  # type: ignore[import-untyped]  # as above
from docutils.utils import SystemMessage  # type: ignore[import-untyped]  # as above

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.draft import Draft, split_header
from ingest.readers.encoding import decode

SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,  # no docutils.conf of the folder
    "report_level": 5,
    "halt_level": 5,
    "doctitle_xform": False,
    "smart_quotes": False,
    "input_encoding": "unicode",
    "warning_stream": False,
    "syntax_highlight": "none",
    "line_length_limit": 1_000_000,
}
UNSEEN = (nodes.comment, nodes.substitution_definition, nodes.target, nodes.pending, nodes.raw)
LEAVES = (
    *(nodes.paragraph, nodes.literal_block, nodes.line_block, nodes.doctest_block, nodes.math_block),
    *(nodes.rubric, nodes.attribution, nodes.caption, nodes.subtitle),
)


def read(data: bytes, name: str) -> Extract:
    """Read a document: sections, paragraphs, lists, tables, code; unknown directives keep their text.

    Raises:
        CorruptFile: the content is not text, or docutils gives up on it.
    """
    text = decode(data)
    try:
        tree = publish_doctree(text, settings_overrides=SETTINGS)
    except (SystemMessage, ValueError, LookupError, AttributeError, TypeError) as error:
        raise CorruptFile("not readable as reStructuredText", "check it with docutils") from error
    draft = Draft()
    _add(draft, tree, 0, "")
    return draft.extract(draft.first_heading or PurePath(name).stem)


def _add(draft: Draft, parent: nodes.Element, level: int, prefix: str) -> None:
    """Add what is below `parent`; the first block of a list's item begins with `prefix`."""
    for node in [child for child in parent.children if not isinstance(child, UNSEEN)]:
        if isinstance(node, nodes.system_message):
            _unknown(draft, node)
        elif isinstance(node, nodes.title):
            draft.heading(level, node.astext())
        elif isinstance(node, LEAVES):
            draft.block(prefix + node.astext(), tight=bool(prefix))
            prefix = " " * len(prefix)
        elif isinstance(node, nodes.table):
            _table(draft, node)
        elif isinstance(node, nodes.bullet_list | nodes.enumerated_list):
            _list(draft, node, level, prefix)
        elif isinstance(node, nodes.Element) and node.children:
            _add(draft, node, level + isinstance(node, nodes.section), prefix)
        else:
            draft.block(prefix + node.astext().strip(), tight=bool(prefix))


def _list(draft: Draft, items: nodes.Element, level: int, prefix: str) -> None:
    first = int(items.get("start", 1))
    for number, item in enumerate(items.children, start=first):
        sign = f"{number}. " if isinstance(items, nodes.enumerated_list) else "- "
        _add(draft, item, level, " " * len(prefix) + sign)


def _unknown(draft: Draft, message: nodes.system_message) -> None:
    """The text of a directive that docutils does not know, as Sphinx has many: all but its first line."""
    for block in message.findall(nodes.literal_block):
        first, *lines = block.astext().split("\n")
        if first.startswith(".. raw::"):
            continue
        draft.block("\n".join(line.strip() for line in lines if not line.strip().startswith(":")))


def _table(draft: Draft, table: nodes.table) -> None:
    heads = [_row(row) for head in table.findall(nodes.thead) for row in head.findall(nodes.row)]
    rows = [_row(row) for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)]
    for title in table.findall(nodes.title):
        draft.block(title.astext())
    draft.table(*((rows, heads[-1]) if heads else split_header(rows)))


def _row(row: nodes.row) -> list[str]:
    return [entry.astext() for entry in row.children]
