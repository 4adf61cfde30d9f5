from datetime import datetime

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn

from ingest.errors import CorruptFile, FileTooLarge, NoTextFound
from ingest.readers.docx import read
from tests.ingest import samples
from tests.ingest.packages import repacked

MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def extract_of(document):
    return read(samples.saved(document), "file.docx")


def test_headings_are_marks_on_their_words():
    extract = read(samples.word(), "policy.docx")
    headings = [(mark.level, extract.text[mark.start :].split("\n")[0]) for mark in extract.marks]
    assert headings == [(1, samples.TITLE), (2, samples.SECTION), (2, "Prices")]
    assert extract.title == samples.TITLE


def test_tables_stand_in_document_order_with_header_and_cell_together():
    document = docx.Document()
    document.add_paragraph("before")
    table = document.add_table(rows=3, cols=2)
    for row, cells in enumerate((("Plan", "Price"), ("Basic", "10 EUR"), ("Pro", "25 EUR"))):
        for column, cell in enumerate(cells):
            table.cell(row, column).text = cell
    document.add_paragraph("after")
    text = extract_of(document).text
    assert text == "before\n\nPlan: Basic | Price: 10 EUR\nPlan: Pro | Price: 25 EUR\n\nafter"


def test_a_bold_first_row_is_the_header():
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    for column, word in enumerate(("Role", "Person")):
        table.cell(0, column).paragraphs[0].add_run(word).bold = True
        table.cell(1, column).text = f"a {word}"
    assert extract_of(document).text == "Role: a Role | Person: a Person"


def test_merged_cells_are_repeated():
    document = docx.Document()
    table = document.add_table(rows=3, cols=3)
    for column, word in enumerate(("Day", "From", "To")):
        table.cell(0, column).text = word
    table.cell(1, 0).merge(table.cell(2, 0)).text = "Monday"
    table.cell(1, 1).merge(table.cell(1, 2)).text = "closed"
    table.cell(2, 1).text = "late"
    assert extract_of(document).text == "Day: Monday | From: closed | To: closed\nDay: Monday | From: late"


def test_a_table_of_one_column_is_a_frame_around_text():
    document = docx.Document()
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "one"
    cell.add_paragraph("two")
    assert extract_of(document).text == "one\n\ntwo"


def test_lists_have_bullets_and_numbers():
    document = docx.Document()
    for style, words in (("List Bullet", "dot"), ("List Number", "first"), ("List Number", "second")):
        document.add_paragraph(words, style)
    assert extract_of(document).text == "- dot\n1. first\n2. second"


def test_the_documents_own_title_is_taken():
    document = docx.Document()
    document.core_properties.title = "Own title"
    document.add_heading("Heading", 1)
    assert extract_of(document).title == "Own title"


def test_below_a_title_headings_are_one_level_deeper():
    document = docx.Document()
    document.add_heading("The title", 0)
    document.add_heading("A heading", 1)
    assert [mark.level for mark in extract_of(document).marks] == [1, 2]


def test_hidden_and_deleted_text_is_dropped_and_inserted_text_is_kept():
    document = docx.Document()
    paragraph = document.add_paragraph("seen")
    paragraph.add_run(" hidden").font.hidden = True
    for tag, words in (("w:ins", " inserted"), ("w:del", " deleted")):
        change = OxmlElement(tag)
        change.append(paragraph.add_run(words)._r)  # noqa: SLF001  # python-docx has no tracked changes
        paragraph._p.append(change)  # noqa: SLF001  # as above
    assert extract_of(document).text == "seen inserted"


def test_text_boxes_are_read_once():
    document = docx.Document()
    paragraph = document.add_paragraph("around")
    box = OxmlElement("w:txbxContent")
    box.append(docx.Document().add_paragraph("boxed")._p)  # noqa: SLF001  # python-docx has no text boxes
    holder = OxmlElement("w:pict")
    holder.append(box)
    paragraph.add_run()._r.append(holder)  # noqa: SLF001  # as above
    assert extract_of(document).text == "around\n\nboxed"


def test_strict_open_xml_is_read():
    def strict(content):
        usual = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        return content.replace(usual, b"http://purl.oclc.org/ooxml/officeDocument/relationships")

    names = ("_rels/.rels", "word/_rels/document.xml.rels", "word/document.xml")
    extract = read(repacked(samples.word(), dict.fromkeys(names, strict)), "strict.docx")
    assert extract.title == samples.TITLE


def test_external_entities_are_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")

    def attack(content):
        head = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
        content = content.replace(b"Who it is for.", b"Who &e; it is for.")
        return content.replace(b"<w:document ", head + b"<w:document ", 1)

    attacked = repacked(samples.word(), {"word/document.xml": attack})
    assert "the secret" not in read(attacked, "file.docx").text


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (samples.word()[: len(samples.word()) // 2], CorruptFile, "not a readable Word document"),
        (samples.word()[:-30], CorruptFile, "not a readable Word document"),
        (b"words", CorruptFile, "not a readable Word document"),
        (samples.saved(docx.Document()), NoTextFound, "no text"),
        (
            repacked(samples.word(), {"word/document.xml": lambda xml: xml[:500]}),
            CorruptFile,
            "not a readable",
        ),
        (repacked(samples.word(), {"word/document.xml": lambda _: b" " * 2**26}), FileTooLarge, "unpacks to"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(data, error, words):
    with pytest.raises(error, match=words):
        read(data, "file.docx")


def test_styles_based_on_each_other_in_a_ring_do_no_harm():
    document = docx.Document()
    ring = [document.styles.add_style(name, 1) for name in ("Ring A", "Ring B")]
    ring[0].base_style, ring[1].base_style = ring[1], ring[0]
    document.add_paragraph("words", "Ring A")
    assert extract_of(document).text == "words"


def test_numbers_of_deeper_items_start_again():
    document = docx.Document()
    for depth in (0, 1, 1, 0, 1):
        paragraph = document.add_paragraph("item", "List Number")
        number = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # noqa: SLF001  # python-docx has no list depths
        style = document.styles["List Number"].element
        number.get_or_add_numId().val = int(style.find(f".//{qn('w:numId')}").get(qn("w:val")))
        number.get_or_add_ilvl().val = depth
    lines = [line.strip() for line in extract_of(document).text.split("\n")]
    assert lines[0].startswith("1. ")
    assert lines[3].startswith("2. ")


@pytest.mark.parametrize(
    "kind",
    [
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
        b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    ],
)
def test_templates_and_files_with_macros_are_read_like_documents(kind):
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    data = repacked(samples.word(), {"[Content_Types].xml": lambda xml: xml.replace(plain, kind)})
    assert read(data, "file.docm").title == samples.TITLE


def test_the_day_is_the_last_change():
    document = docx.Document()
    document.add_paragraph("words")
    document.core_properties.modified = datetime(2024, 5, 17)  # noqa: DTZ001  # as python-docx takes it
    assert extract_of(document).dated == "2024-05-17"


@pytest.mark.parametrize(
    ("math", "text"),
    [
        ("<m:sSup><m:e>{a}</m:e><m:sup>{b}</m:sup></m:sSup>", "a^b"),
        ("<m:sSub><m:e>{a}</m:e><m:sub>{b}</m:sub></m:sSub>", "a_b"),
        ("<m:sSubSup><m:e>{a}</m:e><m:sub>{b}</m:sub><m:sup>{c}</m:sup></m:sSubSup>", "a_b^c"),
        ("<m:f><m:num>{a}</m:num><m:den>{b}{c}</m:den></m:f>", "a/(bc)"),
        ("<m:rad><m:deg/><m:e>{a}{b}</m:e></m:rad>", "√(ab)"),
        (
            "<m:sSup><m:e><m:f><m:num>{a}</m:num><m:den>{b}</m:den></m:f></m:e><m:sup>{c}</m:sup></m:sSup>",
            "(a/b)^c",
        ),
        ("<m:nary><m:sub>{a}</m:sub><m:sup>{b}</m:sup><m:e>{c}</m:e></m:nary>", "∫_a^b c"),
        ('<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:e>{c}</m:e></m:nary>', "∑ c"),
        ("<m:d><m:e>{a}{b}</m:e></m:d>", "(ab)"),
    ],
)
def test_formulas_are_lines_that_can_be_read(math, text):
    letters = {letter: f"<m:r><m:t>{letter}</m:t></m:r>" for letter in "abc"}
    formula = f'<m:oMath xmlns:m="{MATH}">{math.format(**letters)}</m:oMath>'
    document = docx.Document()
    document.add_paragraph("so ")
    document.element.body[0].append(parse_xml(formula))
    assert extract_of(document).text == f"so {text}"
