"""Decontamination: what stands in an evaluation set is never trained on.

An example leaks if its question is one that is held out, word for word, or if its question or passage has
half of the runs of eight words of a held-out text (of the shorter of the two) in common with it. A passage
without such a run leaks if it is the same. It does not know paraphrases.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from finetune.datasets.cleaning.step import Tally
from finetune.datasets.examples import Example
from finetune.datasets.held_out import HeldOut
from finetune.datasets.wording import plain, words

RUN = 8  # words
SHARED = 0.5  # of the shorter text's runs


class Leaks:
    """Drops examples that share a question, or most of a passage, with an evaluation set."""

    name = "decontamination"

    def __init__(self, sets: Sequence[HeldOut]) -> None:
        self._sets = sets
        self._indexes = [_Index(each) for each in sets]
        self._dropped: list[Counter[str]] = [Counter() for _ in sets]

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`."""
        kept = []
        for example in tally.each(examples):
            leaks = [index.leak(example) for index in self._indexes]
            for place, leak in enumerate(leaks):
                self._dropped[place].update([leak] if leak else [])
            found = [f"{leak} of {each.name}" for each, leak in zip(self._sets, leaks, strict=True) if leak]
            if found:
                tally.drop(example, found[0], grave=True)
            else:
                kept.append(example)
        return kept

    def report(self) -> list[dict[str, Any]]:
        """Each set, and how many examples were dropped for its sake."""
        return [
            each.listing() | {"dropped": dict(dropped)}
            for each, dropped in zip(self._sets, self._dropped, strict=True)
        ]


class _Index:
    """The texts of a set, to be found by any run of theirs."""

    def __init__(self, held_out: HeldOut) -> None:
        self._same = {plain(text) for text in (*held_out.questions, *held_out.passages)}
        self._sizes: list[int] = []
        self._having: dict[int, list[int]] = defaultdict(list)
        for text in dict.fromkeys((*held_out.questions, *held_out.passages)):
            found = runs(text)
            for run in found:
                self._having[run].append(len(self._sizes))
            self._sizes.append(len(found))
        self._known: dict[str, bool] = {}

    def leak(self, example: Example) -> str:
        """What of the example is held out; empty if nothing is."""
        if self._holds(example.question):
            return "question"
        texts = (example.passage, *(shown.text for shown in example.beside))
        return "passage" if any(self._holds(text) for text in texts) else ""

    def _holds(self, text: str) -> bool:
        if text not in self._known:
            self._known[text] = plain(text) in self._same or self._shares(runs(text))
        return self._known[text]

    def _shares(self, found: frozenset[int]) -> bool:
        common = Counter(text for run in found for text in self._having.get(run, ()))
        return any(count >= SHARED * min(len(found), self._sizes[text]) for text, count in common.items())


def runs(text: str) -> frozenset[int]:
    """The hashes of a text's runs of eight words; they hold for one process."""
    return frozenset(map(hash, _windows(words(text))))


def _windows(said: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(said[start : start + RUN]) for start in range(len(said) - RUN + 1))
