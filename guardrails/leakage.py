"""The rail for leakage: does an answer say what stands in documents that its reader may not open?

However the model came to know it. Compares shingles, so it knows a recital, reworded or a table's row made a
sentence of, and not what was retold in other words. `Sample.withheld` knows which shingles are closed to the
reader: none that stands in a document that the reader may open. Shingles that the asker wrote are no news to
them, and never count: a question that holds a guess is not told by a block whether the guess was right. That
is for words that stand together in the question, never for each of them; and of whoever lists many numbers,
none is taken for a guess.

A sentence is judged by itself and after the sentences before it, so a leak that is spread over several is
stopped where it completes; what was released before is out. A sentence of less than three words that say
something, and no long number, is judged with those before it alone.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from guardrails.calibration import probability
from guardrails.rail import NOTHING_WITHHELD, Inspection, Sample
from guardrails.shingles import Shingle, Token, asked, tokens
from guardrails.verdict import Action, Finding

CLOSED = "closed-document"
"""The label of a finding that is no document's label."""

_RUN = 3  # words of a run; a fact has two, a telling number is one
# Fitted on the handbook, a quarter of it closed: sentences copied, reworded, and of unknown documents.
_COVERED, _RUNS, _RUNS_BIAS = 5.0, 3.0, -5.5
_WINDOW = 16  # words: a recital within a long sentence is as plain as one alone
_GUESSES = 3  # numbers that an asker may write before they are a list to be tried
# Of a number: how many of the words near it stand near it in a closed document, too, and how many do not.
_FACTS, _OTHERS, _TELLING, _FACTS_BIAS = 1.2, -0.3, 2.7, -2.6


class Leakage:
    """Scores an answer by what of it stands in closed documents; `labels` are those that a policy names."""

    name = "leakage"

    def __init__(self, labels: Collection[str] = ()) -> None:
        self._labels = frozenset(labels)

    def inspect(self, sample: Sample) -> Inspection:
        """Look for words of closed documents, and for labels of what the answer rests on."""
        labelled = [
            Finding(self.name, label, Action.FLAG, 1.0, 0, len(sample.text), f"rests on what is {label}")
            for label in sorted(self._labels & sample.labels)
        ]
        if sample.withheld is NOTHING_WITHHELD:
            return Inspection(tuple(labelled), 0.0)
        score, span = self._leak(sample)
        reason = "says what stands in documents that the reader may not open"
        leak = Finding(self.name, CLOSED, Action.BLOCK, score, *span, reason, replacement=f"<{CLOSED}>")
        return Inspection((leak, *labelled) if score else tuple(labelled), score)

    def _leak(self, sample: Sample) -> tuple[float, tuple[int, int]]:
        """The probability of a leak, and from where to where it goes in the text."""
        said = "".join(f"{sentence}\n" for sentence in sample.said)
        words = tokens(said + sample.text)
        alone = [word for word in words if word.start >= len(said)]
        readings = [alone, words] if said else [alone]
        own = _own(tuple(sample.history))
        news = [_news(reading, len(said), own) for reading in readings]
        closed = frozenset(sample.withheld.among({shingle.value for each in news for shingle in each}))
        if not closed:
            return 0.0, (0, 0)
        logit = max(max(_runs(each, closed), _facts(each, closed)) for each in news)
        return probability(logit), _span(news, closed, len(said))


@lru_cache(maxsize=32)  # the same for every sentence of an answer
def _own(texts: tuple[str, ...]) -> frozenset[int]:
    """The shingles that the asker wrote, without all numbers if these are more than guesses."""
    written = [tokens(text) for text in texts]
    listed = len({word.word for words in written for word in words if word.number}) > _GUESSES
    return frozenset(
        shingle.value
        for words in written
        for shingle in asked(words)
        if not (listed and any(word.number for word in shingle.group))
    )


def _news(words: Sequence[Token], start: int, own: Collection[int]) -> list[Shingle]:
    """The shingles that reach beyond `start`, where something new begins, and are not the asker's."""
    return [
        shingle
        for shingle in asked(words)
        if shingle.value not in own and any(word.start >= start for word in shingle.group)
    ]


def _runs(news: Sequence[Shingle], closed: Collection[int]) -> float:
    """The logit of a recital: of a whole text, or of some words of a longer one."""
    runs = [shingle for shingle in news if len(shingle.group) == _RUN]
    if not any(shingle.value in closed for shingle in runs):
        return -math.inf
    return max(_recital(piece, closed) for piece in _pieces(runs))


def _pieces(runs: Sequence[Shingle]) -> Iterator[list[Shingle]]:
    """The runs within each window of words; windows begin half a window apart."""
    places = {word: place for place, word in enumerate(sorted(_words(runs), key=lambda word: word.start))}
    step = _WINDOW // 2
    pieces: list[list[Shingle]] = [[] for _ in range(max(1, -(-len(places) // step) - 1))]
    for run in runs:
        first, last = places[run.group[0]], places[run.group[-1]]
        for piece in (first // step - 1, first // step):
            if 0 <= piece < len(pieces) and last < piece * step + _WINDOW:
                pieces[piece].append(run)
    yield from pieces


def _recital(runs: Sequence[Shingle], closed: Collection[int]) -> float:
    """The logit by how many runs are closed, and what part of the words they cover."""
    found = [run for run in runs if run.value in closed]
    if not found:
        return -math.inf
    covered = len(_words(found)) / len(_words(runs))
    return _COVERED * covered + _RUNS * math.log(len({run.value for run in found})) + _RUNS_BIAS


def _words(shingles: Sequence[Shingle]) -> set[Token]:
    return {word for shingle in shingles for word in shingle.group}


def _facts(news: Sequence[Shingle], closed: Collection[int]) -> float:
    """The logit of the number that is most surely a closed document's."""
    return max((_logit(*counts) for counts in _numbers(news, closed)), default=-math.inf)


def _numbers(news: Sequence[Shingle], closed: Collection[int]) -> Iterator[tuple[int, int, bool]]:
    """Of each number: words near it that are near it in a closed document too, others, and itself."""
    near: Counter[Token] = Counter()
    found: Counter[Token] = Counter()
    telling = set()
    for value, group in news:
        if len(group) == _RUN:
            continue
        number = group[0]
        near[number] += len(group) - 1
        found[number] += (len(group) - 1) * (value in closed)
        if len(group) == 1 and value in closed:
            telling.add(number)
    return ((found[number], near[number] - found[number], number in telling) for number in near)


def _logit(found: int, others: int, telling: bool) -> float:  # one of three counts
    return _FACTS * found + _OTHERS * others + _TELLING * telling + _FACTS_BIAS


def _span(news: Sequence[Sequence[Shingle]], closed: Collection[int], start: int) -> tuple[int, int]:
    words = [
        word
        for each in news
        for shingle in each
        if shingle.value in closed
        for word in shingle.group
        if word.start >= start
    ]
    return min(word.start for word in words) - start, max(word.end for word in words) - start
