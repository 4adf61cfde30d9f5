"""PDF: the text layer, page by page (the only import of pypdfium2)."""

import ctypes
import re
from collections.abc import Iterator
from pathlib import PurePath
from statistics import median

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # pypdfium2 ships no types

from ingest.documents import Extract
from ingest.errors import CorruptFile, EncryptedFile, FileTooLarge, NoTextFound
from ingest.readers.draft import Draft, one_line
from ingest.readers.pdf_layout import add_pages
from ingest.readers.pdf_line import Line

MAX_PAGES = 5_000
TAIL = 8 * 1024
CELL_GAP = 0.75  # of a line's height: wider than the widest space in justified text
BOLD_WEIGHT = 600  # of 100-900; 400 is regular
WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
NO_TITLE = re.compile(
    r"^\W*$|^\(?(untitled|anonymous|unspecified)\)?$|^microsoft \w+ - |\.\w{2,4}$", re.IGNORECASE
)


def read(data: bytes, name: str) -> Extract:
    """Read the text of a PDF, with a mark for every page and for lines in larger type.

    Raises:
        EncryptedFile: it needs a password.
        CorruptFile: damaged, or cut off before its end.
        FileTooLarge: it has more than `MAX_PAGES` pages.
        NoTextFound: no page has a text layer.
    """
    document = _open(data)
    if len(document) > MAX_PAGES:
        raise FileTooLarge(f"{len(document)} pages, more than {MAX_PAGES}", "split the file")
    draft = Draft()
    try:
        add_pages(draft, [_lines(page.get_textpage()) for page in document])
    except pdfium.PdfiumError as error:
        raise CorruptFile("a page of the PDF is damaged", "open and save it again") from error
    title = one_line(document.get_metadata_value("Title"))
    if NO_TITLE.search(title):
        title = draft.first_heading or PurePath(name).stem
    extract = draft.extract(title)
    if not extract.text:
        raise NoTextFound("the PDF has no text layer", "it looks like a scan: run it through OCR first")
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


def _lines(textpage: pdfium.PdfTextPage) -> list[Line]:
    """The lines of one page in the file's reading order."""
    return list(_iter_lines(textpage, textpage.get_text_range() if textpage.count_chars() else ""))


def _iter_lines(textpage: pdfium.PdfTextPage, text: str) -> Iterator[Line]:
    for match in re.finditer(r"[^\r\n]+", text):
        for start, words in _pieces(textpage, match[0], match.start()):
            yield _line(textpage, words, start)


def _pieces(textpage: pdfium.PdfTextPage, line: str, offset: int) -> Iterator[tuple[int, str]]:
    """Part a line at wide gaps (cells of a table), and where the words jump to another place."""
    begin = len(line) - len(line.lstrip())
    for space in re.finditer(r"(?<=\S)\s+(?=\S)", line):
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
    return Line((one_line(words),), boxes[0][0], boxes[-1][2], bottom, bottom + height, bold)


def _box(textpage: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of a character, with its font's full height."""
    left, bottom, right, top = textpage.get_charbox(min(index, textpage.count_chars() - 1), loose=True)
    return left, bottom, right, top


def _is_bold(textpage: pdfium.PdfTextPage, index: int) -> bool:
    if pdfium.raw.FPDFText_GetFontWeight(textpage, index) >= BOLD_WEIGHT:
        return True
    name = ctypes.create_string_buffer(128)
    pdfium.raw.FPDFText_GetFontInfo(textpage, index, name, len(name), None)
    return b"bold" in name.value.lower()
