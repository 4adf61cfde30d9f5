"""Where the words of a claim stand in the passages: the cheapest way to read the claim off them.

A claim's word stands where the same word does in a passage, or nowhere. Reading on is free, skipping words
of a passage costs little, leaving a word of the claim unfound costs one, and going elsewhere costs more than
that: so a word that was exchanged for another of the same passage is unfound, where it is, rather than found
elsewhere.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from guardrails.sentences import sentences
from guardrails.words import Word, Words

_UNFOUND, _MARK_UNFOUND = 1.0, 0.5
_SKIP, _FARTHEST = 0.06, 12  # a word of a passage that the claim leaves out, and so many at most
_JUMP = 2.1
_BETWEEN = 40  # places between sentences: nothing is read across them without a jump
_MOST = 24  # places of one word that are looked at

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """Passages as one row of words: `at[place]` is the word there, `where[stem]` the places of a stem."""

    at: Mapping[int, Word]
    where: Mapping[str, Places]

    def between(self, start: int, end: int) -> list[Word]:
        """The words at the places start < place < end of one sentence."""
        return [self.at[place] for place in range(start + 1, end)]

    def before(self, place: int, most: int) -> list[Word]:
        """The words of the same sentence just before `place`."""
        return [self.at[earlier] for earlier in range(place - most, place) if self._joined(earlier, place)]

    def after(self, place: int, most: int) -> list[Word]:
        """The words of the same sentence just after `place`."""
        return [self.at[later] for later in range(place + 1, place + most + 1) if self._joined(place, later)]

    def _joined(self, start: int, end: int) -> bool:
        return all(place in self.at for place in range(start, end + 1))


@dataclass(frozen=True)
class Alignment:
    """`places[i]` is where word i of the claim was found, or None."""

    claim: Sequence[Word]
    source: Source
    places: Sequence[int | None]

    @property
    def runs(self) -> list[list[tuple[int, int]]]:
        """Stretches of (word of the claim, place) that are read on, in order."""
        runs: list[list[tuple[int, int]]] = []
        for number, place in enumerate(self.places):
            if place is None:
                continue
            if runs and 0 < place - runs[-1][-1][1] <= _FARTHEST:
                runs[-1].append((number, place))
            else:
                runs.append([(number, place)])
        return runs


def aligned(claim: Sequence[Word], source: Source) -> Alignment:
    """Find the cheapest way to read `claim` off `source`."""
    numbers, places = _matches(claim, source)
    chosen: list[int | None] = [None] * len(claim)
    if not len(numbers):
        return Alignment(claim, source, chosen)
    costs = [_UNFOUND if word.content else _MARK_UNFOUND for word in claim]
    unfound = np.concatenate([[0.0], np.cumsum(costs)])
    best, came = unfound[numbers].copy(), np.full(len(numbers), -1)
    starts = np.searchsorted(numbers, np.arange(len(claim) + 1))
    for number in range(1, len(claim)):
        here, before = slice(starts[number], starts[number + 1]), slice(0, starts[number])
        if here.start == here.stop or not before.stop:
            continue
        ahead = places[here, None] - places[None, before]
        going = np.where((ahead > 0) & (ahead <= _FARTHEST), _SKIP * (ahead - 1), _JUMP)
        paths = best[None, before] + going + (unfound[number] - unfound[numbers[before] + 1])[None, :]
        nearest = paths.argmin(axis=1)
        found = paths[np.arange(len(nearest)), nearest]
        better = found < best[here]
        best[here] = np.where(better, found, best[here])
        came[here] = np.where(better, nearest, -1)
    last = int((best + unfound[-1] - unfound[numbers + 1]).argmin())
    while last >= 0:
        chosen[numbers[last]] = int(places[last])
        last = int(came[last])
    return Alignment(claim, source, chosen)


def _matches(claim: Sequence[Word], source: Source) -> tuple[Places, Places]:
    """Every (word of the claim, place of the same word in the source), by word: two arrays of one length."""
    none = np.empty(0, dtype=np.int64)
    found = [source.where.get(word.stem, none)[:_MOST] for word in claim]
    numbers = np.repeat(np.arange(len(claim)), [len(places) for places in found])
    return numbers, np.concatenate(found) if found else none


@lru_cache(maxsize=16)  # what an answer rests on: every sentence of it is compared with the same few
def source_of(passages: tuple[str, ...]) -> Source:
    """Take passages apart, each of them once for many claims."""
    at: dict[int, Word] = {}
    where: dict[str, list[int]] = defaultdict(list)
    place = 0
    for sentence in (sentence for passage in passages for sentence in _taken_apart(passage)):
        for word in sentence:
            at[place] = word
            where[word.stem].append(place)
            place += 1
        place += _BETWEEN
    return Source(at, {found: np.array(places) for found, places in where.items()})


@lru_cache(maxsize=256)  # passages: the sentences of an answer rest on some of the same
def _taken_apart(passage: str) -> tuple[tuple[Word, ...], ...]:
    return tuple(Words(passage[start:end]).sequence for start, end in sentences(passage))
