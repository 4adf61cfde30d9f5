import pytest

from ingest.readers import html

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
