"""Checks over a stream: text is held back until its sentence is complete and screened.

What was sent can't be taken back, so the tail that is still open is never sent. A sentence ends where no
value can run on into the next. A text that ends no sentence is cut where no value stands.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from guardrails.guard import Guard
from guardrails.rail import Sample
from guardrails.sentences import next_end
from guardrails.values import PLACED, runs_on
from guardrails.verdict import Action, Stage, Verdict

MOST = 8_000
"""Characters that are held back, at most: a private key of 8,192 bits fits."""

_REMEMBERED = 2  # sentences already released, for what is spread over several
_OPEN, _CLOSED = "-----BEGIN", "-----END"
_NEXT_SPACE = re.compile(r"(?=\s)")
_END_OF_KEY = re.compile(r"-----END[^\n-]{0,60}-----")
_KNOWN_BY = 100  # characters that tell a value for what it is: a key by its first line and some of the next
_LONGEST_END = 100  # characters of what ends a key
_SPACE = re.compile(r"\s(?=\S)")
# Characters before a value in which a word may stand that gives it away: "call", "key is".
_TELLING = (100, 20)


def _unlabelled(_: str) -> Collection[str]:
    """Nothing that was read has a label."""
    return ()


@dataclass
class GuardedStream:
    """One answer on its way out. Let it grow by what the model writes; send each verdict's `text`, in order.

    `context_of` gives the passages that a sentence rests on (those it cites). However the text is
    cut into deltas, the verdicts are the same. After a block nothing more comes out. At most `most`
    characters are held back. `labels_of` gives the labels of those passages' documents; `asked` is what the
    asker said.
    """

    guard: Guard
    context_of: Callable[[str], Sequence[str]]
    most: int = MOST
    labels_of: Callable[[str], Collection[str]] = _unlabelled
    asked: Sequence[str] = ()
    blocked: bool = field(default=False, init=False)
    _held: str = field(default="", init=False)
    _said: tuple[str, ...] = field(default=(), init=False)
    _since: int = field(default=0, init=False)  # no sentence ends in what is held before
    _dropping: "re.Pattern[str] | None" = field(default=None, init=False)  # up to where

    def grow(self, delta: str) -> bool:
        """Take more text; tell whether `screen` may have work. Quick: no rail is run."""
        if self.blocked:
            return False
        self._held += delta
        self._drop()
        if self._dropping or (delta.isspace() and len(self._held) <= self.most):
            return False  # white space alone ends nothing, and may be long
        if len(self._held) > self.most:
            return True
        end, since = next_end(self._held, 0, self._since, growing=True)
        if end is None:
            self._since = since
        return end is not None

    def screen(self) -> list[Verdict]:
        """Return a verdict for each sentence that is complete."""
        return self._release(growing=True)

    def finish(self) -> list[Verdict]:
        """Screen what is still held: the text has ended."""
        return self._release(growing=False)

    def _release(self, *, growing: bool) -> list[Verdict]:
        verdicts: list[Verdict] = []
        while not self.blocked and (end := self._first_end(growing=growing)):
            unit, rest = self._held[:end], self._held[end:]
            verdict = self._judged(unit)
            verdicts.append(verdict)
            self.blocked = verdict.blocked
            self._dropping = _rest_of_value(unit, verdict, rest)
            self._held, self._since = rest, 0
        if self.blocked or not growing:
            self._held = ""
        return verdicts

    def _judged(self, unit: str) -> Verdict:
        sample = Sample(
            unit,
            Stage.OUTPUT,
            tuple(self.context_of(unit)),
            history=self.asked,
            said=self._said,
            labels=frozenset(self.labels_of(unit)),
        )
        verdict = self.guard.judge(sample)
        self._said = (*self._said, verdict.text)[-_REMEMBERED:]
        return verdict

    def _first_end(self, *, growing: bool) -> int | None:
        """Where the first sentence that is held has its end, or must be given one."""
        self._drop()
        if self._dropping:
            return None
        long = len(self._held) > self.most
        end = self._natural_end(growing=growing or long)
        if end is None and long:
            end = self._forced_end()
        if end is None and not growing and self._held:
            end = len(self._held)
        return end

    def _natural_end(self, *, growing: bool) -> int | None:
        text = self._held[: self.most]
        while True:
            end, self._since = next_end(text, 0, self._since, growing=growing)
            if end is None or self._may_end(text[:end], text[end : end + 1]):
                return end

    def _may_end(self, unit: str, following: str) -> bool:
        """Whether nothing that a rail looks for may run on. A key that is not yet closed does."""
        before = unit.rstrip()
        if unit.rfind(_OPEN) > unit.rfind(_CLOSED) or runs_on(before, unit[len(before) :], following):
            return False
        return not self.guard.unfinished(Stage.OUTPUT, unit)

    def _forced_end(self) -> int:
        """Where to cut a text that ends no sentence: at a space, far from every value if possible."""
        text = self._held[: self.most]
        found = self.guard.screen(Stage.OUTPUT, text, only=PLACED).acting
        spans = [(each.start, each.end) for each in found]
        # A value that begins thereafter may not be known yet.
        latest = self.most - max(self.most // 16, _KNOWN_BY)
        spaces = [match.end() for match in _SPACE.finditer(text, 0, latest)]
        for reach in _TELLING:
            for place in reversed(spaces):
                if not any(start - reach < place < end for start, end in spans):
                    return place
        return max((end for start, end in spans if start < latest < end), default=latest)

    def _drop(self) -> None:
        """Drop the rest of a value that was too long to be held back as a whole."""
        if not self._dropping:
            return
        if end := self._dropping.search(self._held):
            self._held, self._dropping = self._held[end.end() :], None
        else:
            self._held = self._held[-_LONGEST_END:]


def _rest_of_value(unit: str, verdict: Verdict, rest: str) -> "re.Pattern[str] | None":
    """Up to where a value runs on that was taken out up to the end of `unit`, if one does."""
    if not any(found.action is Action.REDACT and found.end == len(unit) for found in verdict.acting):
        return None
    if unit.rfind(_OPEN) > unit.rfind(_CLOSED):
        return _END_OF_KEY
    if (closed := list(_END_OF_KEY.finditer(unit))) and closed[-1].end() == len(unit):
        return None  # a key ends with its last line
    return _NEXT_SPACE if unit[-1:].strip() and rest[:1].strip() else None
