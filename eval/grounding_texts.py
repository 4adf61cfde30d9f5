"""Texts whose sentences `eval.mutations` changes: paragraphs of questions, pages and passages of public data.

Nothing is trained on them.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from eval.errors import BadQuestions

Texts = Mapping[str, Sequence[str]]
"""By source."""

_BLANK = re.compile(r"\n\s*\n")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_SHORTEST, _LONGEST = 150, 1600  # characters
_EACH = 600  # texts of a source at most


def unseen_texts(data: Path) -> Texts:
    """Texts of `data` (`qa/`, `corpus/`, `multiturn/`) by source, in a fixed order.

    Raises:
        BadQuestions: a file is missing or damaged.
    """
    readers = {
        "squad": _paragraphs(data / "qa" / "dev.json"),
        "handbook": _pages(data / "corpus" / "handbook"),
        "fiqa": _passages(data / "multiturn" / "mtrag_human" / "fiqa" / "corpus.jsonl.gz"),
    }
    try:
        return {source: list(islice(filter(_fits, texts), _EACH)) for source, texts in readers.items()}
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise BadQuestions(f"{data}: no readable texts ({error}); name the folder of public data") from error


def _fits(text: str) -> bool:
    return _SHORTEST <= len(text) <= _LONGEST


def _paragraphs(file: Path) -> Iterator[str]:
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        yield from (paragraph["context"].strip() for paragraph in article["paragraphs"])


def _pages(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*.md")):
        parts = _BLANK.split(_LINK.sub(r"\1", file.read_text(encoding="utf-8")))
        yield from (part.strip() for part in parts if part.strip()[:1].isalpha())


def _passages(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line)["text"] for line in lines)
