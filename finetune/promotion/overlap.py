"""Whether an adapter may have learnt the very questions that it is judged by, as far as its card tells."""

from collections.abc import Mapping
from typing import Any

from finetune.promotion.examination import Questions

TRAINED = "it was trained on {name}, the very file that it is judged by: its figures say little"
UNTOLD = "its card does not say that {name} was held out when its dataset was built (`--held-out`)"


def overlap(card: Mapping[str, Any], questions: Questions) -> tuple[str, ...]:
    """What is to be said of it; nothing where the dataset was cleaned of these questions.

    Files are known by their hashes: it does not see questions that came in by another file.
    """
    dataset = card.get("dataset", {})
    if questions.sha256 in _hashes(dataset, "sources"):
        return (TRAINED.format(name=questions.name),)
    if questions.sha256 in _hashes(dataset, "held_out"):
        return ()
    return (UNTOLD.format(name=questions.name),)


def _hashes(dataset: Mapping[str, Any], part: str) -> set[str]:
    return {str(listing.get("sha256", "")) for listing in dataset.get(part, ())}
