"""What an adapter may learn to say: short, in the words of one passage, and carried by it.

Serving checks an answer's citation word for word, so what is learnt is checked alike; the grounding rail has
the last word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from finetune.datasets.sources import LONGEST_ANSWER
from service.citations import claim, numbers, verbatim
from service.reading import refuses

SUPPORTED = 0.5  # the grounding rail's own threshold

EMPTY = "the answer is empty"
TOO_LONG = "the answer is too long to learn"
CITES_NO_PASSAGE = "the answer does not cite one of its passages"
OWN_WORDS = "the answer is not in the words of its passage"
UNGROUNDED = "the grounding rail objects"


class Grounding(Protocol):
    """Whether a passage carries a sentence: `guardrails.grounding.Grounding`."""

    def unsupported(self, sentence: str, context: Sequence[str]) -> float:
        """Probability in [0, 1] that `context` does not carry `sentence`."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """An answer in the words of the passage at `place` (from 0); None is a refusal."""

    answer: str | None
    place: int = 0


def target(reply: str, passages: Sequence[str], grounding: Grounding) -> Target | str:
    """What is to be learnt of a reply, or why nothing is. A citation says which passage it rests on."""
    if refuses(reply):
        return Target(None)
    told, cited = claim(reply), set(numbers(reply))
    if not told:
        return EMPTY
    if len(told) > LONGEST_ANSWER:
        return TOO_LONG
    if len(cited) > 1 or any(not 1 <= number <= len(passages) for number in cited):
        return CITES_NO_PASSAGE
    places = [number - 1 for number in cited] or list(range(len(passages)))
    found = verbatim(told, [passages[place] for place in places])
    if found is None:
        return OWN_WORDS
    words, place = found[0], places[found[1]]
    return Target(words, place) if supported(words, passages[place], grounding) else UNGROUNDED


def supported(answer: str, passage: str, grounding: Grounding) -> bool:
    """Whether the grounding rail lets the answer pass. It reads line by line: an answer is put on one."""
    line = " ".join(answer.split())
    return grounding.unsupported(line, [passage.replace(answer, line)]) < SUPPORTED
