"""PDF: the text layer, page by page (the only import of pypdfium2)."""

import ctypes
import math
import re
from collections.abc import Iterator
from pathlib import PurePath
from statistics import median

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # pypdfium2 ships no types

from ingest.documents import Extract
from ingest.errors import CorruptFile, EncryptedFile, FileTooLarge, NoTextFound
from ingest.readers.dates import day
from ingest.readers.draft import Draft, one_line
from ingest.readers.ocr import Picture
from ingest.readers.pdf_furniture import without_furniture
from ingest.readers.pdf_layout import Line, add_pages
from ingest.readers.scans import read_scans

MAX_PAGES = 5_000
TAIL = 8 * 1024
CELL_GAP = 0.75  # of a line's height: wider than the widest space in justified text
BOLD_WEIGHT = 600  # of 100-900; 400 is regular
STAMP = 80  # characters: what a scanner or an archive may print on a page that is a picture
LONGER_SIDE = 2800  # pixels of a page that is drawn for OCR: A4 at 240 dots an inch
QUARTER = math.pi / 2
WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
NO_TITLE = re.compile(
    r"^\W*$|^\(?(untitled|anonymous|unspecified)\)?$|^microsoft \w+ - |^powerpoint presentation$|\.\w{2,4}$",
    re.IGNORECASE,
)


def read(data: bytes, name: str) -> Extract:
    """Read the text of a PDF, with a mark for every page and for lines in larger type.

    Pages that are pictures are read by OCR, where Tesseract is installed.

    Raises:
        EncryptedFile: it needs a password.
        CorruptFile: damaged, or cut off before its end.
        FileTooLarge: it has more than `MAX_PAGES` pages.
        NoTextFound: no page has a text layer, and OCR found nothing.
    """
    document = _open(data)
    if len(document) > MAX_PAGES:
        raise FileTooLarge(f"{len(document)} pages, more than {MAX_PAGES}", "split the file")
    draft = Draft()
    try:
        pages = [_lines(page.get_textpage()) for page in document]
        bare = [number for number, page in enumerate(document, start=1) if _is_scan(page, pages[number - 1])]
        scans = read_scans(bare, lambda number: _picture(document[number - 1]))
        add_pages(draft, without_furniture(pages), scans.texts)
    except pdfium.PdfiumError as error:
        raise CorruptFile("a page of the PDF is damaged", "open and save it again") from error
    title = one_line(document.get_metadata_value("Title"))
    if NO_TITLE.search(title):
        title = draft.first_heading or PurePath(name).stem
    dated = day(map(document.get_metadata_value, ("ModDate", "CreationDate")))
    extract = draft.extract(title, dated=dated, notes=scans.notes)
    if not extract.text:
        message = next(iter(scans.notes), "the PDF shows nothing but empty pages")
        raise NoTextFound(*message.split(": ", 1)) if ": " in message else NoTextFound(message)
    return extract


def _open(data: bytes) -> pdfium.PdfDocument:
    if b"%%EOF" not in data[-TAIL:]:
        raise CorruptFile("the PDF is cut off: its end is missing", "copy or export it again")
    try:
        document = pdfium.PdfDocument(data)
        pages = len(document)
    except pdfium.PdfiumError as error:
        if error.err_code == WRONG_PASSWORD:
            raise EncryptedFile("the PDF needs a password", "save a copy without one") from error
        raise CorruptFile("not a readable PDF", "open and save it again") from error
    if not pages:
        raise CorruptFile("the PDF has no pages", "export it again")
    return document


def _is_scan(page: pdfium.PdfPage, lines: list[Line]) -> bool:
    """Whether a page is drawn without text, or is a picture with a stamp or a page number on it."""
    if sum(len(line.text) for line in lines) > STAMP:
        return False
    if not lines:
        return next(page.get_objects(), None) is not None
    width, height = page.get_size()
    pictures = page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
    bounds = (picture.get_bounds() for picture in pictures)
    return any((right - left) * (top - bottom) > width * height / 2 for left, bottom, right, top in bounds)


def _picture(page: pdfium.PdfPage) -> Picture:
    """The page in grey, as sharp as Tesseract needs it."""
    bitmap = page.render(scale=LONGER_SIDE / max(page.get_size()), grayscale=True)
    pixels = bytes(bitmap.buffer)
    if bitmap.stride != bitmap.width:
        starts = range(0, bitmap.stride * bitmap.height, bitmap.stride)
        pixels = b"".join(pixels[start : start + bitmap.width] for start in starts)
    return Picture(bitmap.width, bitmap.height, pixels)


def _lines(textpage: pdfium.PdfTextPage) -> list[Line]:
    """The lines of one page in the file's reading order."""
    return list(_iter_lines(textpage, textpage.get_text_range() if textpage.count_chars() else ""))


def _iter_lines(textpage: pdfium.PdfTextPage, text: str) -> Iterator[Line]:
    for match in re.finditer(r"[^\r\n]+", text):
        for start, words in _pieces(textpage, match[0], match.start()):
            yield _line(textpage, words, start)


def _pieces(textpage: pdfium.PdfTextPage, line: str, offset: int) -> Iterator[tuple[int, str]]:
    """Part a line at wide gaps (cells of a table), and where the words jump to another place.

    Lines with words from right to left stay whole: between them everything jumps.
    """
    begin = len(line) - len(line.lstrip())
    spaces = () if RIGHT_TO_LEFT.search(line) else re.finditer(r"(?<=\S)\s+(?=\S)", line)
    for space in spaces:
        before = _box(textpage, offset + space.start() - 1)
        after = _box(textpage, offset + space.end())
        height = max(1.0, before[3] - before[1])
        gap = after[0] - before[2]
        if gap > CELL_GAP * height or gap < -height or abs(after[1] - before[1]) > height / 2:
            yield offset + begin, line[begin : space.start()]
            begin = space.end()
    if line[begin:].strip():
        yield offset + begin, line[begin:].rstrip()


def _line(textpage: pdfium.PdfTextPage, words: str, start: int) -> Line:
    places = (start, start + len(words) // 2, start + len(words) - 1)
    boxes = [_box(textpage, place) for place in places]
    bottom = median(box[1] for box in boxes)
    height = max(1.0, median(box[3] - box[1] for box in boxes))
    bold = all(_is_bold(textpage, place) for place in (places[0], places[-1]))
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    return Line((one_line(words),), left, right, bottom, bottom + height, bold)


def _box(textpage: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character, with its font's full height, as if its line ran level."""
    index = min(index, textpage.count_chars() - 1)
    left, bottom, right, top = textpage.get_charbox(index, loose=True)
    match round(pdfium.raw.FPDFText_GetCharAngle(textpage, index) / QUARTER) % 4:
        case 1:  # downwards
            return -top, left, -bottom, right
        case 2:  # upside down
            return -right, -top, -left, -bottom
        case 3:  # upwards
            return bottom, -right, top, -left
        case _:
            return left, bottom, right, top


def _is_bold(textpage: pdfium.PdfTextPage, index: int) -> bool:
    if pdfium.raw.FPDFText_GetFontWeight(textpage, index) >= BOLD_WEIGHT:
        return True
    name = ctypes.create_string_buffer(128)
    pdfium.raw.FPDFText_GetFontInfo(textpage, index, name, len(name), None)
    return b"bold" in name.value.lower()
