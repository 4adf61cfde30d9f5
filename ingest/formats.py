"""Which reader takes a file: by its content first and its name second."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from ingest.errors import CorruptFile, EmptyFile, EncryptedFile, UnsupportedFile
from ingest.readers.ocr import languages
from ingest.signatures import OLE, ZIP_MAGIC, is_text, ole_has, text_kind, what, zip_names

OFFICE = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: the module whose `read` takes it, its names, and how its content is known.

    `magic`: the bytes that the content begins with, at `offset`. A file in a ZIP archive is known by
    `part`, a member that no other format has, or by one of `media_types` in its member `mimetype`; an old
    Office file by `stream`, the name of a stream.
    """

    name: str
    reader: str
    suffixes: tuple[str, ...]
    media_types: tuple[str, ...]
    magic: tuple[bytes, ...] = ()
    offset: int = 0
    part: str = ""
    stream: str = ""

    @property
    def zipped(self) -> bool:
        """Whether it is a document in a ZIP archive."""
        return bool(self.part) or self.media_types[0].startswith(ODF)

    @property
    def binary(self) -> bool:
        """Whether its content names itself, so that a name alone promises nothing."""
        return bool(self.magic or self.stream) or self.zipped


CODE = (
    *(".py", ".pyi", ".js", ".mjs", ".jsx", ".ts", ".tsx", ".vue", ".java", ".kt", ".scala", ".groovy"),
    *(".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".go", ".rs", ".swift", ".rb", ".php", ".pl", ".lua", ".r"),
    *(".sh", ".bash", ".ps1", ".bat", ".sql", ".css", ".scss", ".proto", ".graphql", ".tf"),
    *(".yaml", ".yml", ".toml", ".ini", ".cfg", ".properties"),
)
MARKDOWN = Format("Markdown", "ingest.readers.markdown", (".md", ".markdown", ".mdx"), ("text/markdown",))
TEXT = Format("text", "ingest.readers.text", (".txt", ".text", ".log"), ("text/plain",))
HTML = Format(
    "HTML", "ingest.readers.html", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml")
)
PDF = Format("PDF", "ingest.readers.pdf", (".pdf",), ("application/pdf",), magic=(b"%PDF-",))
WORD = Format(
    "Word",
    "ingest.readers.docx",
    (".docx", ".docm", ".dotx", ".dotm"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    part="word/document.xml",
)
# Another format is one reader and one line here. Where content fits two, the first is taken.
FORMATS = (
    MARKDOWN,
    TEXT,
    HTML,
    PDF,
    WORD,
    Format(
        "PowerPoint",
        "ingest.readers.pptx",
        (".pptx", ".pptm", ".potx", ".potm", ".ppsx", ".ppsm"),
        (f"{OFFICE}presentationml.presentation",),
        part="ppt/presentation.xml",
    ),
    Format(
        "Excel",
        "ingest.readers.spreadsheet",
        (".xlsx", ".xlsm", ".xltx", ".xltm"),
        (f"{OFFICE}spreadsheetml.sheet",),
        part="xl/workbook.xml",
    ),
    Format(
        "binary Excel",
        "ingest.readers.spreadsheet",
        (".xlsb",),
        ("application/vnd.ms-excel.sheet.binary.macroenabled.12",),
        part="xl/workbook.bin",
    ),
    Format(
        "OpenDocument text",
        "ingest.readers.odf",
        (".odt", ".ott"),
        (f"{ODF}text", f"{ODF}text-template"),
    ),
    Format(
        "OpenDocument presentation",
        "ingest.readers.odf",
        (".odp", ".otp", ".odg"),
        (f"{ODF}presentation", f"{ODF}presentation-template", f"{ODF}graphics"),
    ),
    Format(
        "OpenDocument spreadsheet",
        "ingest.readers.spreadsheet",
        (".ods", ".ots"),
        (f"{ODF}spreadsheet", f"{ODF}spreadsheet-template"),
    ),
    Format("flat OpenDocument", "ingest.readers.odf", (".fodt", ".fodp"), ("text/x-opendocument",)),
    Format(
        "EPUB", "ingest.readers.epub", (".epub",), ("application/epub+zip",), part="META-INF/container.xml"
    ),
    Format("RTF", "ingest.readers.rtf", (".rtf",), ("application/rtf", "text/rtf"), magic=(b"{\\rtf",)),
    Format(
        "Outlook message",
        "ingest.readers.msg",
        (".msg",),
        ("application/vnd.ms-outlook",),
        stream="__properties_version1.0",
    ),
    Format("old Word", "ingest.readers.legacy", (".doc",), ("application/msword",), stream="WordDocument"),
    Format(
        "old PowerPoint",
        "ingest.readers.legacy",
        (".ppt", ".pps"),
        ("application/vnd.ms-powerpoint",),
        stream="PowerPoint Document",
    ),
    Format(
        "old Excel",
        "ingest.readers.spreadsheet",
        (".xls", ".xlt"),
        ("application/vnd.ms-excel",),
        stream="Workbook",
    ),
    Format("PNG", "ingest.readers.image", (".png",), ("image/png",), magic=(b"\x89PNG",)),
    Format("JPEG", "ingest.readers.image", (".jpg", ".jpeg"), ("image/jpeg",), magic=(b"\xff\xd8\xff",)),
    Format("TIFF", "ingest.readers.image", (".tif", ".tiff"), ("image/tiff",), magic=(b"II*\0", b"MM\0*")),
    Format("WebP", "ingest.readers.image", (".webp",), ("image/webp",), magic=(b"WEBP",), offset=8),
    Format(
        "CSV", "ingest.readers.delimited", (".csv", ".tsv", ".tab"), ("text/csv", "text/tab-separated-values")
    ),
    Format("JSON", "ingest.readers.json", (".json", ".jsonl", ".ndjson"), ("application/json",)),
    Format("XML", "ingest.readers.xml", (".xml", ".nxml", ".rss", ".atom"), ("application/xml", "text/xml")),
    Format("notebook", "ingest.readers.notebook", (".ipynb",), ("application/x-ipynb+json",)),
    Format("Box note", "ingest.readers.boxnote", (".boxnote",), ("application/vnd.box.boxnote",)),
    Format("reStructuredText", "ingest.readers.rst", (".rst", ".rest"), ("text/x-rst",)),
    Format("AsciiDoc", "ingest.readers.asciidoc", (".adoc", ".asciidoc"), ("text/asciidoc",)),
    Format("LaTeX", "ingest.readers.latex", (".tex", ".latex"), ("application/x-tex",)),
    Format("subtitles", "ingest.readers.subtitles", (".vtt", ".srt"), ("text/vtt", "application/x-subrip")),
    Format("source code", "ingest.readers.code", CODE, ("text/x-source",)),
    Format("e-mail", "ingest.readers.email", (".eml",), ("message/rfc822",)),
    Format("mbox", "ingest.readers.mbox", (".mbox",), ("application/mbox",)),
    Format("ZIP archive", "ingest.readers.zip", (".zip",), ("application/zip",), magic=ZIP_MAGIC),
    Format("tar archive", "ingest.readers.tar", (".tar",), ("application/x-tar",), (b"ustar",), offset=257),
    Format(
        "compressed file",
        "ingest.readers.compressed",
        (".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz"),
        ("application/gzip", "application/x-bzip2", "application/x-xz"),
        magic=(b"\x1f\x8b", b"BZh", b"\xfd7zXZ"),
    ),
)
BY_NAME = {kind.name: kind for kind in FORMATS}
BY_SUFFIX = {suffix: kind for kind in FORMATS for suffix in kind.suffixes}
# Names of text files that often hold another kind of text, and the kinds: in Markdown, braces mean little.
LOOSE = {None: frozenset(BY_NAME), TEXT: frozenset(BY_NAME), MARKDOWN: frozenset({HTML.name})}
ENCRYPTED_OFFICE = "EncryptedPackage"
PDF_WITHIN = 1024  # readers of PDF accept that much before the signature


def abilities() -> str:
    """What can be read here, in words: with others, what was passed over before is looked at again."""
    return " ".join((*BY_SUFFIX, languages()))


def detect(data: bytes, name: str) -> Format:
    """The format of a file. Content that names itself (PDF, Word, HTML) wins over the name.

    Raises:
        EmptyFile: there is nothing in it.
        UnsupportedFile: no reader takes such files.
        CorruptFile: the name promises a format that the content is not.
        EncryptedFile: an Office file under a password.
    """
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise EmptyFile("empty")
    suffix = PurePath(name).suffix.lower()
    named = BY_SUFFIX.get(suffix)
    # A known name, or none, may be wrong; an unknown one says that this is something else.
    if named or not suffix:
        if data.startswith(OLE) and ole_has(data, ENCRYPTED_OFFICE):
            raise EncryptedFile("the document needs a password", "save a copy without one")
        if found := next(_by_content(data, named), None):
            return found
    elif data.startswith(PDF.magic):
        return PDF
    if named is None:
        raise UnsupportedFile(_unsupported(data, suffix))
    _check_promise(data, named)
    return named


def _by_content(data: bytes, named: Format | None) -> Iterator[Format]:
    """The formats that the content names, best first; the named one if it is among them."""
    if data.startswith(ZIP_MAGIC):
        names, kind = zip_names(data)
        fitting = [one for one in FORMATS if one.part in names or kind in one.media_types]
    elif data.startswith(OLE):
        fitting = [one for one in FORMATS if one.stream and ole_has(data, one.stream)]
        fitting.sort(key=lambda one: one is not named)
    else:
        fitting = []
    yield from fitting
    magic = [one for one in FORMATS if one.magic and data.startswith(one.magic, one.offset)]
    if not (named and named.zipped):  # what is named as a document in a ZIP archive is no archive of files
        yield from magic
    if (named is None or named.binary) and PDF.magic[0] in data[:PDF_WITHIN]:
        yield PDF
    if named in LOOSE and is_text(data):
        kind = text_kind(data)
        yield BY_NAME[kind] if kind in LOOSE[named] else named or TEXT


def _unsupported(data: bytes, suffix: str) -> str:
    content = what(data)
    files = f"{suffix} files" if suffix else "files without a suffix"
    return f"no reader for {files}" + (f" (the content is {content})" if content else "")


def _check_promise(data: bytes, named: Format) -> None:
    """Compare what a known name promises with how the content begins."""
    if named.zipped and data.startswith(ZIP_MAGIC) and not zip_names(data)[0]:
        return  # cut off: its reader says so
    content = what(data)
    if content or named.binary:
        found = content or f"not {named.name}"
        raise CorruptFile(f"named as {named.name}, but the content is {found}", "give it its right name")
