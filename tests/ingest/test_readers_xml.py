import pytest

from ingest.errors import CorruptFile
from ingest.readers.xml import read


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One <b>bold</b> word.</p><p>Two</p>", "One bold word.\n\nTwo"),
        ("<item><plan>Basic</plan><price>10</price></item>", "plan: Basic\nprice: 10"),
        ("<item><plan/><price>10</price></item>", "price: 10"),
        ("<s><title>Head</title><p>x</p></s>", "Head\n\nx"),
        ("<year>2026</year>", "year: 2026"),
        ("<t><row><c>Plan</c><c>Price</c></row></t>", "c: Plan\nc: Price"),
        (
            "<table><row><c>Plan</c><c>Price</c></row><row><c>Basic</c><c>10</c></row>"  # noqa: ISC004  # one table
            "<row><c>Pro</c><c>20</c></row></table>",
            "Plan: Basic | Price: 10\nPlan: Pro | Price: 20",
        ),
        ("<x>&lt;p&gt;Feeds hold&lt;br&gt;HTML&lt;/p&gt;</x>", "Feeds hold\nHTML"),
        ("<!-- unseen --><?php unseen ?><p>seen</p>", "seen"),
        ("<p>caf&eacute; &unknown;!</p>", "café !"),
        ("<p><![CDATA[a < b]]></p>", "a < b"),
    ],
)
def test_elements_become_text_in_order(body, text):
    assert read(f"<doc><x/>{body}</doc>".encode(), "x.xml").text == text


def test_titles_are_headings_as_deep_as_they_lie():
    data = b"<a><title>One</title><s><title>Two</title><p>x</p><s><title>Three</title></s></s></a>"
    extract = read(data, "x.xml")
    assert extract.title == "One"
    assert [(mark.level, mark.title) for mark in extract.marks] == [(1, "One"), (2, "Two"), (3, "Three")]
    assert all(extract.text[mark.start :].startswith(mark.title) for mark in extract.marks)


def test_encodings_that_it_declares_are_followed():
    assert read("<?xml version='1.0' encoding='iso-8859-1'?><p>é</p>".encode("latin-1"), "x").text == "é"


@pytest.mark.parametrize("data", [b"<a><b></a>", b"<a>words", b"no markup", b"<a/><b/>", b"<" + b"a" * 10])
def test_what_is_no_xml_is_a_clear_error(data):
    with pytest.raises(CorruptFile, match="not well-formed, or cut off"):
        read(data, "x.xml")
