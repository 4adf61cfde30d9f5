"""Cost: what an answer's tokens cost by a table of prices, in whatever currency its prices are."""

from dataclasses import dataclass

from eval.metrics.rowwise import Rowwise
from eval.outcome import Outcome

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a million tokens."""

    prompt: float = 0.0
    completion: float = 0.0


def cost(prices: Prices) -> Rowwise:
    """The metric. Rows of no token, such as cached or blocked answers, cost nothing: 0."""

    def of(outcome: Outcome) -> float:
        spent = outcome.prompt_tokens * prices.prompt + outcome.completion_tokens * prices.completion
        return spent / MILLION

    return Rowwise("cost", lambda _question: True, of, better="lower")
