"""The shapes of a slide: which there are, in the order of the file, and the text, rows and kind of each.

The order of the file is the one in which a screen reader speaks the shapes; columns side by side stay
whole in it, which an order by place would mix.
"""

from collections import Counter
from collections.abc import Iterator

from ingest.readers.draft import one_line
from ingest.readers.omml import formula, math
from ingest.readers.tree import Node

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
NAMESPACES = {"a": DRAWING, "p": SLIDES, "dgm": DIAGRAM}
DEEPEST = 8


def drawing(tag: str) -> str:
    """The full name of an element of DrawingML: `drawing("p")`."""
    return f"{{{DRAWING}}}{tag}"


def shape(tag: str) -> str:
    """The full name of an element of PresentationML: `shape("sp")`."""
    return f"{{{SLIDES}}}{tag}"


def shapes(container: Node) -> Iterator[Node]:
    """The shapes with text and the frames below `container`, those in groups among them."""
    for child in container:
        if child.tag in {shape("sp"), shape("graphicFrame"), shape("cxnSp")}:
            yield child
        elif child.tag not in {FALLBACK, shape("pic")}:
            yield from shapes(child)


def placeholder(element: Node) -> str:
    """What a shape is on its slide's layout ("title", "body", "sldNum"), or nothing for free ones."""
    found = element.find("p:nvSpPr/p:nvPr/p:ph", NAMESPACES)
    return "" if found is None else found.get("type") or "body"


def paragraphs(element: Node) -> Iterator[tuple[str, bool]]:
    """The paragraphs of a shape with what marks them as items of a list, and whether they are items."""
    numbers: Counter[int] = Counter()
    for paragraph in element.iter(drawing("p")):
        text = paragraph_text(paragraph).strip()
        if text:
            prefix = _prefix(paragraph, numbers)
            yield prefix + text, bool(prefix)


def paragraph_text(paragraph: Node) -> str:
    """The text of a paragraph; line breaks stay."""
    return "".join(_texts(paragraph))


def table_rows(table: Node) -> tuple[list[list[str]], bool]:
    """Rows of cell texts, merged cells repeated, and whether the first row is set apart as a header."""
    rows: list[list[str]] = []
    for row in table.iter(drawing("tr")):
        line: list[str] = []
        for cell in row:
            if cell.tag == drawing("tc"):
                line.append(_cell(cell, line, rows[-1] if rows else []))
        rows.append(line)
    style = table.find("a:tblPr", NAMESPACES)
    return rows, style is not None and style.get("firstRow") in {"1", "true"}


def diagram_texts(root: Node) -> Iterator[str]:
    """The texts of a SmartArt diagram's data, in the order in which they were entered."""
    for point in root.iter(f"{{{DIAGRAM}}}pt"):
        if point.get("type") in {None, "node", "asst"}:
            text = one_line(" ".join(paragraph_text(p) for p in point.iter(drawing("p"))))
            if text:
                yield text


def _texts(element: Node) -> Iterator[str]:
    for child in element:
        if child.tag == drawing("t"):
            yield child.text or ""
        elif child.tag == math("oMath"):
            yield formula(child)
        elif child.tag == drawing("br"):
            yield "\n"
        elif child.tag != FALLBACK:
            yield from _texts(child)


def _prefix(paragraph: Node, numbers: Counter[int]) -> str:
    style = paragraph.find("a:pPr", NAMESPACES)
    level = (style is not None and style.get("lvl")) or "0"
    depth = min(int(level), DEEPEST) if level.isdecimal() else 0
    for deeper in [known for known in numbers if known > depth]:
        del numbers[deeper]
    if style is not None and style.find("a:buAutoNum", NAMESPACES) is not None:
        numbers[depth] += 1
        return f"{'  ' * depth}{numbers[depth]}. "
    if style is not None and style.find("a:buNone", NAMESPACES) is not None:
        return ""
    bullet = style is not None and style.find("a:buChar", NAMESPACES) is not None
    return f"{'  ' * depth}- " if bullet or depth else ""


def _cell(cell: Node, line: list[str], above: list[str]) -> str:
    if cell.get("hMerge") in {"1", "true"} and line:
        return line[-1]
    if cell.get("vMerge") in {"1", "true"} and len(line) < len(above):
        return above[len(line)]
    texts = (one_line(paragraph_text(paragraph)) for paragraph in cell.iter(drawing("p")))
    return "; ".join(filter(None, texts))
