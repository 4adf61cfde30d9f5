"""The texts that rails.py has screened: real ones, clean and dirty, the same every time."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardrails.sentences import sentences

QUESTION = (150, 250)  # characters
PASSAGE = (700, 1_600)
PAGE = 4_000
DIRTY = 4  # one text in so many is an attack


@dataclass(frozen=True)
class Said:
    """An answer by its sentences, and the passages that it rests on."""

    sentences: tuple[str, ...]
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Texts:
    """Of each kind at most as many as were asked for."""

    questions: Sequence[str]
    answers: Sequence[Said]
    passages: Sequence[str]
    pages: Sequence[str]


def read_texts(data: Path, count: int) -> Texts:
    """From the public data's folder."""
    rows = [each for each in _rows(data / "guard/injection/dev.jsonl.gz") if len(each["text"]) <= PAGE]
    asked = [row for row in rows if QUESTION[0] <= len(row["text"]) <= QUESTION[1]]
    found = [row for row in rows if PASSAGE[0] <= len(row["text"]) <= PASSAGE[1]]
    pages = (file.read_text(errors="replace") for file in sorted((data / "corpus/handbook").rglob("*.md")))
    return Texts(
        _mixed(asked, count),
        _answers(data, count // 2),
        _mixed(found, count),
        [text[:PAGE] for text in pages if len(text) >= PAGE][: count // 4],
    )


def _mixed(rows: Sequence[dict[str, Any]], count: int) -> list[str]:
    clean, dirty = ([row["text"] for row in rows if row["label"] == label] for label in (0, 1))
    return [*clean[: count - count // DIRTY], *dirty[: count // DIRTY]]


def _answers(data: Path, count: int) -> list[Said]:
    """Answers that people judged, supported and not, and the first sentences of paragraphs."""
    judged = _rows(data / "guard/grounding/dev.jsonl.gz")
    told = [Said(_cut(row["response"]), (row["context"],)) for row in judged if len(row["response"]) < PAGE]
    articles = json.loads((data / "qa/dev.json").read_text())["data"]
    texts = [part["context"] for each in articles for part in each["paragraphs"]]
    copied = [
        Said(_cut(text)[:3], tuple(texts[place : place + 4])) for place, text in enumerate(texts[: len(told)])
    ]
    both = [answer for pair in zip(told, copied, strict=False) for answer in pair]
    return [answer for answer in both if answer.sentences][:count]


def _cut(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in sentences(text) if text[start:end].strip())


def _rows(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt") as lines:
        return [json.loads(line) for line in lines]
