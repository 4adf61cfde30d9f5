"""How a dataset is made: what is composed of its questions, and what is kept out of it."""

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to compose a dataset. Shares are of the questions that stand in the shown paragraphs.

    `validation` and `test` are shares of the documents. `languages` are those that passages may be in (ISO
    639-1; none: any). Of a file in which more than the share `tolerated` of the questions leak from an
    evaluation set, or hold an attack, nothing is built.
    """

    rounds: int = 1  # how often each article's paragraphs are grouped anew
    emphasis: int = 4  # times more often, for articles that have adversarial or rated questions
    loose: float = 1.0  # of the passages without a title that no reading of an article took in
    per_paragraph: int = 5  # questions taken of one paragraph and round
    same_article: float = 0.15
    unrelated: float = 0.06
    swapped: float = 0.25
    negated: float = 0.08
    substituted: float = 0.35
    tables: int = 150  # made-up tables a round
    rivals: int = 60  # made-up pairs of tables, and rules with limits, a round
    validation: float = 0.05
    test: float = 0.05
    languages: tuple[str, ...] = ("en",)
    tolerated: float = 0.2
    seed: int = 7

    def held_out(self) -> Self:
        """For the parts of a dataset that are held out: each paragraph once, and nothing that is made up."""
        return replace(self, rounds=1, emphasis=1, loose=1.0, tables=0, rivals=0)
