"""The visible text of a Word paragraph, and the look through wrappers that hold no text themselves."""

from collections.abc import Iterator

from ingest.readers.omml import formula, math
from ingest.readers.tree import Node, is_on, word

FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
BOX = word("txbxContent")
# Deleted text, formatting, text boxes (read apart), field codes, and the second rendering of a drawing.
UNSEEN = {FALLBACK, *map(word, ("del", "moveFrom", "pPr", "rPr", "txbxContent", "instrText"))}
WRAPPERS = set(map(word, ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")))
CHARACTERS = {word("tab"): " ", word("br"): "\n", word("cr"): "\n", word("noBreakHyphen"): "-"}


def children(container: Node) -> Iterator[Node]:
    """The children of `container`, those of content controls and tracked insertions among them."""
    for child in container:
        if child.tag in WRAPPERS:
            yield from children(child)
        else:
            yield child


def paragraph_text(paragraph: Node) -> str:
    """What a reader of the printed paragraph sees; line breaks stay."""
    return "".join(_texts(paragraph))


def boxes(element: Node) -> Iterator[Node]:
    """The text boxes anchored in `element`: each once, though drawings are stored in two renderings."""
    for child in element:
        if child.tag == BOX:
            yield child
        elif child.tag != FALLBACK:
            yield from boxes(child)


def _texts(element: Node) -> Iterator[str]:
    before = ""
    for child in element:
        tag = child.tag
        if tag == word("t"):
            yield child.text or ""
        elif tag == math("oMath"):
            yield f"{' ' if before == tag else ''}{formula(child)}"
        elif tag in CHARACTERS:
            yield CHARACTERS[tag]
        elif tag not in UNSEEN and not _is_hidden(child):
            yield from _texts(child)
        before = tag


def _is_hidden(element: Node) -> bool:
    return element.tag == word("r") and is_on(element, "w:rPr/w:vanish")
