"""OCR: the words in a picture, by Tesseract as a program beside us, where it is installed.

Tesseract reads its standard input and writes its standard output, since a reader process may write no
file. It runs in the reader's process group, which ends as one.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from statistics import fmean

SECONDS = 40.0  # for all pages of one file; a reader's own limit is 60
MAX_PIXELS = 40_000_000  # an A3 page at 300 dots an inch has 17 million
DPI = 300
MOST_LANGUAGES = 4  # each makes reading slower and confusion likelier
LEGIBLE = 55  # per cent: below that "words" are drawings, or another script than is installed
DOUBTFUL = 75  # per cent: below that the page may stand on its head
WORD_LEVEL = "5"
BROKEN_WORD = re.compile(r"(?<=[^\W\d_])-\n(?=[a-z])")


@dataclass(frozen=True, slots=True)
class Picture:
    """A grey picture: `pixels` row by row, a byte each, 0 for black."""

    width: int
    height: int
    pixels: bytes


class Ocr:
    """Reads the pages of one file within `SECONDS` in all."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._deadline = time.monotonic() + seconds

    @property
    def expired(self) -> bool:
        """Whether the time is used up: pages that come now are not read."""
        return time.monotonic() >= self._deadline

    def text(self, picture: Picture) -> str:
        """The picture's paragraphs, parted by blank lines. Empty where nothing is legible, or time is up."""
        confidence, text = self._read(picture)
        if confidence < DOUBTFUL and not self.expired:
            turned = Picture(picture.width, picture.height, picture.pixels[::-1])
            confidence, text = max((confidence, text), self._read(turned))
        return text if confidence >= LEGIBLE else ""

    def _read(self, picture: Picture) -> tuple[float, str]:
        """How sure Tesseract is of its words, in per cent, and what it read."""
        program = shutil.which("tesseract")
        left = self._deadline - time.monotonic()
        if not program or left <= 0 or picture.width * picture.height > MAX_PIXELS:
            return 0.0, ""
        command = [program, "stdin", "stdout", "-l", languages(), "--psm", "1", "--dpi", str(DPI), "tsv"]
        try:
            done = _run(command, b"P5 %d %d 255\n" % (picture.width, picture.height) + picture.pixels, left)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return 0.0, ""
        return _words(done.decode("utf-8", "replace"))


@cache
def languages() -> str:
    """The installed languages as Tesseract's option names them ("eng+deu"), English first; empty: none."""
    program = shutil.which("tesseract")
    if not program:
        return ""
    try:
        names = _run([program, "--list-langs"], b"", SECONDS).decode().split("\n")[1:]
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return ""
    found = {name for name in names if name.isidentifier() and name != "osd"}
    return "+".join(sorted(found, key=lambda name: (name != "eng", name))[:MOST_LANGUAGES])


def _run(command: list[str], standard_input: bytes, seconds: float) -> bytes:
    """What a program writes. One thread: the processors are shared by other reader processes."""
    return subprocess.run(
        command,
        input=standard_input,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        timeout=seconds,
        check=True,
    ).stdout


def _words(table: str) -> tuple[float, str]:
    """From Tesseract's table of words: their mean confidence, and the text in paragraphs and lines."""
    rows = [row.split("\t") for row in table.split("\n")]
    words = [row for row in rows if row[0] == WORD_LEVEL and len(row) == 12 and row[11].strip()]  # noqa: PLR2004  # columns of TSV
    if not words:
        return 0.0, ""
    paragraphs = ("\n".join(_lines(list(run))) for _, run in groupby(words, key=lambda row: row[1:4]))
    text = "\n\n".join(BROKEN_WORD.sub("", paragraph) for paragraph in paragraphs)
    return fmean((float(row[10]) for row in words), (len(row[11]) for row in words)), text


def _lines(words: list[list[str]]) -> Iterator[str]:
    for _, run in groupby(words, key=lambda row: row[4]):
        yield " ".join(row[11] for row in run)
