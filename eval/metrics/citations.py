"""Citations: whether answers cite the expected documents, and in the documents' own words."""

from eval.metrics.relevance import is_of
from eval.metrics.rowwise import Rowwise, asked, documents_known
from eval.outcome import Cited, Outcome


def citation_precision() -> Rowwise:
    """The share of an answer's citations that are of an expected document.

    No citation, no answer, or no expected document given: no score. What is missing, recall counts.
    """
    return Rowwise("citation_precision", documents_known, _precision)


def citation_recall() -> Rowwise:
    """The share of the expected documents that the answer cites; nothing cited: 0.

    No answer, or no expected document given: no score.
    """
    return Rowwise("citation_recall", documents_known, _recall)


def citation_verbatim() -> Rowwise:
    """The share of an answer's citations whose quote stands in the document at its very characters.

    No citation, or none that anybody looked up: no score.
    """
    return Rowwise("citation_verbatim", asked, _verbatim)


def _precision(outcome: Outcome) -> float | None:
    if not outcome.answered or not outcome.citations:
        return None
    right = [any(is_of(cited.uri, wanted) for wanted in _wanted(outcome)) for cited in outcome.citations]
    return sum(right) / len(right)


def _recall(outcome: Outcome) -> float | None:
    if not outcome.answered:
        return None
    wanted = _wanted(outcome)
    found = [each for each in wanted if any(is_of(cited.uri, each) for cited in outcome.citations)]
    return len(found) / len(wanted)


def _verbatim(outcome: Outcome) -> float | None:
    looked_up = [cited for cited in outcome.citations if cited.verbatim is not None]
    return sum(map(_is_verbatim, looked_up)) / len(looked_up) if looked_up else None


def _is_verbatim(cited: Cited) -> bool:
    return cited.verbatim is True


def _wanted(outcome: Outcome) -> frozenset[str]:
    return frozenset(outcome.question.documents)
