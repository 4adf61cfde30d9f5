"""Metrics of one answer against the accepted ones (SQuAD: Rajpurkar et al., 2016, its official script)."""

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_MARKER = re.compile(r"\s*\[\d+\]")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalised(text: str) -> str:
    """Lower case, without punctuation, articles and surplus space."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def without_markers(answer: str) -> str:
    """The answer without its citation markers."""
    return _MARKER.sub("", answer).strip()


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1.0 if the normalised answer equals an accepted one, else 0.0; 0.0 where none is accepted."""
    return float(any(normalised(answer) == normalised(gold) for gold in accepted))


def f1(answer: str, accepted: Sequence[str]) -> float:
    """The best token F1 over the accepted answers, in [0, 1]; 0.0 where none is accepted."""
    return max((_f1(normalised(answer).split(), normalised(gold).split()) for gold in accepted), default=0.0)


def _f1(answer: list[str], gold: list[str]) -> float:
    shared = sum((Counter(answer) & Counter(gold)).values())
    if not shared:
        return float(answer == gold)
    precision, recall = shared / len(answer), shared / len(gold)
    return 2 * precision * recall / (precision + recall)
