"""Pages that are pictures: read by OCR while its time lasts, and a word about those that were not."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.readers.ocr import SECONDS, Ocr, Picture, languages

INSTALL = "install Tesseract for OCR"


@dataclass(frozen=True, slots=True)
class Scans:
    """The text of each page that could be read, by its number; and what to tell about the others."""

    texts: dict[int, str]
    notes: tuple[str, ...]


def read_scans(pages: Sequence[int], render: Callable[[int], Picture]) -> Scans:
    """Read the pages with these numbers, in order. `render` draws one; it is asked for one at a time."""
    if not pages:
        return Scans({}, ())
    if not languages():
        return Scans({}, (f"no text layer on {_listed(pages)}: {INSTALL}",))
    ocr = Ocr()
    texts: dict[int, str] = {}
    late: list[int] = []
    for page in pages:
        text = "" if ocr.expired else ocr.text(render(page))
        if text:
            texts[page] = text
        elif ocr.expired:
            late.append(page)
    blind = [page for page in pages if page not in texts and page not in late]
    notes = []
    if late:
        notes.append(f"no text layer on {_listed(late)}: OCR was stopped after {SECONDS:g} s; split the file")
    if blind:
        notes.append(f"no text layer on {_listed(blind)}, and OCR ({languages()}) found nothing legible")
    return Scans(texts, tuple(notes))


def _listed(pages: Iterable[int]) -> str:
    """`page 3`, `pages 1-4, 9`."""
    runs = [
        [page for _, page in run] for _, run in groupby(enumerate(sorted(pages)), lambda it: it[1] - it[0])
    ]
    ranges = [f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
    return f"page{'s' if len(runs) > 1 or len(runs[0]) > 1 else ''} {', '.join(ranges)}"
