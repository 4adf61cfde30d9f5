"""What stands around the content of a web page: sidebars of links, breadcrumbs, questions about cookies.

Told by structure: where it stands, what it is made of. What looks like it inside the content stays.
"""

import re
from collections.abc import Iterator

from lxml import html  # type: ignore[import-untyped]  # lxml ships no types

CONTENT = frozenset({"article", "main"})
BESIDE = frozenset({"aside", "header", "ul", "ol", "div", "section", "footer"})
ASKING = frozenset({"aside", "div", "section", "form", "footer"})
CONSENT = re.compile(r"cookie|consent|gdpr", re.IGNORECASE)
CRUMBS = re.compile(r"(?:^|[\s_-])bread-?crumbs?(?:$|[\s_-])", re.IGNORECASE)
LINKED = 0.7  # of the letters stand in links
FEW_LINKS = 4
LONGEST_QUESTION = 1_500  # characters that a question about cookies has


def furniture(page: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """The elements that are no content. The page is as it was written: nothing of it was taken out."""
    has_content = any(element.tag in CONTENT or _role(element) == "main" for element in page.iter())
    for element in page.iter(*BESIDE, *ASKING, "nav"):
        if _is_crumbs(element) or (
            not _is_inside(element) and (_is_question(element) or _is_links(element, has_content=has_content))
        ):
            yield element


def _role(element: html.HtmlElement) -> str:
    return element.get("role") or ""


def _is_inside(element: html.HtmlElement) -> bool:
    """Whether it is a part of the content, or has it inside."""
    around = (element, *element.iterancestors())
    if any(each.tag in CONTENT or _role(each) == "main" for each in around):
        return True
    return any(each.tag in CONTENT or _role(each) == "main" for each in element.iterdescendants())


def _is_crumbs(element: html.HtmlElement) -> bool:
    names = f"{element.get('class') or ''} {element.get('aria-label') or ''}"
    return bool(CRUMBS.search(names)) and _share_linked(element) > 0


def _is_question(element: html.HtmlElement) -> bool:
    """A short text about cookies that can be answered."""
    names = " ".join(element.get(name) or "" for name in ("id", "class", "aria-label"))
    if element.tag not in ASKING or not CONSENT.search(names):
        return False
    answers = any(True for _ in element.iter("button", "input"))
    return answers and len(" ".join(element.itertext())) <= LONGEST_QUESTION


def _is_links(element: html.HtmlElement, *, has_content: bool) -> bool:
    """A sidebar or a menu; where no content is marked as such, only what says that it is one."""
    sidebar = element.tag == "aside" or _role(element) == "complementary"
    if not (has_content or sidebar):
        return False
    return len(element.findall(".//a")) >= FEW_LINKS and _share_linked(element) >= LINKED


def _share_linked(element: html.HtmlElement) -> float:
    """The share of its letters that stand in links."""
    total = sum(map(_letters, element.itertext()))
    linked = sum(_letters(text) for link in element.iter("a") for text in link.itertext())
    return linked / total if total else 0.0


def _letters(text: str) -> int:
    return len("".join(text.split()))
