import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.errors import CorruptFile, FileTooLarge, UnsupportedFile
from ingest.load import Loader
from ingest.readers import image, ocr, scans
from ingest.readers.image import read
from ingest.readers.ocr import Ocr, Picture, languages
from ingest.readers.scans import read_scans

WORDS = "Parental leave lasts sixteen weeks"
needs_tesseract = pytest.mark.skipif(not languages(), reason="Tesseract is not installed")


def drawn(words=WORDS, mode="RGB"):
    picture = Image.new(mode, (700, 90), (255,) * 3 if mode == "RGB" else (0, 0, 0, 0))
    ImageDraw.Draw(picture).text((20, 20), words, "black", ImageFont.load_default(36))
    return picture


def saved(picture, kind="PNG", **options):
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


@pytest.fixture
def reads(monkeypatch):
    """OCR that says how large each picture was, without Tesseract."""
    monkeypatch.setattr(image, "languages", lambda: "eng")
    monkeypatch.setattr(scans, "languages", lambda: "eng")
    monkeypatch.setattr(Ocr, "text", lambda _, picture: f"{picture.width} x {picture.height}")


@pytest.fixture
def no_tesseract(monkeypatch):
    for module in (image, scans, ocr):
        monkeypatch.setattr(module, "languages", lambda: "")


@needs_tesseract
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_words_of_a_picture_are_read(kind):
    assert read(saved(drawn(), kind), "scan.png").text == WORDS


@needs_tesseract
def test_the_words_are_read_in_the_sandbox_also_upside_down_and_on_nothing():
    upside_down = saved(drawn(mode="RGBA").rotate(180))
    with Loader() as loader:
        assert loader.load(upside_down, "scan.png").parts[0].extract.text == WORDS


@needs_tesseract
def test_a_picture_without_words_has_no_text():
    assert read(saved(Image.new("RGB", (300, 300), "white")), "white.png").text == ""


@needs_tesseract
def test_time_that_is_up_leaves_a_page_unread():
    assert Ocr(0).text(Picture(1, 1, b"\0")) == ""


def test_every_page_of_a_tiff_is_a_page(reads):
    pages = [Image.new("L", (2500, height)) for height in (10, 20)]
    extract = read(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]), "scan.tif")
    assert extract.text == "2500 x 10\n\n2500 x 20"
    assert [(mark.start, mark.page) for mark in extract.marks] == [(0, 1), (11, 2)]


@pytest.mark.parametrize(
    ("size", "seen"), [((500, 100), "2000 x 400"), ((1250, 20), "2500 x 40"), ((3000, 10), "3000 x 10")]
)
def test_small_pictures_are_enlarged(reads, size, seen):
    assert read(saved(Image.new("L", size)), "scan.png").text == seen


def test_a_picture_on_its_side_is_turned_as_its_camera_says(reads):
    turned = Image.Exif()
    turned[0x0112] = 6
    assert read(saved(Image.new("L", (2500, 10)), exif=turned), "photo.png").text == "10 x 2500"


def test_an_icon_is_too_small_for_words(reads):
    assert read(saved(Image.new("L", (150, 60))), "logo.png").text == ""


def test_without_tesseract_a_picture_is_skipped_with_the_remedy(no_tesseract):
    with pytest.raises(UnsupportedFile, match="where Tesseract is installed"):
        read(saved(drawn()), "scan.png")


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (saved(drawn())[:100], CorruptFile, "not a readable picture"),
        (b"\x89PNG nonsense", CorruptFile, "not a readable picture"),
        (saved(Image.new("1", (20_000, 20_000))), FileTooLarge, "20000 x 20000 pixels"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(reads, data, error, words):
    with pytest.raises(error, match=words):
        read(data, "scan.png")


@pytest.mark.parametrize(
    ("confidences", "text"),
    [((90, 80), "some words"), ((30, 20), "")],
)
def test_words_that_tesseract_doubts_are_not_taken(monkeypatch, confidences, text):
    rows = [
        f"5\t1\t1\t1\t1\t{n}\t0\t0\t0\t0\t{c}\t{w}"
        for n, (c, w) in enumerate(zip(confidences, ("some", "words"), strict=True))
    ]
    monkeypatch.setattr(ocr.shutil, "which", lambda _: "/usr/bin/tesseract")
    monkeypatch.setattr(ocr, "languages", lambda: "eng")
    monkeypatch.setattr(ocr, "_run", lambda *_: "\n".join(["level\t...", *rows]).encode())
    assert Ocr().text(Picture(1, 1, b"\0")) == text


@pytest.mark.parametrize(
    ("in_time", "notes"),
    [
        (4, ()),
        (3, ("no text layer on page 5: OCR was stopped after 40 s; split the file",)),
        (1, ("no text layer on pages 2-3, 5: OCR was stopped after 40 s; split the file",)),
    ],
)
def test_pages_that_came_too_late_are_told(monkeypatch, reads, in_time, notes):
    drawn_pages = []

    def draw(page):
        drawn_pages.append(page)
        return Picture(page, 1, b"")

    monkeypatch.setattr(Ocr, "expired", property(lambda _: len(drawn_pages) >= in_time))
    found = read_scans((1, 2, 3, 5), draw)
    assert found.notes == notes
    assert list(found.texts) == drawn_pages == [1, 2, 3, 5][:in_time]


def test_pages_with_nothing_legible_are_told(monkeypatch, reads):
    monkeypatch.setattr(Ocr, "text", lambda *_: "")
    found = read_scans((7,), lambda _: Picture(1, 1, b""))
    assert found.notes == ("no text layer on page 7, and OCR (eng) found nothing legible",)


def test_tesseract_has_one_thread_and_a_limit_of_time(monkeypatch):
    seen = {}

    def run(command, **options):
        seen.update(options, command=command)
        return type("Done", (), {"stdout": b""})

    monkeypatch.setattr(ocr.subprocess, "run", run)
    ocr._run(["tesseract", "stdin", "stdout"], b"", 1)  # noqa: SLF001  # the seam to the program
    assert seen["env"]["OMP_THREAD_LIMIT"] == "1"
    assert seen["timeout"] == 1
