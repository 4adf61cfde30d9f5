"""Checks over a stream: text is held back until its sentence is complete and screened.

What was sent can't be taken back, so the tail that is still open is never sent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from guardrails.guard import Guard
from guardrails.sentences import sentences
from guardrails.verdict import Stage, Verdict

_OPEN, _CLOSED = "-----BEGIN", "-----END"


@dataclass
class GuardedStream:
    """One answer on its way out. Feed it what the model writes; send each verdict's `text`, in order.

    `context_of` gives the passages that a sentence rests on (those it cites). However the text is
    cut into deltas, the verdicts are the same. After a block nothing more comes out.
    """

    guard: Guard
    context_of: Callable[[str], Sequence[str]]
    blocked: bool = field(default=False, init=False)
    _held: str = field(default="", init=False)

    def feed(self, delta: str) -> list[Verdict]:
        """Take more text; return a verdict for each sentence that it completed."""
        self._held += delta
        return self._release(growing=True)

    def finish(self) -> list[Verdict]:
        """Screen what is still held: the text has ended."""
        return self._release(growing=False)

    def _release(self, *, growing: bool) -> list[Verdict]:
        verdicts: list[Verdict] = []
        start = 0
        for _, end in sentences(self._held, growing=growing):
            unit = self._held[start:end]
            if self.blocked or (
                unit.rfind(_OPEN) > unit.rfind(_CLOSED) and (growing or end < len(self._held))
            ):
                continue  # a key that is not yet closed stays together with what follows
            verdicts.append(self.guard.screen(Stage.OUTPUT, unit, context=self.context_of(unit)))
            self.blocked = verdicts[-1].blocked
            start = end
        self._held = "" if self.blocked else self._held[start:]
        return verdicts
