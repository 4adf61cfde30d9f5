"""Formulas of Office documents as lines of text: `a/(bc)`, `x^2`, `√(ab)`."""

import re
from collections.abc import Callable, Iterator

from ingest.readers.tree import Node

MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
NAMESPACES = {"m": MATH}
VALUE = f"{{{MATH}}}val"
ENCLOSED = re.compile(r"\([^()]*\)$")
INTEGRAL = "∫"  # the sign of a sum without a sign


def math(tag: str) -> str:
    """The full name of an element of Office's formulas: `math("t")`."""
    return f"{{{MATH}}}{tag}"


def formula(element: Node) -> str:
    """A formula, or a part of one, on one line. Bases and parts of fractions get brackets where needed."""
    return "".join(_pieces(element))


def _pieces(element: Node) -> Iterator[str]:
    for child in element:
        if child.tag == math("t"):
            yield child.text or ""
        elif write := WRITERS.get(child.tag):
            yield write(child)
        elif isinstance(child.tag, str):
            yield from _pieces(child)


def _part(element: Node, tag: str) -> str:
    found = element.find(f"m:{tag}", NAMESPACES)
    return "" if found is None else formula(found).strip()


def _whole(element: Node, tag: str) -> str:
    """A part in brackets, unless it is one letter, one number or has brackets around it."""
    text = _part(element, tag)
    if len(text) <= 1 or text.isdigit() or ENCLOSED.match(text):
        return text
    return f"({text})"


def _fraction(element: Node) -> str:
    return f"{_whole(element, 'num')}/{_whole(element, 'den')}"


def _scripts(element: Node) -> str:
    below, above = _whole(element, "sub"), _whole(element, "sup")
    return _whole(element, "e") + (f"_{below}" if below else "") + (f"^{above}" if above else "")


def _root(element: Node) -> str:
    degree = _part(element, "deg")
    return f"{degree}√{_whole(element, 'e')}"


def _nary(element: Node) -> str:
    sign = element.find("m:naryPr/m:chr", NAMESPACES)
    below, above = _whole(element, "sub"), _whole(element, "sup")
    limits = (f"_{below}" if below else "") + (f"^{above}" if above else "")
    return f"{INTEGRAL if sign is None else sign.get(VALUE) or ''}{limits} {_part(element, 'e')}"


def _delimited(element: Node) -> str:
    opening = element.find("m:dPr/m:begChr", NAMESPACES)
    closing = element.find("m:dPr/m:endChr", NAMESPACES)
    parts = [formula(part).strip() for part in element if part.tag == math("e")]
    begin = "(" if opening is None else opening.get(VALUE) or ""
    end = ")" if closing is None else closing.get(VALUE) or ""
    return f"{begin}{', '.join(parts)}{end}"


WRITERS: dict[str, Callable[[Node], str]] = {
    math("f"): _fraction,
    math("sSup"): _scripts,
    math("sSub"): _scripts,
    math("sSubSup"): _scripts,
    math("rad"): _root,
    math("nary"): _nary,
    math("d"): _delimited,
}
