import io

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingest.errors import CorruptFile, FileTooLarge, NoTextFound
from ingest.formats import detect
from ingest.readers.pptx import read
from tests.ingest.packages import BOMB, LAUGHS, XXE, repacked

BOX = (Inches(1), Inches(1), Inches(4), Inches(2))
SLIDE = "ppt/slides/slide1.xml"


def saved(presentation):
    target = io.BytesIO()
    presentation.save(target)
    return target.getvalue()


def deck(*titles):
    presentation = pptx.Presentation()
    for title in titles:
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"about {title}"
    return presentation


def text_of(presentation):
    return read(saved(presentation), "deck.pptx").text


def test_every_slide_is_a_page_and_its_title_a_heading():
    extract = read(saved(deck("Costs", "Plans")), "deck.pptx")
    assert extract.text == "Costs\n\nabout Costs\n\nPlans\n\nabout Plans"
    second = extract.text.index("Plans\n")
    assert [(mark.start, mark.page, mark.title) for mark in extract.marks] == [
        (0, 1, ""),
        (0, None, "Costs"),
        (second, 2, ""),
        (second, None, "Plans"),
    ]
    assert extract.title == "Costs"  # python-pptx's template is called "PowerPoint Presentation"


def test_properties_give_title_and_day():
    presentation = deck("Costs")
    presentation.core_properties.title = "Annual review"
    extract = read(saved(presentation), "deck.pptx")
    assert extract.title == "Annual review"
    assert extract.dated == "2013-01-27"


def test_rows_of_a_table_carry_their_headers_and_merged_cells_are_repeated():
    presentation = deck("Prices")
    table = presentation.slides[0].shapes.add_table(3, 3, *BOX).table
    for row, words in enumerate(
        (("Plan", "Price", "Note"), ("Basic", "10 EUR", ""), ("Pro", "25 EUR", "new"))
    ):
        for column, word in enumerate(words):
            table.cell(row, column).text = word
    table.cell(1, 1).merge(table.cell(1, 2))
    assert text_of(presentation).endswith(
        "Plan: Basic | Price: 10 EUR | Note: 10 EUR\nPlan: Pro | Price: 25 EUR | Note: new"
    )


def test_a_chart_is_a_table_of_its_numbers():
    presentation = deck("Ducks")
    chart = CategoryChartData()
    chart.categories = ["2019", "2020"]
    chart.add_series("wild", (120, 0.1 + 0.2))
    presentation.slides[0].shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *BOX, chart)
    assert text_of(presentation).endswith("2019 | wild: 120\n2020 | wild: 0.3")


def test_speaker_notes_say_that_they_are():
    presentation = deck("Costs")
    presentation.slides[0].notes_slide.notes_text_frame.text = "Say it slowly."
    assert text_of(presentation).endswith("\n\nNotes: Say it slowly.")


def test_groups_are_read_and_footers_are_not():
    presentation = deck("Costs")
    shapes = presentation.slides[0].shapes
    shapes.add_group_shape().shapes.add_textbox(*BOX).text_frame.text = "in a group"
    footer = {SLIDE: lambda xml: xml.replace(b'<p:ph idx="1"/>', b'<p:ph type="ftr"/>')}
    assert read(repacked(saved(presentation), footer), "deck.pptx").text == "Costs\n\nin a group"


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ("", "word"),
        ('<a:pPr><a:buChar char="x"/></a:pPr>', "- word"),
        ('<a:pPr lvl="1"><a:buAutoNum type="arabicPeriod"/></a:pPr>', "  1. word"),
        ('<a:pPr lvl="1"/>', "  - word"),
        ('<a:pPr lvl="1"><a:buNone/></a:pPr>', "word"),
    ],
)
def test_list_items_show_their_bullets_and_numbers(properties, text):
    presentation = deck("List")
    paragraph = f"<a:p>{properties}<a:r><a:t>word</a:t></a:r></a:p>".encode()
    old = b"<a:p><a:r><a:t>about List</a:t></a:r></a:p>"
    data = repacked(saved(presentation), {SLIDE: lambda xml: xml.replace(old, paragraph)})
    assert read(data, "deck.pptx").text.rpartition("\n")[2] == text


@pytest.mark.parametrize(
    "kind",
    [
        b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
        b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
        b"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
        b"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
    ],
)
def test_templates_shows_and_files_with_macros_are_read_like_presentations(kind):
    plain = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    data = repacked(saved(deck("Costs")), {"[Content_Types].xml": lambda xml: xml.replace(plain, kind)})
    assert read(data, "deck.potx").text.startswith("Costs")
    assert detect(data, "deck.pptm").name == "PowerPoint"


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (saved(deck("Costs"))[:2000], CorruptFile, "not a readable presentation"),
        (repacked(saved(deck("Costs")), {SLIDE: b"<p:sld"}), CorruptFile, "not a readable presentation"),
        (repacked(saved(deck("Costs")), {SLIDE: BOMB}), FileTooLarge, "unpacks to"),
        (saved(pptx.Presentation()), NoTextFound, "no text"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(data, error, words):
    with pytest.raises(error, match=words):
        read(data, "deck.pptx")


def hostile(declaration, entity):
    def change(xml):
        body = xml.decode().partition("?>")[2].replace("about Costs", f"before &{entity}; after")
        return (declaration + body).encode()

    return repacked(saved(deck("Costs")), {SLIDE: change})


def test_an_external_entity_is_not_read():
    assert read(hostile(XXE, "e"), "deck.pptx").text == "Costs\n\nbefore"


def test_entities_that_multiply_are_a_clear_error():
    with pytest.raises(CorruptFile, match="not a readable presentation"):
        read(hostile(LAUGHS, "i"), "deck.pptx")


def test_a_chart_outside_the_file_is_not_fetched():
    presentation = deck("Ducks")
    chart = CategoryChartData()
    chart.categories = ["a"]
    chart.add_series("wild", (120,))
    presentation.slides[0].shapes.add_chart(XL_CHART_TYPE.PIE, *BOX, chart)
    relations = "ppt/slides/_rels/slide1.xml.rels"

    def outside(xml):
        return xml.replace(b'Target="../charts/', b'TargetMode="External" Target="http://192.0.2.1/')

    assert (
        read(repacked(saved(presentation), {relations: outside}), "deck.pptx").text == "Ducks\n\nabout Ducks"
    )
