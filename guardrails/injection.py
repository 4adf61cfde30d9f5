"""The rail for prompt injection: the encoder's head of that name, over a text and the turns before it.

Knows what the encoder was taught; see models/encoder.md for what it misses.
"""

from collections.abc import Iterator

from guardrails.disguise import readings
from guardrails.injection_patterns import override, worded
from guardrails.judge import Judge
from guardrails.rail import Inspection, Sample
from guardrails.sentences import Span, windows
from guardrails.verdict import Action, Finding, Stage

_EVEN = 0.5
_CONVICTED = 0.98
_CUT = 900  # characters of a document's part; about one window of the encoder
_MARGIN = 200  # that are read before and after a part that shows a wording


class Injection:
    """Scores a text by its most suspicious window; the finding's span is that window.

    At stage document only parts that show a wording of attacks are read, unless `in_full`: a whole corpus
    passes there, and the passages that are ever used are read in full at stage passage.
    """

    name = "injection"

    def __init__(self, judge: Judge, *, in_full: bool = False) -> None:
        self._judge = judge
        self._in_full = in_full

    def inspect(self, sample: Sample) -> Inspection:
        """Look for an attempt to instruct the model, in `sample.text` or over the turns that lead to it."""
        if not sample.text.strip():
            return Inspection(score=0.0)
        found: list[Finding | None] = [_convicted(sample.text)]
        if sample.stage is Stage.DOCUMENT and not self._in_full:
            found += [self._read(sample.text, part, waits=False) for part in _suspicious(sample.text)]
        else:
            found += [self._read(sample.text, (0, len(sample.text))), self._over_turns(sample)]
        finding = max((each for each in found if each), key=lambda each: each.score, default=None)
        return Inspection((finding,), finding.score) if finding else Inspection(score=0.0)

    def threshold_at(self, false_positives: float) -> float:
        """The threshold in [0, 1] at which about this share of innocent texts is flagged."""
        return self._judge.threshold_at(self.name, false_positives)

    def _read(self, text: str, part: Span, *, waits: bool = True) -> Finding:
        judged = self._judge.judge(text[slice(*part)], waits=waits)[self.name]
        start, end = (place + part[0] for place in judged.span)
        return _finding(judged.probability, (start, end))

    def _over_turns(self, sample: Sample) -> Finding | None:
        """An attack that is split over turns shows in all of them together, and not in those before alone."""
        if not sample.history:
            return None
        before = "\n".join(sample.history)
        together = self._judge.judge(f"{before}\n{sample.text}")[self.name].probability
        alone = self._judge.judge(before)[self.name].probability
        return _finding(together, (0, len(sample.text))) if alone < _EVEN <= together else None


def _finding(score: float, span: Span) -> Finding:
    reason = "reads like an attempt to instruct the model"
    return Finding(Injection.name, Injection.name, Action.BLOCK, score, *span, reason)


def _convicted(text: str) -> Finding | None:
    match = override(text)
    return _finding(_CONVICTED, match.span()) if match else None


def _suspicious(text: str) -> Iterator[Span]:
    """The parts of `text` that show a wording of attacks, or hide something."""
    for start, end in windows(text, _CUT):
        part = text[start:end]
        if worded(part) or readings(part):
            yield max(start - _MARGIN, 0), min(end + _MARGIN, len(text))
