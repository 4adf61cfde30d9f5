import pytest

from ingest.errors import CorruptFile, EncryptedFile, FileTooLarge, NoTextFound
from ingest.formats import detect
from ingest.readers.epub import read
from tests.ingest.packages import BOMB, LAUGHS, XXE, zipped

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
METADATA = (
    "<dc:title>The book</dc:title><dc:date>2001-02-03</dc:date>"
    '<meta property="dcterms:modified">2024-05-17T00:00:00Z</meta>'
)


def book(chapters, spine=None, metadata=METADATA, parts=None):
    """A book of `chapters` (name to HTML), read in the order of `spine`."""
    items = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml" properties="{kind}"/>'
        for name, kind in ((name, "nav" if name == "toc" else "") for name in chapters)
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine or chapters)
    package = (
        '<package xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    pages = {f"OPS/{name}.xhtml": page for name, page in chapters.items()}
    return zipped(
        {"META-INF/container.xml": CONTAINER, "OPS/book.opf": package, **pages, **(parts or {})},
        "application/epub+zip",
    )


def page(title, words):
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head>'
        f"<title>x</title></head><body><h1>{title}</h1><p>{words}</p></body></html>"
    )


def test_chapters_are_read_along_the_spine_without_the_table_of_contents():
    chapters = {"toc": page("Contents", "One"), "b": page("Two", "second"), "a": page("One", "first é")}
    extract = read(book(chapters, ["toc", "a", "b"]), "book.epub")
    assert extract.text == "One\n\nfirst é\n\nTwo\n\nsecond"
    assert [(mark.start, mark.title) for mark in extract.marks] == [
        (0, "One"),
        (extract.text.index("Two"), "Two"),
    ]


@pytest.mark.parametrize(
    ("metadata", "title", "dated"),
    [(METADATA, "The book", "2024-05-17"), ("<dc:date>2001</dc:date>", "One", None), ("", "One", None)],
)
def test_title_and_day_come_from_the_metadata(metadata, title, dated):
    extract = read(book({"a": page("One", "first")}, metadata=metadata), "book.epub")
    assert (extract.title, extract.dated) == (title, dated)


def test_a_book_is_known_by_its_content():
    assert detect(book({"a": page("One", "first")}), "book.docx").name == "EPUB"


def encryption(part):
    reference = f'<CipherReference URI="{part}"/>'
    return {"META-INF/encryption.xml": f"<encryption><CipherData>{reference}</CipherData></encryption>"}


def test_hidden_fonts_do_no_harm():
    assert read(book({"a": page("One", "first")}, parts=encryption("OPS/font.otf")), "book.epub").text


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (book({"a": page("One", "first")})[:400], CorruptFile, "not a readable EPUB"),
        (zipped({"other": ""}), CorruptFile, "not a readable EPUB"),
        (zipped({"META-INF/container.xml": "<container/>"}), CorruptFile, "not a readable EPUB"),
        (zipped({"META-INF/container.xml": LAUGHS + "<x>&i;</x>"}), CorruptFile, "not a readable EPUB"),
        (book({"a": page("One", "first")}, parts=encryption("OPS/a.xhtml")), EncryptedFile, "protection"),
        (book({"a": BOMB}), FileTooLarge, "unpacks to"),
        (book({"a": "<html/>"}), NoTextFound, "no text"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(data, error, words):
    with pytest.raises(error, match=words):
        read(data, "book.epub")


def test_chapters_fetch_nothing_and_expand_no_entity():
    hostile = XXE + page("One", 'before &e; after<iframe src="http://192.0.2.1/"></iframe>')
    text = read(book({"a": hostile}), "book.epub").text
    assert "before" in text
    assert "after" in text
    assert len(text) < 40
