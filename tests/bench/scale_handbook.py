"""Real chunks and real questions for `scale.py`: a folder of Markdown, cut and embedded as ingestion does it.

Every fortieth document is held out: its chunks are in no index, and their beginnings are the questions.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.access import Access
from ingest.chunk import chunk
from ingest.clean import clean
from ingest.edition import document
from ingest.embedders import configured
from ingest.folder import Properties
from ingest.readers import markdown
from ingest.settings import IngestSettings
from ingest.store import Vectors

HELD_OUT = 40
QUESTIONS = 300
WORDS_ASKED = 8


@dataclass(frozen=True, slots=True)
class Handbook:
    """Chunks with their vectors (chunks, dimension), and questions with theirs (questions, dimension)."""

    texts: list[str]
    vectors: Vectors
    questions: list[str]
    asked: Vectors


def handbook(source: Path, kept: Path) -> Handbook:
    """That of the Markdown files below `source`; made once (minutes), and kept in the file `kept`."""
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = _made(source)
        arrays = {"vectors": made.vectors, "asked": made.asked}
        np.savez(kept, texts=np.array(made.texts), questions=np.array(made.questions), **arrays)
    with np.load(kept) as file:
        return Handbook(list(file["texts"]), file["vectors"], list(file["questions"]), file["asked"])


def _made(source: Path) -> Handbook:
    files = sorted(source.rglob("*.md"))
    texts = [text for number, file in enumerate(files) if number % HELD_OUT for text in _chunks(file)]
    held = [text for file in files[::HELD_OUT] for text in _chunks(file)]
    questions = [" ".join(text.split()[:WORDS_ASKED]) for text in held][:QUESTIONS]
    settings = IngestSettings()
    embedder = configured(settings)
    asked = np.stack([embedder.encode_query(question) for question in questions])
    return Handbook(texts, embedder.encode(texts), questions, asked)


def _chunks(file: Path) -> list[str]:
    extract = clean(markdown.read(file.read_bytes(), file.name))
    made = document(file.as_uri(), extract, Properties(Access.of("default", ())), frozenset())
    return [one.text for one in chunk(made)]
