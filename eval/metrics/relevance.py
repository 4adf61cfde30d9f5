"""Which of the retrieved passages are relevant, with judgements of relevance (qrels) or without.

With `documents`: a passage is relevant if it is of an expected document. Without: if it holds an accepted
answer (normalised as SQuAD does), and finding it once is all there is to find.

A document's second passage brings nothing new, so that measures of a ranking (recall, MRR, MAP, nDCG) count
the first passage of each expected document; precision counts every relevant passage.
"""

from dataclasses import dataclass

from eval.answers import normalised
from eval.dataset import Question
from eval.outcome import Outcome, Passage


@dataclass(frozen=True, slots=True)
class Ranking:
    """The retrieved passages, best first: whether each is relevant, and whether it is new as well.

    `wanted` is how many documents there are to be found, one at least.
    """

    relevant: tuple[bool, ...]
    new: tuple[bool, ...]
    wanted: int


def judged(question: Question) -> bool:
    """Whether it can be told what is relevant: an answerable question with documents or answers."""
    return question.kind != "attack" and question.answerable and bool(question.documents or question.answers)


def ranking(outcome: Outcome) -> Ranking:
    """Judge what was retrieved for a question that is `judged`."""
    found = [targets(outcome.question, passage) for passage in outcome.retrieved]
    seen: set[str] = set()
    new = []
    for each in found:
        new.append(bool(each - seen))
        seen |= each
    return Ranking(tuple(map(bool, found)), tuple(new), max(1, len(set(outcome.question.documents))))


def targets(question: Question, passage: Passage) -> frozenset[str]:
    """The expected documents that a passage is of; without any, all answers are one target."""
    if question.documents:
        return frozenset(wanted for wanted in question.documents if is_of(passage.uri, wanted))
    text = f" {normalised(passage.text)} "
    held = any(f" {normalised(answer)} " in text for answer in question.answers if normalised(answer))
    return frozenset({"answer"}) if held else frozenset()


def is_of(uri: str, wanted: str) -> bool:
    """Whether `uri` is the expected document: the same, or ending in it below a folder."""
    return uri == wanted or uri.endswith(f"/{wanted}")
