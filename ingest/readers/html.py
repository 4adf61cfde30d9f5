"""HTML: what a person sees. Scripts, menus and hidden text are dropped; nothing is fetched."""

import re
from pathlib import PurePath

from lxml import etree, html  # type: ignore[import-untyped]  # lxml ships no types

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.dates import day
from ingest.readers.draft import Draft, one_line, split_header
from ingest.readers.encoding import decode
from ingest.readers.html_furniture import furniture
from ingest.readers.html_tables import HEADINGS, grid, is_layout

CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
HEAD = 64 * 1024  # of a page, where its `meta` elements stand
META = re.compile(r"<meta\s([^<>]{1,1000})>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([\w:.-]{1,40})\s*=\s*(["'])(.{0,500}?)\2""", re.DOTALL)
DATED = (
    *("article:modified_time", "datemodified", "dcterms.modified", "last-modified", "lastmod"),
    *("article:published_time", "datepublished", "dcterms.created", "dcterms.date", "dc.date", "date"),
)
DROPPED = (
    {"script", "style", "template", "noscript", "head", "nav", "iframe", "object", "embed", "dialog"}
    | {"svg", "canvas", "audio", "video", "map"}
    | {"select", "button", "input", "textarea", "datalist"}
)
DROPPED_ROLES = frozenset({"navigation", "search", "menu", "menubar", "contentinfo", "dialog", "alertdialog"})
DROPPED_CLASSES = frozenset({"reference", "mw-editsection", "headerlink", "anchor-link"})  # marks, no words
SECTIONING = frozenset({"article", "main", "section", "blockquote", "td"})
INVISIBLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0(\.0*)?\s*(;|!|$)"
    r"|font-size\s*:\s*[01](\.\d*)?(px|pt|em|rem|%)?\s*(;|!|$)|(?<![-\w])(height|width)\s*:\s*0(px)?\s*(;|!|$)"
    r"|(left|top|text-indent)\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CSS_RULE = re.compile(r"([^{}]{1,500})\{([^{}]{0,2000})\}")
CSS_NAME = re.compile(r"^\s*[\w*]*([.#][\w-]+)\s*$")
BLOCKS = (
    {"address", "article", "aside", "body", "details", "div", "fieldset", "footer", "form", "header", "main"}
    | {"section", "summary", "legend", "figure", "figcaption", "blockquote", "p", "pre", "hr"}
    | {"ul", "ol", "li", "dl", "dt", "dd"}
    | {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
    | HEADINGS
)


def read(data: bytes, name: str) -> Extract:
    """Read a page: headings, paragraphs, lists, code, and tables as rows that carry their headers.

    Raises:
        CorruptFile: the content is not text, or is nested too deeply to be a page.
    """
    declared = CHARSET.search(data[:4096])
    draft = Draft()
    markup = decode(data, [declared[1].decode() if declared else None])
    title = add_html(draft, markup)
    return draft.extract(title or draft.first_heading or PurePath(name).stem, dated=_day(markup))


def _day(markup: str) -> str | None:
    """The day that the page's `meta` elements say: when it was changed, or else published."""
    said: dict[str, str] = {}
    for element in META.findall(markup[:HEAD]):
        attributes = {name.lower(): value for name, _, value in ATTRIBUTE.findall(element)}
        key = next((attributes[name] for name in ("property", "name", "itemprop") if name in attributes), "")
        said.setdefault(key.lower(), attributes.get("content", ""))
    return day(said.get(key) for key in DATED)


def add_html(draft: Draft, markup: str) -> str:
    """Add the visible text of `markup` to `draft`; return its `<title>`, or an empty string.

    Raises:
        CorruptFile: nested too deeply to be a page.
    """
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        page = html.document_fromstring(markup.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but comments or white space
        return ""
    if any("depth" in entry.message for entry in parser.error_log.filter_from_fatals()):
        raise CorruptFile("HTML nested too deeply", "it is no ordinary page; export it again as text")
    title = one_line(page.findtext(".//title") or "")
    _drop_unseen(page)
    _Walk(draft).run(page)
    return title


def _drop_unseen(page: html.HtmlElement) -> None:
    """Remove what a person does not see, and what is no content; keep the text that follows it."""
    hidden = {
        name[1]
        for sheet in page.iter("style")
        for selectors, rules in CSS_RULE.findall(sheet.text or "")
        if INVISIBLE.search(rules)
        for selector in selectors.split(",")
        if (name := CSS_NAME.match(selector))
    }
    unseen = [element for element in page.iter() if _is_unseen(element, hidden)]
    for element in (*furniture(page), *unseen):
        if element.getparent() is not None:
            _drop(element)


def _drop(element: html.HtmlElement) -> None:
    """Take an element out and leave the text behind it, less what lxml refuses to write."""
    parent, before = element.getparent(), element.getprevious()
    tail = element.tail or ""
    parent.remove(element)
    if before is not None:
        before.tail = NOT_XML.sub("", (before.tail or "") + tail)
    else:
        parent.text = NOT_XML.sub("", (parent.text or "") + tail)


def _is_unseen(element: html.HtmlElement, hidden: set[str]) -> bool:
    if not isinstance(element.tag, str) or element.tag in DROPPED:
        return True
    if element.get("hidden") is not None or element.get("role") in DROPPED_ROLES:
        return True
    if INVISIBLE.search(element.get("style") or ""):
        return True
    classes = (element.get("class") or "").split()
    if not DROPPED_CLASSES.isdisjoint(classes) and element.tag in {"a", "sup", "span"}:
        return True
    if hidden and not hidden.isdisjoint([f"#{element.get('id')}", *(f".{name}" for name in classes)]):
        return True
    return element.tag == "footer" and not any(a.tag in SECTIONING for a in element.iterancestors())


class _Walk:
    """One pass over a page in reading order, from elements to blocks."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._inline: list[str] = []
        self._lists: list[int | None] = []  # the next number of each open list; None: bullets
        self._prefix = ""
        self._preformatted = 0

    def run(self, page: html.HtmlElement) -> None:
        walk = etree.iterwalk(page, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._end(element)
                self._text(element.tail)
            elif element.tag == "table" and not is_layout(element):
                self._table(element)
                walk.skip_subtree()
            else:
                self._start(element)
                self._text(element.text)
        self._flush()

    def _start(self, element: html.HtmlElement) -> None:
        tag = element.tag
        if tag in BLOCKS:
            self._flush()
        if tag == "br":
            self._inline.append("\n")
        elif tag == "img":
            self._inline.append(f" {one_line(element.get('alt') or '')} ")
        elif tag == "pre":
            self._preformatted += 1
        elif tag in {"ul", "dl"}:
            self._lists.append(None)
        elif tag == "ol":
            first = element.get("start") or "1"
            self._lists.append(int(first[:9]) if first.isdecimal() else 1)
        elif tag == "li":
            self._prefix = self._item()

    def _end(self, element: html.HtmlElement) -> None:
        tag = element.tag
        if tag in HEADINGS:
            title = "".join(self._inline).strip().rstrip("¶#").strip()
            self._inline.clear()
            self._draft.heading(int(tag[1]), title)
        elif tag in BLOCKS:
            self._flush()
        if tag == "pre":
            self._preformatted -= 1
        elif tag in {"ul", "ol", "dl"}:
            self._lists.pop()
        elif tag == "li":
            self._prefix = ""

    def _item(self) -> str:
        if not self._lists:
            return "- "
        indent = "  " * (len(self._lists) - 1)
        number = self._lists[-1]
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _text(self, text: str | None) -> None:
        if text:
            self._inline.append(text if self._preformatted else re.sub(r"[ \t\r\n\f]+", " ", text))

    def _flush(self) -> None:
        text = "".join(self._inline)
        self._inline.clear()
        if not self._preformatted:
            text = "\n".join(line for line in map(one_line, text.split("\n")) if line)
        if text.strip():
            self._draft.block(self._prefix + text, tight=bool(self._lists))
            self._prefix = ""

    def _table(self, table: html.HtmlElement) -> None:
        self._flush()
        if caption := one_line(table.findtext("caption") or ""):
            self._draft.block(caption)
        rows, headers = grid(table)
        self._draft.table(*((rows, headers) if headers else split_header(rows)))
