"""A company of twenty tenants for `scale.py`, of any size, made from a handbook's chunks by rule.

A vector is that of a real chunk, moved along the difference of two others: new ones lie as the real ones do
(random vectors would not: all are equally far from each other). Its text begins as that chunk's and ends as
another's. A document is ten chunks; three in ten are for one or two of their tenant's groups.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scale_handbook import Handbook

from ingest.access import Access, Principal
from ingest.documents import Chunk
from ingest.store import Point, Vectors

TENANTS, GROUPS, CHUNKS = 20, 8, 10
RESTRICTED = 0.3
MOVED = (0.2, 0.6)
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Some chunks with their vectors (chunks, dimension)."""

    points: list[Point]
    vectors: Vectors


def corpus(book: Handbook, count: int) -> Iterator[Rows]:
    """`count` chunks, `BATCH` at a time; a larger corpus begins as a smaller one does."""
    for start in range(0, count, BATCH):
        dice = np.random.default_rng([7, start])
        size = min(BATCH, count - start)
        own, one, other = dice.integers(0, len(book.texts), (3, size))
        step = dice.uniform(*MOVED, (size, 1)).astype(np.float32)
        vectors = book.vectors[own] + step * (book.vectors[one] - book.vectors[other])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        texts = [_mixed(book.texts[mine], book.texts[its]) for mine, its in zip(own, one, strict=True)]
        yield Rows(list(_points(start, texts, dice)), vectors)


def asker(number: int) -> Principal:
    """Who asks question `number`: each tenant in turn, as a member of two of its groups."""
    groups = {f"group{number % GROUPS}", f"group{(number + 3) % GROUPS}"}
    return Principal(f"tenant{number % TENANTS}", "bench", frozenset(groups))


def _mixed(text: str, other: str) -> str:
    words, others = text.split(" "), other.split(" ")
    return " ".join(words[: len(words) * 2 // 3] + others[: len(others) // 3])


def _points(start: int, texts: list[str], dice: np.random.Generator) -> Iterator[Point]:
    access = {
        number: _access(number, dice) for number in range(start // CHUNKS, (start + len(texts)) // CHUNKS + 1)
    }
    for place, text in enumerate(texts, start):
        number, ordinal = divmod(place, CHUNKS)
        document = str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))
        chunk_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number} {ordinal}"))
        chunk = Chunk(chunk_id, document, ordinal, text, 0, len(text), f"Section {number}")
        yield Point(document, chunk, f"file:///{number}.md", f"Document {number}", access[number])


def _access(number: int, dice: np.random.Generator) -> Access:
    count = dice.integers(1, 3) if dice.random() < RESTRICTED else 0
    groups = dice.choice(GROUPS, count, replace=False)
    return Access.of(f"tenant{number % TENANTS}", [f"group{one}" for one in groups])
