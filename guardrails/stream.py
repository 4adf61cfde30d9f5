"""Checks over a stream: text is held back until its sentence is complete and screened.

What was sent can't be taken back, so the tail that is still open is never sent.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from guardrails.guard import Guard
from guardrails.rail import Sample
from guardrails.sentences import sentences
from guardrails.verdict import Stage, Verdict

_QUICK = 400  # characters: a quarter of a millisecond
_REMEMBERED = 2  # sentences already released, for what is spread over several
_OPEN, _CLOSED = "-----BEGIN", "-----END"


def _unlabelled(_: str) -> Collection[str]:
    """Nothing that was read has a label."""
    return ()


@dataclass
class GuardedStream:
    """One answer on its way out. Let it grow by what the model writes; send each verdict's `text`, in order.

    `context_of` gives the passages that a sentence rests on (those it cites), `labels_of` their documents'
    labels; `asked` is what the asker said. However the text is cut into deltas, the verdicts are the same.
    After a block nothing more comes out.
    """

    guard: Guard
    context_of: Callable[[str], Sequence[str]]
    labels_of: Callable[[str], Collection[str]] = _unlabelled
    asked: Sequence[str] = ()
    blocked: bool = field(default=False, init=False)
    _held: str = field(default="", init=False)
    _said: tuple[str, ...] = field(default=(), init=False)

    def grow(self, delta: str) -> bool:
        """Take more text; tell whether it may have completed a sentence, so that `screen` has work. Quick."""
        self._held += delta
        # To look through text that ends no sentence takes time that grows with its square.
        return len(self._held) > _QUICK or any(True for _ in self._complete(growing=True))

    def screen(self) -> list[Verdict]:
        """Return a verdict for each sentence that is complete."""
        return self._release(growing=True)

    def finish(self) -> list[Verdict]:
        """Screen what is still held: the text has ended."""
        return self._release(growing=False)

    def _release(self, *, growing: bool) -> list[Verdict]:
        verdicts: list[Verdict] = []
        start = 0
        for unit in self._complete(growing=growing):
            start += len(unit)
            if not self.blocked:
                verdicts.append(self._judged(unit))
                self.blocked = verdicts[-1].blocked
        self._held = "" if self.blocked else self._held[start:]
        return verdicts

    def _judged(self, unit: str) -> Verdict:
        labels = frozenset(self.labels_of(unit))
        sample = Sample(
            unit,
            Stage.OUTPUT,
            tuple(self.context_of(unit)),
            history=self.asked,
            said=self._said,
            labels=labels,
        )
        verdict = self.guard.judge(sample)
        self._said = (*self._said, verdict.text)[-_REMEMBERED:]
        return verdict

    def _complete(self, *, growing: bool) -> Iterator[str]:
        """The sentences that nothing more is added to. A key that is not yet closed is no sentence's end."""
        start = 0
        for _, end in sentences(self._held, growing=growing):
            unit = self._held[start:end]
            if unit.rfind(_OPEN) <= unit.rfind(_CLOSED) or not (growing or end < len(self._held)):
                yield unit
                start = end
