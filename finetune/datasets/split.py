"""Examples → train, validation and test: by document, never by question.

What belongs together stays together: the passages of an article, and passages that say nearly the same in
different articles. The side hangs on the names of what is together alone, and is the strictest of them: with
the same shares no later dataset learns from a test set, whatever joins it. Documents that users rated answers
from are the exception: they are learnt from, wherever they would have fallen.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from finetune.datasets.examples import FEEDBACK, Example, Split
from finetune.datasets.likeness import Groups, near_passages

_BITS = 64
_STRICTER: tuple[Split, ...] = ("train", "validation", "test")


def split(examples: Sequence[Example], validation: float, test: float) -> list[Example]:
    """The examples, each with its side; about these shares of the documents are held out."""
    groups = Groups()
    for one, other in near_passages(example.passage for example in examples):
        groups.join(("passage", one), ("passage", other))
    for example in examples:
        groups.join(("document", example.document), ("passage", example.passage))
    tops = [groups.top(("document", example.document)) for example in examples]
    rated = {top for top, example in zip(tops, examples, strict=True) if example.origin == FEEDBACK}
    sides: dict[tuple[str, str], Split] = {}
    for top, example in zip(tops, examples, strict=True):
        own: Split = "train" if top in rated else side(example.document, validation, test)
        sides[top] = max(own, sides.get(top, own), key=_STRICTER.index)
    return [replace(example, split=sides[top]) for top, example in zip(tops, examples, strict=True)]


def side(document: str, validation: float, test: float) -> Split:
    """Where a document stands: the same answer for the same name, today and in a year."""
    digest = hashlib.sha256(document.encode()).digest()
    place = int.from_bytes(digest[: _BITS // 8], "big") / 2**_BITS
    if place < test:
        return "test"
    return "validation" if place < test + validation else "train"
