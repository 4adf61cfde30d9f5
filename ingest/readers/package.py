"""The ZIP package that DOCX, PPTX, XLSX, ODF and EPUB files are: its limits, and its parts as trees."""

import io
import re
import zipfile
import zlib

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ingest.errors import FileTooLarge
from ingest.readers.tree import Node

MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 150  # real documents pack 5 to 30 to 1; a bomb packs 1000 to 1
SMALL = 16 * 1024 * 1024  # below this no ratio does harm
STRICT = b"http://purl.oclc.org/ooxml/"
STRICT_NAMESPACE = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)(/[\w/]+)")
TYPES = "[Content_Types].xml"
PROPERTIES = ("docProps/core.xml", "meta.xml")
# Templates and files with macros differ from documents in one word of this part. Macros are never run.
VARIANTS = (
    (
        re.compile(
            rb"application/vnd\.(ms-word\.(document|template)\.macroEnabled(Template)?"
            rb"|openxmlformats-officedocument\.wordprocessingml\.template)\.main\+xml"
        ),
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    ),
    (
        re.compile(
            rb"application/vnd\.(ms-powerpoint\.(presentation|template|slideshow)\.macroEnabled"
            rb"|openxmlformats-officedocument\.presentationml\.(template|slideshow))\.main\+xml"
        ),
        b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    ),
)
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    SyntaxError,
    EOFError,
    NotImplementedError,
)


def open_package(data: bytes) -> zipfile.ZipFile:
    """The package in `data`, once its directory promises no more than a document holds.

    The promise binds: what a part unpacks to beyond its promised size is never read.

    Raises:
        FileTooLarge: it unpacks to far more than its size.
        zipfile.BadZipFile: it is no ZIP file.
    """
    archive = zipfile.ZipFile(io.BytesIO(data))
    unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MAX_UNPACKED or (unpacked > SMALL and unpacked > MAX_RATIO * len(data)):
        raise FileTooLarge(f"unpacks to {unpacked >> 20} MiB", "it is no ordinary document")
    return archive


def usual(data: bytes) -> bytes:
    """The same Office file as most are: neither "Strict Open XML", nor a template, nor with macros.

    Raises:
        FileTooLarge: it unpacks to far more than its size.
        zipfile.BadZipFile: it is no ZIP file.
        KeyError: it lacks the parts that every Office file has.
    """
    with open_package(data) as archive:
        types = archive.read(TYPES)
        plain = _replaced(types)
        strict = STRICT in archive.read("_rels/.rels")
        if plain == types and not strict:
            return data
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as copy:
            for part in archive.infolist():
                content = plain if part.filename == TYPES else archive.read(part)
                if strict and part.filename.endswith((".xml", ".rels")):
                    content = STRICT_NAMESPACE.sub(rb"http://schemas.openxmlformats.org/\1/2006\2", content)
                copy.writestr(part, content)
    return target.getvalue()


def _replaced(types: bytes) -> bytes:
    for variant, plain in VARIANTS:
        types = variant.sub(plain, types)
    return types


def properties(archive: zipfile.ZipFile, tag: str) -> str:
    """What an Office or OpenDocument package says of itself under `tag` ("title", "modified"), or nothing."""
    for part in PROPERTIES:
        if part in archive.namelist():
            for one in tree(archive.read(part)).iter(f"{{*}}{tag}"):
                return one.text or ""
    return ""


def tree(content: bytes) -> Node:
    """The root of an XML part. No entity is expanded, nothing is fetched.

    Raises:
        SyntaxError: it is no well-formed XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    root: Node = etree.fromstring(content, parser=parser)
    return root
