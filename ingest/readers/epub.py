"""EPUB: the chapters in their reading order, each read as the HTML page that it is."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import unquote

from ingest.documents import Extract
from ingest.errors import CorruptFile, EncryptedFile, NoTextFound
from ingest.readers.dates import day
from ingest.readers.draft import Draft, one_line
from ingest.readers.encoding import decode
from ingest.readers.html import add_html
from ingest.readers.package import DAMAGE, open_package, tree
from ingest.readers.tree import Node

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
PAGES = frozenset({"application/xhtml+xml", "text/html"})
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def read(data: bytes, name: str) -> Extract:
    """Read a book along its spine. The table of contents and pictures are left out.

    Raises:
        CorruptFile: truncated, damaged, or no EPUB.
        EncryptedFile: its chapters are under copy protection.
        FileTooLarge: it unpacks to far more than its size.
        NoTextFound: it holds no text.
    """
    draft = Draft()
    try:
        with open_package(data) as archive:
            package, folder = _package(archive)
            chapters = list(_chapters(package, folder))
            if _protected(archive) & set(chapters):
                raise EncryptedFile("the book is under copy protection", "only a copy without it can be read")
            for chapter in chapters:
                _add(draft, archive, chapter)
    except (*DAMAGE, StopIteration) as error:
        raise CorruptFile("not a readable EPUB", "export it again") from error
    title = _metadata(package, "title") or draft.first_heading or PurePath(name).stem
    extract = draft.extract(title, dated=day(_dates(package)))
    if not extract.text:
        raise NoTextFound("the book holds no text", "pictures are not read")
    return extract


def _package(archive: zipfile.ZipFile) -> tuple[Node, str]:
    """The package document, which lists what the book consists of; and the folder that it lies in."""
    container = tree(archive.read(CONTAINER))
    path = next(one.get("full-path") or "" for one in _all(container, "rootfile"))
    return tree(archive.read(path)), posixpath.dirname(path)


def _chapters(package: Node, folder: str) -> Iterator[str]:
    """The names of the parts that hold text, in reading order; without the table of contents."""
    items = {one.get("id"): one for one in _all(package, "item")}
    for reference in _all(package, "itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in PAGES:
            continue
        if "nav" not in (item.get("properties") or "").split():
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _protected(archive: zipfile.ZipFile) -> set[str]:
    """The parts that are encrypted. Fonts often are, which does no harm."""
    if ENCRYPTION not in archive.namelist():
        return set()
    encryption = tree(archive.read(ENCRYPTION))
    return {unquote(one.get("URI") or "") for one in _all(encryption, "CipherReference")}


def _add(draft: Draft, archive: zipfile.ZipFile, chapter: str) -> None:
    if chapter in archive.namelist():
        add_html(draft, DECLARATION.sub("", decode(archive.read(chapter))))


def _metadata(package: Node, tag: str) -> str:
    return next((text for one in _all(package, tag) if (text := one_line(one.text or ""))), "")


def _dates(package: Node) -> Iterator[str]:
    """When the book was modified, else published."""
    for one in _all(package, "meta"):
        if one.get("property") == "dcterms:modified":
            yield one_line(one.text or "")
    yield _metadata(package, "date")


def _all(root: Node, tag: str) -> Iterator[Node]:
    """The elements called `tag` in whatever namespace."""
    return (one for one in root.iter() if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == tag)
