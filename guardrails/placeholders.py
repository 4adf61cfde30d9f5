"""Reversible placeholders: values that rails take out before the model sees them, given back to the reader.

A `Placeholders` lives as long as one request and is kept nowhere: no log, record, cache or conversation.
It holds values of the asker's own question and of passages that the asker may read, and of those only what a
rule with `restore` took out. Whatever else stands in pointed brackets is text.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from guardrails.policy import Policy
from guardrails.redaction import merged, redact
from guardrails.verdict import Action, Finding, Stage, Verdict

_UNFIT = re.compile(r"\W+")  # in a placeholder: white space may end a sentence
_NUMBER = re.compile(r"_\d+>\Z")


class Placeholders:
    """What stands for what in one request: for each value a placeholder of its own, wherever it stands."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._values: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self.used = False
        """Whether a value was given back."""

    def numbered(self, stage: Stage, text: str, verdict: Verdict) -> str:
        """What may go on of `text`, with `verdict` on it: as the verdict says, but `<EMAIL_ADDRESS_1>`.

        What no rule restores keeps its placeholder without a number.
        """
        if verdict.action is not Action.REDACT:
            return verdict.text
        rules = self._policy.rules(stage)
        redacting = [found for found in verdict.acting if found.action is Action.REDACT]
        kept = [found for found in redacting if not rules[found.rail].restore]
        return redact(text, [self._named(found, text, kept) for found in merged(redacting)])

    def restored(self, text: str) -> str:
        """The text with the values in place of their placeholders. One that stands for nothing is left."""
        if not self._values:
            return text
        restored = re.sub(
            "|".join(map(re.escape, self._values)), lambda match: self._values[match.group()], text
        )
        self.used |= restored != text
        return restored

    def hidden(self, text: str) -> str:
        """The text with placeholders in place of the values, as the model was shown it."""
        if not self._values:
            return text
        # The longest first: one value may be a part of another.
        values = sorted(self._values.values(), key=len, reverse=True)
        names = {value: name for name, value in self._values.items()}
        return re.sub("|".join(map(re.escape, values)), lambda match: names[match.group()], text)

    def plain(self, text: str) -> str:
        """The text as it may be kept beyond the request: no values, and no numbers, which would mislead."""
        text = self.hidden(text)
        for name in self._values:
            text = text.replace(name, _NUMBER.sub(">", name))
        return text

    def _named(self, found: Finding, text: str, kept: Sequence[Finding]) -> Finding:
        if found.start == found.end or any(
            other.start < found.end and found.start < other.end for other in kept
        ):
            return found
        value = text[found.start : found.end]
        label = _UNFIT.sub("_", found.replacement.strip("<>") or found.label)
        key = label, value
        if key not in self._names:
            self._names[key] = self._free(label, text)
            self._values[self._names[key]] = value
        return replace(found, replacement=self._names[key])

    def _free(self, label: str, text: str) -> str:
        """A new placeholder. What a text says itself, as an author may write it, is never taken for one."""
        number = 1 + sum(known == label for known, _ in self._names)
        while f"<{label}_{number}>" in text or f"<{label}_{number}>" in self._values:
            number += 1
        return f"<{label}_{number}>"
