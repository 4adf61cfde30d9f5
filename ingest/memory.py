"""A vector store in memory: a fake for tests and examples, held to the contract of the real one."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ingest.access import AccessFilter, Principal, access_filter
from ingest.documents import Passage
from ingest.store import Mode, Past, Point, Question, Vectors, indexed_words, passage

WORD = re.compile(r"\w+")
RANK_CONSTANT = 60


class MemoryStore:
    """Points in a dictionary, searched one by one. Words are counted as they stand, without stemming."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Point, Vectors]] = {}

    def write(self, points: Sequence[Point], vectors: Vectors) -> None:
        """Store points with their vectors."""
        added = {point.point_id: (point, vector) for point, vector in zip(points, vectors, strict=True)}
        self._rows = self._rows | added

    def drop(self, versions: Collection[str]) -> None:
        """Remove all points of `versions`."""
        self._rows = {key: row for key, row in self._rows.items() if row[0].version not in versions}

    def search(self, principal: Principal, question: Question, hidden: Collection[str]) -> list[Passage]:
        """The best passages for `question` that `principal` may read, best first."""
        readable = self._readable(principal, hidden)
        rows = [row for row in readable if _lies(row[0], question) and not _is_past(row[0], question.past)]
        sides = []
        if question.mode is not Mode.SPARSE and question.vector is not None:
            sides.append({point.point_id: float(vector @ question.vector) for point, vector in rows})
        if question.mode is not Mode.DENSE:
            counted = _word_scores([point for point, _ in readable], question.text)
            inside = {point.point_id for point, _ in rows}
            sides.append({key: score for key, score in counted.items() if key in inside})
        scores = _fused(sides) if question.mode is Mode.HYBRID else sides[0] if sides else {}
        found = [
            passage(point, scores[point.point_id], vector)
            for point, vector in rows
            if point.point_id in scores
        ]
        return sorted(found, key=lambda hit: (-hit.score, hit.chunk_id))[: question.k]

    def points(self, principal: Principal, hidden: Collection[str]) -> Iterator[Point]:
        """Every point that `principal` may read."""
        return (point for point, _ in self._readable(principal, hidden))

    def count(self, principal: Principal, hidden: Collection[str]) -> int:
        """How many points `principal` may read."""
        return len(self._readable(principal, hidden))

    def flush(self) -> None:
        """Nothing to do: there is no disk."""

    def optimize(self) -> None:
        """Nothing to do: every search is exact."""

    def due(self) -> bool:
        """Never."""
        return False

    def copy(self, place: Path) -> None:
        """Nothing to do: it is never due."""

    def close(self) -> None:
        """Nothing to do: the points live as long as the object."""

    def _readable(self, principal: Principal, hidden: Collection[str]) -> list[tuple[Point, Vectors]]:
        access = access_filter(principal)
        rows = self._rows.values()
        return [row for row in rows if row[0].version not in hidden and _passes(row[0], access)]


def _passes(point: Point, access: AccessFilter) -> bool:
    if point.access.tenant != access.tenant:
        return False
    groups = point.access.groups
    return access.groups is None or not groups or bool(groups & access.groups)


def _lies(point: Point, question: Question) -> bool:
    """Whether all that the question asks for holds of the point."""
    where = question.where
    day = point.dated or ""
    return (
        (not where.labels or not point.labels.isdisjoint(where.labels))
        and point.labels.isdisjoint(where.without_labels)
        and (not where.languages or point.language in where.languages)
        and (not where.path or _inside(point.uri, question))
        and (not where.since or day >= where.since)
        and (not where.until or "" < day <= where.until)
    )


def _inside(uri: str, question: Question) -> bool:
    where = question.where
    return uri == where.path or uri.startswith(where.below) or uri in question.standing


def _is_past(point: Point, past: Past) -> bool:
    expired = bool(past.expired_before and point.expires and point.expires < past.expired_before)
    return expired or (past.superseded and point.superseded)


def _word_scores(points: Sequence[Point], text: str) -> dict[str, float]:
    """How often the rare words of `text` occur in each point; points without any of them are left out."""
    counts = {point.point_id: Counter(WORD.findall(indexed_words(point).lower())) for point in points}
    scores = dict.fromkeys(counts, 0.0)
    for word in set(WORD.findall(text.lower())):
        holders = [key for key, words in counts.items() if words[word]]
        rarity = math.log(1 + len(counts) / (1 + len(holders)))
        for key in holders:
            scores[key] += rarity * counts[key][word] / (counts[key][word] + 1)
    return {key: score for key, score in scores.items() if score > 0}


def _fused(sides: Sequence[dict[str, float]]) -> dict[str, float]:
    """Reciprocal rank fusion: what stands high in several rankings stands highest."""
    fused: dict[str, float] = {}
    for side in sides:
        for rank, key in enumerate(sorted(side, key=lambda key: (-side[key], key)), start=1):
            fused[key] = fused.get(key, 0.0) + 1 / (RANK_CONSTANT + rank)
    return fused
