"""A training row: a text of one window, and what is known of it."""

from dataclasses import dataclass, replace

Label = float | None
"""1 a violation, 0 none, between them unsure; None where the source says nothing of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A text, a label a head. `source` and `kind` group the figures; `weight` is its share of the loss."""

    text: str
    injection: Label = None
    harm: Label = None
    toxicity: Label = None
    stereotypes: Label = None
    source: str = "written"
    kind: str = "benign"
    weight: float = 1.0

    @property
    def labels(self) -> tuple[Label, ...]:
        """Its labels in the order of `guardrails.judge.HEADS`."""
        return (self.injection, self.harm, self.toxicity, self.stereotypes)

    def worded(self, text: str) -> "Row":
        """Return the same row with another text."""
        return replace(self, text=text)


def innocent(text: str, source: str = "written", kind: str = "benign") -> Row:
    """Return a row that violates nothing."""
    return Row(text, 0, 0, 0, 0, source, kind)
