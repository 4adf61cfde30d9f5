"""Custom rails that look for what is listed: expressions, and words however they are written."""

from collections.abc import Iterable, Sequence

from guardrails.custom_options import WordList
from guardrails.expressions import Expression
from guardrails.folding import Folding
from guardrails.rail import Inspection, Sample
from guardrails.verdict import Action, Finding

_ENDINGS = r"(?:['’]?s|['’]|e[dmnrs]|n|ing)?"  # noqa: RUF001 the typographic apostrophe


class Patterns:
    """Finds what matches one of the expressions."""

    name = "custom"

    def __init__(self, patterns: Sequence[str], score: float) -> None:
        self._expressions = [Expression.of(pattern) for pattern in patterns]
        self._score = score

    def inspect(self, sample: Sample) -> Inspection:
        """Every match. Raises `RailError` if an expression takes too long."""
        spans = (span for expression in self._expressions for span in expression.spans(sample.text))
        return Inspection(tuple(_findings(spans, self._score, "matches a pattern")))

    def unfinished(self, sample: Sample) -> bool:
        """Whether the text may end within a match."""
        return any(expression.unfinished(sample.text) for expression in self._expressions)


class Terms:
    """Finds the words and phrases of a list. Knows regular endings and common disguises; no dictionary."""

    name = "custom"

    def __init__(self, words: WordList, score: float) -> None:
        self._folding = Folding(words.case, words.accents, words.disguised)
        terms = {self._folding.fold(term).text.strip() for term in words.terms}
        self._expression = Expression.of_words(sorted(terms), _ENDINGS if words.inflected else "")
        self._beginnings = {
            " ".join(parts[:some])
            for term in terms
            for parts in [term.split()]
            for some in range(1, len(parts))
        }
        self._score = score

    def inspect(self, sample: Sample) -> Inspection:
        """Every term that stands in the text as a whole."""
        folded = self._folding.fold(sample.text)
        spans = (folded.original(*span) for span in self._expression.spans(folded.text))
        return Inspection(tuple(_findings(spans, self._score, "is on a list of words")))

    def unfinished(self, sample: Sample) -> bool:
        """Whether the text ends with the beginning of a phrase, or of a word that is written spaced out."""
        text = self._folding.fold(sample.text).text.rstrip()
        # A word begins at whatever is no letter: "27 days.project" ends with one.
        return any(
            text.endswith(beginning) and not text[: -len(beginning)][-1:].isalnum()
            for beginning in self._beginnings
        )


def _findings(spans: Iterable[tuple[int, int]], score: float, reason: str) -> Iterable[Finding]:
    for start, end in spans:
        yield Finding("custom", "listed", Action.REDACT, score, start, end, reason)
