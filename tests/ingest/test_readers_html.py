import pytest

from ingest.errors import CorruptFile
from ingest.readers.html import read
from tests.ingest import samples


def text_of(markup):
    return read(markup.encode(), "page.html").text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>a  <b>bold</b>\n word</p>", "a bold word"),
        ("<ul><li>one</li><li>two<ul><li>deep</li></ul></li></ul>", "- one\n- two\n  - deep"),
        ("<ol start=3><li>one</li><li>two</li></ol>", "3. one\n4. two"),
        ("<dl><dt>Term</dt><dd>meaning</dd></dl>", "Term\nmeaning"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<p>one<br>two</p>", "one\ntwo"),
        ("<details><summary>More</summary>inside</details>", "More\n\ninside"),
        ("<a href='https://example.com'>words</a>", "words"),
        ("loose words <div>boxed</div> after", "loose words\n\nboxed\n\nafter"),
        ("<p>&lt;tag&gt; &amp; &nbsp;more</p>", "<tag> & more"),
        ("", ""),
        ("<!-- only a comment -->", ""),
    ],
)
def test_structure_becomes_readable_text(markup, text):
    assert text_of(markup) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>evil()</script>",
        "<style>p { color: red }</style>",
        "<!-- evil -->",
        "<nav>evil</nav>",
        "<div role=navigation>evil</div>",
        "<footer>evil</footer>",
        "<template>evil</template>",
        "<noscript>evil</noscript>",
        "<p hidden>evil</p>",
        "<p style='display:none'>evil</p>",
        "<p style='color: red; DISPLAY : none !important'>evil</p>",
        "<div style='visibility: hidden'><p>evil</p></div>",
        "<span style='font-size:0'>evil</span>",
        "<span style='font-size: 1px;'>evil</span>",
        "<span style='opacity: 0'>evil</span>",
        "<span style='position:absolute;left:-9999px'>evil</span>",
        "<style>.ghost { display: none }</style><p class='note ghost'>evil</p>",
        "<style>a, #ghost {font-size:0}</style><p id=ghost>evil</p>",
        "<iframe src='https://example.com'>evil</iframe>",
        "<select><option>evil</option></select>",
        "<textarea>evil</textarea>",
    ],
)
def test_what_a_person_does_not_see_is_dropped_and_what_follows_is_kept(hidden):
    assert text_of(f"<p>before</p>{hidden}<p>after</p>") == "before\n\nafter"


@pytest.mark.parametrize(
    "shown",
    [
        "<p style='font-size:10px'>words</p>",
        "<p style='opacity: 0.9'>words</p>",
        "<p style='line-height: 0'>words</p>",
        "<p style='display: block'>words</p>",
        "<article><footer>words</footer></article>",
        "<style>.other { display: none }</style><p class=this>words</p>",
        "<p class=reference>words</p>",
        "<header>words</header>",
    ],
)
def test_near_misses_of_hiding_are_kept(shown):
    assert text_of(shown) == "words"


TABLE = "<table>{}</table>"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("<tr><th>Plan<th>Price<tr><td>Basic<td>10 EUR", "Plan: Basic | Price: 10 EUR"),
        ("<thead><tr><td>Plan<td>Price<tbody><tr><td>Basic<td>10", "Plan: Basic | Price: 10"),
        ("<tr><td>Plan<td>Price<tr><td>Basic<td>10<tr><td>Pro<td>20",
         "Plan: Basic | Price: 10\nPlan: Pro | Price: 20"),
        ("<tr><td>Phone<td>123<tr><td>City<td>Bonn", "Phone | 123\nCity | Bonn"),
        ("<tr><th>Phone<td>123<tr><th>City:<td>Bonn", "Phone: 123\nCity: Bonn"),
        ("<tr><th rowspan=2>Day<th colspan=2>Hours<tr><th>From<th>To<tr><td>Mon<td>9<td>17",
         "Day: Mon | Hours From: 9 | Hours To: 17"),
        ("<tr><th>Day<th>Shift<tr><td rowspan=2>Mon<td>early<tr><td>late",
         "Day: Mon | Shift: early\nDay: Mon | Shift: late"),
        ("<tr><th>A<th>B<tr><td><p>one</p><p>two</p><td>x", "A: one; two | B: x"),
        ("<tr><th>A<th>B<tr><td>1", "A: 1"),
        ("<tr><td>1<td>2<td>3<tr><td>4<td>5<td>6", "1 | 2 | 3\n4 | 5 | 6"),
        ("<caption>Prices</caption><tr><th>A<th>B<tr><td>1<td>2", "Prices\n\nA: 1 | B: 2"),
        ("<tr><td colspan=99999999>wide<td>x", None),
        ("<tr><th>A<th>B", "A | B"),
    ],
)  # fmt: skip
def test_table_rows_carry_their_headers(rows, text):
    found = text_of(TABLE.format(rows))
    assert found == text if text else found.startswith("wide")


def test_a_table_that_only_arranges_the_page_is_read_as_text():
    assert (
        text_of("<table><tr><td><h1>Title</h1><p>one</p><td><table><tr><td>two</table></table>")
        == "Title\n\none\n\ntwo"
    )


def test_headings_are_marks_and_the_title_is_the_pages():
    extract = read(samples.html(), "policy.html")
    assert [(mark.level, mark.title) for mark in extract.marks] == [
        (1, "Leave policy"),
        (2, "Parental leave"),
        (2, "Prices"),
    ]
    assert extract.title == samples.TITLE
    assert "Home" not in extract.text


@pytest.mark.parametrize(
    "page",
    [
        b'<meta charset="cp1250"><p>\xa3\xf3d\x9f</p>',
        b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1250"><p>\xa3\xf3d\x9f</p>',
        b'<?xml version="1.0" encoding="utf-8"?><html><body><p>\xc5\x81\xc3\xb3d\xc5\xba</p></body></html>',
    ],
)
def test_the_declared_encoding_counts(page):
    assert read(page, "page.html").text == "Łódź"


def test_control_characters_do_no_harm():
    assert text_of("<p>a<!-- x -->&#1;b\x02<nav>c</nav>&#xFFFE;d</p>").startswith("a")


def test_external_entities_are_not_fetched(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><html><body><p>&x; words</p></body></html>'
    assert "the secret" not in text_of(page)
    assert "words" in text_of(page)


def test_deep_nesting_is_read_and_absurd_nesting_is_a_clear_error():
    assert text_of("<div>" * 500 + "deep") == "deep"
    with pytest.raises(CorruptFile, match="nested too deeply"):
        text_of("<div>" * 100_000 + "deep")


@pytest.mark.parametrize(
    ("head", "dated"),
    [
        ('<meta property="article:published_time" content="2026-03-02T09:00:00Z">', "2026-03-02"),
        ("<META content='2026-03-02' name='Date'>", "2026-03-02"),
        (
            '<meta name="date" content="2020-01-01"><meta itemprop="dateModified" content="2026-03-02">',
            "2026-03-02",
        ),
        ('<meta name="date" content="some day">', None),
        ('<meta name="author" content="2026-03-02">', None),
        ("<p>2026-03-02</p>", None),
    ],
)
def test_a_page_is_of_the_day_that_its_head_says(head, dated):
    assert read(f"<html><head>{head}</head><body><p>words".encode(), "x.html").dated == dated
