import pytest

from ingest.readers import html
from ingest.readers.pdf_line import Line
from ingest.readers.running_heads import without_running

LINKS = "".join(f'<li><a href="#{name}">Chapter {name}</a></li>' for name in ("one", "two", "three", "four"))
CONTENT = "<article><h1>Leave</h1><p>Ask four weeks before.</p></article>"


def read(body):
    return html.read(f"<html><body>{body}</body></html>".encode(), "page.html").text


@pytest.mark.parametrize(
    "around",
    [
        f"<aside><ul>{LINKS}</ul></aside>",
        f'<div class="sidebar"><ul>{LINKS}</ul></div>',
        f'<div role="complementary"><h2>More</h2><ul>{LINKS}</ul></div>',
        f"<header><ul>{LINKS}</ul></header>",
        '<ol class="breadcrumb"><li><a href="/">Home</a></li><li>Leave</li></ol>',
        '<div id="cookie-banner"><p>We use cookies.</p><button>Accept</button></div>',
        '<div class="CookieConsent"><p>Choose.</p><input type="checkbox"></div>',
        '<div role="dialog"><p>Subscribe to our letter!</p></div>',
    ],
)
def test_what_stands_around_the_content_is_dropped(around):
    assert read(around + CONTENT) == "Leave\n\nAsk four weeks before."


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (f"<article><ul>{LINKS}</ul></article>", "Chapter two"),
        (f"<h1>Index</h1><ul>{LINKS}</ul>", "Chapter two"),
        (f"<aside><p>Mind the deadline.</p></aside>{CONTENT}", "Mind the deadline."),
        (f"<article><aside><ul>{LINKS}</ul></aside></article>", "Chapter two"),
        (f'{CONTENT}<div class="cookie-policy"><p>Cookies are baked.</p></div>', "Cookies are baked."),
        ('<main><div id="cookies"><p>Bake them.</p><button>Print</button></div></main>', "Bake them."),
        (f'<div class="page"><ul>{LINKS}</ul>{CONTENT}</div>', "Ask four weeks before."),
        (
            f"<div><p>See the chapters below, in the order in which they came.</p><ul>{LINKS}</ul></div>",
            "See the",
        ),
        ('<p class="breadcrumbs">Rolled in breadcrumbs, then fried.</p>', "then fried"),
    ],
)
def test_what_only_looks_like_it_stays(body, kept):
    assert kept in read(body)


def page(*texts):
    """Lines from the top of a page down."""
    return [
        Line(tuple(text.split(" | ")), 0, 100, 700 - 20 * at, 710 - 20 * at) for at, text in enumerate(texts)
    ]


def left(*pages):
    return [[line.text for line in lines] for lines in without_running([page(*texts) for texts in pages])]


WORDS = ("Apples", "Bread", "Cheese", "Dates", "Eggs", "Figs", "Grapes", "Honey")
BODY = ("First words", "of a page", "and more", "of them")


def body(number):
    """Lines that stand on one page alone."""
    return tuple(f"{WORDS[number]} {line}" for line in BODY)


def test_a_header_is_said_once_and_a_page_number_never():
    found = left(*(("Handbook", *body(number), f"Page {number + 1} of 4") for number in range(4)))
    assert found == [["Handbook", *body(0)], *(list(body(number)) for number in range(1, 4))]


def test_headers_of_left_and_right_pages_are_known():
    found = left(*(("Acme" if number % 2 else "Handbook", *body(number)) for number in range(8)))
    assert [lines[0] for lines in found] == ["Handbook", "Acme", *(body(number)[0] for number in range(2, 8))]


@pytest.mark.parametrize("first", ["Chapter {}", "Question {}", "{}. Scope", "Slide {}"])
def test_what_counts_chapters_is_no_page_number(first):
    pages = [(first.format(number + 1), *body(number)) for number in range(5)]
    assert left(*pages) == [list(texts) for texts in pages]


@pytest.mark.parametrize("last", ["{}", "- {} -", "Handbook {}", "Page {}", "{} | Acme"])
def test_a_page_number_at_the_bottom_may_stand_beside_words(last):
    pages = [(*body(number), last.format(number + 7)) for number in range(5)]
    assert left(*pages) == [list(texts[:-1]) for texts in pages]


@pytest.mark.parametrize("last", ["Total {} EUR", "Step {}"])
def test_other_numbers_at_the_bottom_are_text(last):
    pages = [(*body(number), last.format(number * number)) for number in range(5)]
    assert left(*pages) == [list(texts) for texts in pages]


@pytest.mark.parametrize(
    "pages",
    [
        [("Plan | Price", f"P{number} | {number} EUR", *body(number)) for number in range(4)],  # a table
        [("Handbook", *BODY)] * 2,  # too few
        [(f"{word} chapter", *body(0), f"ends {word}") for word in WORDS],
        [("x" * 200, "a", "b", "c", "d")] * 4,
    ],
)
def test_what_is_no_running_line_stays(pages):
    assert [lines[0] for lines in left(*pages)] == [texts[0].replace(" | ", " ") for texts in pages]


def test_a_line_that_stands_elsewhere_on_each_page_is_text():
    pages = [page("Note", *body(number)) for number in range(4)]
    moved = [
        [Line(line.cells, 0, 100, line.bottom - 10 * number, line.top - 10 * number) for line in lines]
        for number, lines in enumerate(pages)
    ]
    assert without_running(moved) == moved
