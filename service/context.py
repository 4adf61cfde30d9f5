"""Packing: which of the retrieved passages the prompt holds, within a budget of tokens."""

import re
from collections.abc import Callable, Sequence

from service.errors import ContextTooLong
from service.prompts import messages
from service.retrieve import Candidate
from service.spans import step

_WORD = re.compile(r"\w+")
ALIKE = 0.8  # share of common words from which two passages count as the same

CountTokens = Callable[[Sequence[dict[str, str]]], int]


@step("pack")
def pack(
    question: str, candidates: Sequence[Candidate], most: int, budget: int, count: CountTokens
) -> list[Candidate]:
    """The best candidates, at most `most`, without near-duplicates, whose prompt fits into `budget` tokens.

    Raises:
        ContextTooLong: the question alone does not fit.
    """
    if count(messages(question, [])) > budget:
        raise ContextTooLong(
            f"the question is longer than the {budget} tokens that fit; shorten it, "
            "or raise service.context_tokens for a model with a longer context"
        )
    packed: list[Candidate] = []
    for candidate in candidates:
        if len(packed) == most:
            break
        if any(_alike(candidate.text, other.text) for other in packed):
            continue
        if count(messages(question, [*packed, candidate])) <= budget:
            packed.append(candidate)
    return packed


def _alike(one: str, other: str) -> bool:
    """Whether two texts share most of their words (Jaccard similarity of their sets of words)."""
    left, right = set(_WORD.findall(one.lower())), set(_WORD.findall(other.lower()))
    return len(left & right) >= ALIKE * max(1, len(left | right))
