"""ROUGE-L (Lin, 2004): the longest common sequence of word stems, as rouge-score computes it.

RAGAS's RougeScore is the same for one accepted answer; it takes no more than one, and builds the scorer anew
each time. The tokenizer knows the letters a to z: an answer in another script scores 0.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from eval.metrics.given import compared
from eval.metrics.rowwise import Rowwise


@cache
def _scorer() -> Any:  # noqa: ANN401  # rouge-score ships no types
    # Two seconds to import: not for commands that score nothing.
    from rouge_score.rouge_scorer import RougeScorer  # type: ignore[import-untyped]  # noqa: PLC0415  # as above

    return RougeScorer(["rougeL"], use_stemmer=True)


def rouge(answer: str, accepted: Sequence[str]) -> float:
    """The best F measure over the accepted answers, in [0, 1]. No words: 0."""
    return float(_scorer().score_multi(list(accepted), answer)["rougeL"].fmeasure)


def rouge_l() -> Rowwise:
    """The metric. No answer given: 0. Questions that cannot be answered, or without answers: no score."""
    return compared("rouge_l", rouge)
