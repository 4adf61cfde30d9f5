"""Node: what readers use of an element in a parsed HTML or XML tree, whichever library parsed it."""

from collections.abc import Iterator, Mapping
from typing import Protocol, Self

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = {"w": WORD}


class Node(Protocol):
    """An element: a tag, attributes, the text before its first child, and the text behind itself."""

    tag: str
    text: str | None
    tail: str | None

    def __iter__(self) -> Iterator[Self]:
        """Go through the children."""
        ...

    def get(self, key: str, /) -> str | None:
        """Return an attribute."""
        ...

    def find(self, path: str, /, namespaces: Mapping[str, str] | None) -> Self | None:
        """Return the first descendant at `path`."""
        ...

    def iter(self, *tags: str) -> Iterator[Self]:
        """Go through the element itself and all its descendants, those with one of `tags` if given."""
        ...

    def getparent(self) -> Self | None:
        """Return the element around this one."""
        ...


def word(tag: str) -> str:
    """The full name of an element or attribute of WordprocessingML: `word("p")`."""
    return f"{{{WORD}}}{tag}"


def value(element: Node, path: str) -> str | None:
    """The `w:val` of the first element at `path` below `element`; None where there is no such element."""
    found = element.find(path, NAMESPACES)
    return None if found is None else found.get(word("val")) or ""


def is_on(element: Node, path: str) -> bool:
    """Whether a switch such as bold stands at `path`, and is not turned off there."""
    return value(element, path) not in {None, "0", "false", "off"}
