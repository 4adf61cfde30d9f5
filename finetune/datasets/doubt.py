"""Whether a question that was made of a real one is really one that the passages do not answer.

Asked of the grounding rail: question and old answer as a claim must be hardly supported, and no more than
the real question is with it. The rail compares words: it knows no inference, and neither does this.
"""

import re
from collections.abc import Sequence

from finetune.datasets.targets import Grounding

SURE = 0.9  # that the passages do not carry the claim
_ASKING = re.compile(
    r"(?i)\b(?:what|which|who|whom|whose|when|where|why|how(?: (?:many|much|long|often|far|old|large))?)\b"
)


class Doubt:
    """Confirms made-up questions."""

    def __init__(self, grounding: Grounding) -> None:
        self._grounding = grounding

    def confirms(self, twisted: str, real: str, answer: str, passages: Sequence[str]) -> bool:
        """Whether `passages`, which answer `real` by `answer`, do not answer `twisted` as well."""
        score = self._grounding.unsupported(claimed(twisted, answer), passages)
        return score >= SURE and score >= self._grounding.unsupported(claimed(real, answer), passages)


def claimed(question: str, answer: str) -> str:
    """A question with its answer in the place of what it asks for; at its end where it asks for nothing."""
    told = question.rstrip("? ")
    if not _ASKING.search(told):
        return f"{told} {answer}"
    return " ".join(_ASKING.sub(lambda _: answer, told, count=1).split())
