"""The rail for prompt injection: a classifier over windows of the text, and wordings that convict alone.

Knows what MiniLM and a few thousand attacks taught it; see models/injection.md for what it misses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guardrails.injection_features import cues, features
from guardrails.injection_model import InjectionModel
from guardrails.injection_patterns import Cue
from guardrails.rail import Encoder, Inspection, Sample, Vectors
from guardrails.sentences import Span, windows
from guardrails.verdict import Action, Finding, Stage

WINDOW = 900
"""Characters a window; about what the encoder reads of a text."""

_CONVICTED = 0.98
# Questions are attacks far more often than paragraphs are. A window of a document without a telling wording
# is believed less: this much off its logit. Chosen on foreign documents, see models/injection.md.
_DOUBT = 1.8


@dataclass(frozen=True, slots=True)
class _Window:
    span: Span
    text: str
    cues: tuple[Cue, ...]

    @property
    def worded(self) -> bool:
        return any(not cue.common for cue in self.cues)

    @property
    def convicted(self) -> bool:
        return any(cue.sure for cue in self.cues)


class Injection:
    """Scores a text by its most suspicious window; the finding's span is that window.

    At stage document only windows that show a wording of attacks are classified, unless `in_full`: a whole
    corpus passes there, and the passages that are ever used are classified in full at stage passage.
    """

    name = "injection"

    def __init__(
        self, encoder: Encoder, model: InjectionModel | None = None, *, in_full: bool = False
    ) -> None:
        self._encoder = encoder
        self._model = model or InjectionModel.load()
        self._in_full = in_full

    def inspect(self, sample: Sample) -> Inspection:
        """Look for an attempt to instruct the model in `sample.text`."""
        found = [_window(sample.text, span) for span in windows(sample.text, WINDOW)]
        worded_only = sample.stage is Stage.DOCUMENT and not self._in_full
        suspects = [window for window in found if window.text and (window.worded or not worded_only)]
        if not suspects:
            return Inspection(score=0.0)
        logits = self._model.logits(self._vectors(suspects, sample, len(found)), _features(suspects))
        if sample.stage in {Stage.DOCUMENT, Stage.PASSAGE}:
            logits -= np.array([0 if window.worded else _DOUBT for window in suspects], dtype=np.float32)
        score = self._model.probability(float(logits.max()), len(found))
        worst = suspects[int(logits.argmax())]
        convicted = next((window for window in suspects if window.convicted), None)
        if convicted is not None:
            worst, score = convicted, max(score, _CONVICTED)
        return Inspection((_finding(worst, score),), score)

    def _vectors(self, suspects: Sequence[_Window], sample: Sample, windows_in_all: int) -> Vectors:
        if sample.vector is not None and windows_in_all == 1:
            return sample.vector[np.newaxis]
        return self._encoder.encode([window.text for window in suspects])


def _window(text: str, span: Span) -> _Window:
    piece = text[span[0] : span[1]].strip()
    return _Window(span, piece, cues(piece))


def _features(found: Sequence[_Window]) -> Vectors:
    return np.stack([features(window.text, window.cues) for window in found])


def _finding(window: _Window, score: float) -> Finding:
    wordings = sorted({cue.label for cue in window.cues if cue.sure})
    reason = "reads like an attempt to instruct the model" + (f" ({', '.join(wordings)})" if wordings else "")
    return Finding(Injection.name, Injection.name, Action.BLOCK, score, *window.span, reason)
