"""What a dataset is made of: how much comes from where, how long it is, and how much of it is refused."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import quantiles
from typing import Any

from finetune.datasets.examples import Example
from finetune.datasets.readings import Reading
from service.prompts import REFUSAL

_LARGEST = 10  # documents that are named


def balance(examples: Sequence[Example], readings: Iterable[Reading]) -> dict[str, Any]:
    """Shares and lengths of the examples that are learnt from, and of the readings composed of them."""
    total = max(1, len(examples))
    articles = Counter(example.article or "(no title)" for example in examples)
    replies = [asked.reply for reading in readings for asked in reading.asked]
    return {
        "sources": _shares(example.source for example in examples),
        "origins": _shares(example.origin for example in examples),
        "documents": len({example.document for example in examples}),
        "largest_documents": {
            name: round(count / total, 4) for name, count in articles.most_common(_LARGEST)
        },
        "unanswerable": round(sum(example.answer is None for example in examples) / total, 4),
        "refused": round(sum(reply == REFUSAL for reply in replies) / max(1, len(replies)), 4),
        "question_words": _spread(len(example.question.split()) for example in examples),
        "answer_words": _spread(len(example.answer.split()) for example in examples if example.answer),
        "passage_words": _spread(len(text.split()) for text in {example.passage for example in examples}),
    }


def _shares(names: Iterable[str]) -> dict[str, float]:
    counts = Counter(names)
    return {name: round(count / counts.total(), 4) for name, count in counts.most_common()}


def _spread(lengths: Iterable[int]) -> dict[str, float]:
    """The median, and what nineteen in twenty do not exceed."""
    found = sorted(lengths)
    if len(found) < 2:  # noqa: PLR2004  # quantiles need two
        return {"median": found[0], "p95": found[0]} if found else {}
    cut = quantiles(found, n=20, method="inclusive")
    return {"median": cut[9], "p95": cut[18]}
