"""Pictures (PNG, JPEG, TIFF, WebP and others): their words by OCR; every page of a TIFF is a page.

The only import of Pillow.
"""

import io
from pathlib import PurePath

from PIL import Image, ImageOps

from ingest.documents import Extract
from ingest.errors import CorruptFile, FileTooLarge, UnsupportedFile
from ingest.readers.draft import Draft
from ingest.readers.ocr import Picture, languages
from ingest.readers.scans import read_scans

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP")
MAX_PIXELS = 100_000_000
MAX_PAGES = 500
SHARP = 2500  # pixels on the longer side: words of smaller pictures are too small for Tesseract
SMALLEST = 20_000  # pixels of a picture that may hold words: icons and logos in mail are smaller
BLOWN_UP = 4  # times at most
Image.MAX_IMAGE_PIXELS = None  # counted by us, page by page, before anything is unpacked
DAMAGE = (OSError, ValueError, SyntaxError, EOFError)


def read(data: bytes, name: str) -> Extract:
    """Read the words in a picture. One without words, or too small for some, gives an empty text.

    Raises:
        UnsupportedFile: Tesseract is not installed.
        CorruptFile: truncated, damaged, or no picture.
        FileTooLarge: too many pixels or pages.
    """
    if not languages():
        raise UnsupportedFile("a picture: its words are read where Tesseract is installed")
    draft = Draft()
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            pages = range(1, (getattr(image, "n_frames", 1) if image.format == "TIFF" else 1) + 1)
            if len(pages) > MAX_PAGES:
                raise FileTooLarge(f"{len(pages)} pages, more than {MAX_PAGES}", "split the file")
            if len(pages) == 1 and image.width * image.height < SMALLEST:
                return draft.extract(PurePath(name).stem)
            scans = read_scans(pages, lambda number: _picture(image, number))
    except DAMAGE as error:
        raise CorruptFile("not a readable picture", "open and save it again") from error
    for number, text in scans.texts.items():
        if len(pages) > 1:
            draft.page(number)
        draft.paragraphs(text)
    return draft.extract(PurePath(name).stem, notes=scans.notes if len(pages) > 1 else ())


def _picture(image: Image.Image, number: int) -> Picture:
    """One page upright, in grey on white, large enough for words to be read."""
    image.seek(number - 1)
    if image.width * image.height > MAX_PIXELS:
        raise FileTooLarge(f"{image.width} x {image.height} pixels", "save a smaller copy")
    page = ImageOps.exif_transpose(image)
    if page.has_transparency_data:
        page = page.convert("RGBA")
        white = Image.new("RGBA", page.size, "white")
        page = Image.alpha_composite(white, page)
    page = page.convert("L")
    factor = min(SHARP / max(page.size), BLOWN_UP)
    if factor > 1 or page.width * page.height > SHARP * SHARP * 4:
        size = (max(1, round(page.width * factor)), max(1, round(page.height * factor)))
        page = page.resize(size, Image.Resampling.LANCZOS)
    return Picture(page.width, page.height, page.tobytes())
