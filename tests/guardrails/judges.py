"""A stand-in for the encoder: finds a word, and says so in every head."""

from guardrails.judge import HEADS, Judgement


class Finds:
    """Judges texts with `word` as violations, and counts the characters that it is shown."""

    def __init__(self, word="attack"):
        self._word = word
        self.read = 0

    def judge(self, text, *, waits=True):  # noqa: ARG002  # the protocol's signature
        self.read += len(text)
        start = text.find(self._word)
        found = (
            Judgement(0.9, (start, start + len(self._word))) if start >= 0 else Judgement(0.1, (0, len(text)))
        )
        return dict.fromkeys(HEADS, found)

    def threshold_at(self, _head, false_positives):
        return 1 - false_positives
