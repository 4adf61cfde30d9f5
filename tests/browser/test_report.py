"""The report in a real browser, without a network: read on a phone, in the dark and on paper."""

import os
import shutil
from datetime import UTC, datetime

import pytest

from eval.gate import judge
from eval.history import point
from eval.report import Occasion, write_report
from eval.results import read_results
from eval.rules import read_rules
from tests.eval.run_folders import Fault, write_run

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not os.access(CHROMIUM, os.X_OK), reason="no chromium: `make services` installs it"),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run with a regression, after two nights without."""
    runs = tmp_path_factory.mktemp("runs")
    nights = [
        write_run(runs / str(day), seed=day, times=1, at=datetime(2026, 11, day, tzinfo=UTC))
        for day in (19, 20)
    ]
    fault = Fault(prompt=0.5, fingerprint={"adapter": "grounded-qa-e61f0c2b7a11"})
    run = write_run(runs / "21", fault, seed=21, times=1, at=datetime(2026, 11, 21, tzinfo=UTC))
    before = [point(read_results(each), f"2026-11-{each.name}", "passed") for each in nights]
    judgement = judge(run, nights[-1], read_rules())
    write_report(
        run, Occasion("default", "2026-11-21", judgement, read_results(nights[-1]).run, before=before)
    )
    return run


@pytest.fixture(scope="module")
def chromium():
    # As root, in a container, the browser cannot make a sandbox of its own.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, folder):
    """Opens the report; afterwards nothing was complained about and nothing was asked of any network."""
    contexts, said, asked = [], [], []

    def open_page(viewport, scheme="light", name="report.html"):
        contexts.append(chromium.new_context(viewport=viewport, color_scheme=scheme, offline=True))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    assert {url for url in asked if not url.startswith("file:")} == set()
    assert len(asked) == len(contexts)


def test_the_verdict_and_the_first_figures_are_seen_without_scrolling_on_a_phone(opened):
    page = opened(PHONE)
    assert "Regression" in page.locator("#verdict h1").inner_text()
    for part in ("#verdict", ".tile >> nth=0", ".tile >> nth=3"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= PHONE["height"]


@pytest.mark.parametrize(
    "viewport", [PHONE, DESK, {"width": 320, "height": 600}], ids=["phone", "desk", "small"]
)
@pytest.mark.parametrize("name", ["report.html", "summary.html"])
def test_nothing_sticks_out_at_the_side(opened, viewport, name):
    page = opened(viewport, name=name)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_in_the_dark_it_is_dark_and_texts_stand_out(opened):
    grounds = {}
    for scheme in ("light", "dark"):
        page = opened(PHONE, scheme)
        paint = "each => { const s = getComputedStyle(each); return [s.backgroundColor, s.color] }"
        grounds[scheme] = [_bright(colour) for colour in page.locator("body").evaluate(paint)]
    ground, ink = grounds["light"]
    assert (ground > 200, ink < 60) == (True, True)
    ground, ink = grounds["dark"]
    assert (ground < 60, ink > 200) == (True, True)


def _bright(colour):
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")[:3])
    return (red + green + blue) / 3


def test_passages_open_and_show_what_is_marked(opened):
    page = opened(DESK)
    passages = page.locator("article.row details").first
    assert not passages.locator(".passage").first.is_visible()
    passages.locator("summary").click()
    assert passages.locator(".passage").first.is_visible()


def test_it_prints(opened):
    page = opened(DESK, "dark")
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    assert (
        page.locator("body").evaluate("each => getComputedStyle(each).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.locator("article.row details .passage").first.is_visible()
