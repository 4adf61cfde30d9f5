import pytest

from ingest.errors import CorruptFile, EncryptedFile, FileTooLarge, NoTextFound
from ingest.formats import detect
from ingest.readers.odf import read
from ingest.readers.odf_text import NAMESPACES
from tests.ingest.packages import BOMB, LAUGHS, XXE, zipped

SPACES = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())
STYLES = """
<style:style style:name="P1" style:parent-style-name="Title"/>
<style:style style:name="P2" style:parent-style-name="Heading_20_2"/>
<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>
<text:list-style style:name="L1">
<text:list-level-style-number text:level="1" style:num-format="1"/>
</text:list-style>
"""


def root(body):
    return (
        f"<office:document-content {SPACES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body>{body}</office:body></office:document-content>"
    )


def package(content, kind="text", **parts):
    named = {"content.xml": content, **{name.replace("_", "."): part for name, part in parts.items()}}
    return zipped(named, f"application/vnd.oasis.opendocument.{kind}")


def text(body):
    return package(root(f"<office:text>{body}</office:text>"))


def slides(body):
    return package(root(f"<office:presentation>{body}</office:presentation>"), "presentation")


def item(words, inner=""):
    below = f"<text:list>{inner}</text:list>" if inner else ""
    return f"<text:list-item><text:p>{words}</text:p>{below}</text:list-item>"


def cell(words, attributes=""):
    return f"<table:table-cell {attributes}><text:p>{words}</text:p></table:table-cell>"


def row(*cells):
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<text:p>two<text:s text:c='2'/>words<text:line-break/>more</text:p>", "two words\nmore"),
        ("<text:p>a<text:span text:style-name='T1'>hidden</text:span>b</text:p>", "ab"),
        ("<text:p text:style-name='T1'>hidden</text:p><text:p>shown</text:p>", "shown"),
        (
            "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:p>kept</text:p>",
            "kept",
        ),
        ("<text:p>said<office:annotation><text:p>remark</text:p></office:annotation>.</text:p>", "said."),
        (
            "<text:p>see<text:note><text:note-body><text:p>below</text:p></text:note-body></text:note></text:p>",
            "see\n\nbelow",
        ),
        ("<text:table-of-content><text:p>Contents</text:p></text:table-of-content><text:p>x</text:p>", "x"),
        ("<text:section><text:p>inside</text:p></text:section>", "inside"),
        (
            "<text:p>by<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame></text:p>",
            "by\n\nbox",
        ),
        (
            "<text:list text:style-name='L1'>"
            + item("one", inner=item("dot"))
            + item("two")
            + "</text:list>",
            "1. one\n  - dot\n2. two",
        ),
    ],
)
def test_the_text_is_what_people_see(body, expected):
    assert read(text(body), "file.odt").text == expected


def test_titles_and_headings_are_marks_with_levels():
    body = (
        "<text:p text:style-name='P1'>Guide</text:p><text:h text:outline-level='1'>Costs</text:h>"
        "<text:p text:style-name='P2'>Plans</text:p><text:p>words</text:p>"
    )
    extract = read(text(body), "file.odt")
    assert [(mark.level, mark.title) for mark in extract.marks] == [(1, "Guide"), (2, "Costs"), (3, "Plans")]
    assert all(extract.text[mark.start :].startswith(mark.title) for mark in extract.marks)
    assert extract.title == "Guide"


def test_properties_give_title_and_day():
    meta = (
        f"<office:document-meta {SPACES}><office:meta>"
        "<dc:title>Handbook</dc:title><dc:date>2024-05-17T08:00:00</dc:date>"
        "<meta:creation-date>2020-01-01T00:00:00</meta:creation-date></office:meta></office:document-meta>"
    )
    extract = read(package(root("<office:text><text:p>x</text:p></office:text>"), meta_xml=meta), "file.odt")
    assert (extract.title, extract.dated) == ("Handbook", "2024-05-17")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            f"<table:table-header-rows>{row(cell('1'), cell('2'))}</table:table-header-rows>"
            + row(cell("a"), cell("b")),
            "1: a | 2: b",
        ),
        (
            row(cell("Plan"), cell("Price"), cell("Users")) + row(cell("Pro"), cell("5"), cell("9")),
            "Plan: Pro | Price: 5 | Users: 9",
        ),
        (
            row(cell("1"), cell("2", 'table:number-columns-spanned="2"'), "<table:covered-table-cell/>"),
            "1 | 2 | 2",
        ),
        (
            row(cell("1", 'table:number-rows-spanned="2"'), cell("2"))
            + row("<table:covered-table-cell/>", cell("3")),
            "1 | 2\n1 | 3",
        ),
        (row(cell("1", 'table:number-columns-repeated="2"'), cell("2")), "1 | 1 | 2"),
        (row(cell("a frame")), "a frame"),
    ],
)
def test_rows_of_tables_can_be_read_alone(table, expected):
    assert read(text(f"<table:table>{table}</table:table>"), "file.odt").text == expected


def test_a_cell_repeated_a_million_times_is_no_million_cells():
    table = row(cell("x", 'table:number-columns-repeated="1000000"'), cell("y"))
    assert len(read(text(f"<table:table>{table}</table:table>"), "file.odt").text) < 1000


def test_every_slide_is_a_page_with_title_and_notes_and_without_footers():
    def frame(kind, words):
        return (
            f'<draw:frame presentation:class="{kind}"><draw:text-box><text:p>{words}</text:p></draw:text-box>'
            "</draw:frame>"
        )

    body = "".join(
        f"<draw:page>{frame('title', title)}{frame('outline', 'about ' + title)}{frame('footer', 'ACME')}"
        f"<presentation:notes>{frame('notes', 'say ' + title)}</presentation:notes></draw:page>"
        for title in ("Costs", "Plans")
    )
    extract = read(slides(body), "deck.odp")
    assert extract.text == (
        "Costs\n\nabout Costs\n\nNotes: say Costs\n\nPlans\n\nabout Plans\n\nNotes: say Plans"
    )
    second = extract.text.index("Plans\n")
    assert [(mark.start, mark.page) for mark in extract.marks if mark.page] == [(0, 1), (second, 2)]


def test_flat_files_are_read_as_zipped_ones():
    flat = root("<office:text><text:p>words</text:p></office:text>")
    assert read(flat.encode(), "file.fodt").text == "words"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (text("<text:p>x</text:p>"), "file.odt", "OpenDocument text"),
        (text("<text:p>x</text:p>"), "file.docx", "OpenDocument text"),
        (slides("<draw:page/>"), "file.odp", "OpenDocument presentation"),
        (package(root(""), "text-template"), "file.ott", "OpenDocument text"),
    ],
)
def test_the_kind_is_known_by_its_content(data, name, kind):
    assert detect(data, name).name == kind


ENCRYPTED = (
    f'<manifest:manifest {SPACES}><manifest:file-entry manifest:full-path="content.xml">'
    "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
)


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (text("<text:p>x</text:p>")[:300], CorruptFile, "not a readable OpenDocument"),
        (package("<office:document-content"), CorruptFile, "not a readable OpenDocument"),
        (package(f"<office:document-content {SPACES}/>"), CorruptFile, "not a readable OpenDocument"),
        (zipped({"other.xml": ""}), CorruptFile, "not a readable OpenDocument"),
        (package(LAUGHS + "<x>&i;</x>"), CorruptFile, "not a readable OpenDocument"),
        (zipped({"content.xml": b"\0", "META-INF/manifest.xml": ENCRYPTED}), EncryptedFile, "password"),
        (package(BOMB), FileTooLarge, "unpacks to"),
        (text("<text:p/>"), NoTextFound, "no text"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(data, error, words):
    with pytest.raises(error, match=words):
        read(data, "file.odt")


def test_an_external_entity_is_not_read():
    content = XXE + root("<office:text><text:p>before &e; after</text:p></office:text>")
    assert read(package(content), "file.odt").text == "before  after"


def test_deep_nesting_ends_in_a_clear_error():
    depth = 300
    body = "<text:section>" * depth + "<text:p>x</text:p>" + "</text:section>" * depth
    with pytest.raises(CorruptFile):
        read(text(body), "file.odt")
