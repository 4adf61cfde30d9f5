"""How a sentence compares with the passages that should carry it: what is found, changed and missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from guardrails.alignment import Alignment
from guardrails.opposites import opposed
from guardrails.rail import Vectors
from guardrails.words import Kind, Word

NAMES = (
    "unknown",
    "unfound",
    "jumps",
    "thin",
    "skipped",
    "numbers_missing",
    "numbers_moved",
    "names_missing",
    "names_moved",
    "denial",
    "opposite",
    "unit",
    "replaced",
    "length",
    "short",
)
"""The features, in the order of the model's weights. All in [0, 1]; 0 for a copy, but for its length."""

_LONG, _SHORT = 20, 3  # content words; longer claims count as this long, shorter ones are short
_THIN = 3  # words of a run; shorter ones say little about where a claim comes from
_NEAR = 3  # a denial so few words before one that is kept, denies it
_DENIABLE = 4  # words of a claim, all of them; what is shorter is no clause that a word before it would deny
_FILLING = frozenset({Kind.NAME, Kind.NUMBER})

Run = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands in the same place of the claim and of the source, between words that both have.

    `open` at an end of a run, which has such a word on one side only. `counted`: the word before is a number.
    """

    claim: Sequence[Word]
    source: Sequence[Word]
    open: bool
    counted: bool = False


def compare(found: Alignment, spoken: int) -> Vectors:
    """Return an array of shape (len(NAMES),). `spoken` is the number of the claim's words, all of them."""
    claim, where = found.claim, found.source.where
    content = [number for number, word in enumerate(claim) if word.content]
    whole = max(len(content), 1)
    unfound = [claim[number] for number in content if found.places[number] is None]
    runs = found.runs
    gaps = list(_gaps(found, runs))
    missing = [word for word in unfound if word.stem not in where]
    return np.array(
        [
            len(missing) / whole,
            len(unfound) / whole,
            min(max(len(runs) - 1, 0) * 3 / whole, 1),
            sum(len(run) for run in runs if len(run) < _THIN) / whole if whole > _THIN else 0,
            min(sum(len(gap.source) for gap in gaps if not gap.open) / whole, 1),
            _any(missing, Kind.NUMBER) or any(map(_number_changed, gaps)),
            any(_exchanged(gap, Kind.NUMBER) for gap in gaps),
            _any(missing, Kind.NAME) or any(map(_name_changed, gaps)),
            any(_exchanged(gap, Kind.NAME) for gap in gaps),
            any(_denial_changed(gap, spoken) for gap in gaps),
            any(opposed(one.stem, other.stem) for gap in gaps for one in gap.claim for other in gap.source),
            any(map(_unit_changed, gaps)),
            min(sum(map(_replaced, gaps)) / 3, 1),
            min(len(content) / _LONG, 1),
            len(content) <= _SHORT,
        ],
        dtype=np.float32,
    )


def _any(words: Sequence[Word], kind: Kind) -> bool:
    return any(word.kind is kind for word in words)


def _gaps(found: Alignment, runs: Sequence[Run]) -> Iterator[Gap]:
    """What stands between words of one run, and beside the runs.

    Names and numbers that were found apart from all else are looked at as if they had not been found: they
    may stand where others should.
    """
    claim, source, end = found.claim, found.source, 0
    runs = [run for run in runs if not all(claim[number].kind in _FILLING for number, _ in run)] or runs
    for run, later in zip(runs, [*runs[1:], None], strict=False):
        first, place = run[0]
        yield Gap(claim[end:first], source.before(place, first - end + 1), open=True)
        for (number, here), (following, there) in pairwise(run):
            between, counted = source.between(here, there), _counts(claim[number])
            yield Gap(claim[number + 1 : following], between, open=False, counted=counted)
        last, place = run[-1]
        end = last + 1
        following = later[0][0] if later else len(claim)
        ahead = source.after(place, following - end + 1)
        yield Gap(claim[end:following], ahead, open=True, counted=_counts(claim[last]))


def _counts(word: Word) -> bool:
    return word.kind is Kind.NUMBER or word.stem == "1"


def _number_changed(gap: Gap) -> bool:
    """One for another number where the claim has a "one", which alone counts as no number."""
    return any(word.stem == "1" for word in gap.claim) and _any(gap.source, Kind.NUMBER)


def _name_changed(gap: Gap) -> bool:
    """A capital where a sentence begins is a name's where the source has a name there."""
    return any(word.cased and word.kind is Kind.WORD for word in gap.claim) and _any(gap.source, Kind.NAME)


def _exchanged(gap: Gap, kind: Kind) -> bool:
    """One for another, or put between words that stand together. At an end it may be from elsewhere."""
    return _any(gap.claim, kind) and (not gap.open or _any(gap.source, kind))


def _denial_changed(gap: Gap, spoken: int) -> bool:
    said = _any(gap.claim, Kind.DENIAL)
    if gap.open and not gap.claim:
        return spoken >= _DENIABLE and _any(gap.source[-1:], Kind.DENIAL)
    return said is not _any(gap.source if said else gap.source[-_NEAR:], Kind.DENIAL)


def _unit_changed(gap: Gap) -> bool:
    return gap.counted and bool(gap.claim) and gap.claim[0].kind is Kind.WORD and bool(gap.source)


def _replaced(gap: Gap) -> int:
    if gap.open or not any(word.content for word in gap.source):
        return 0
    return sum(word.content for word in gap.claim)
