"""Custom rails: what a policy forbids in its own words, a rail an entry of `rails.custom`.

All bear the rail name `custom`; the entry's name is their findings' label. Each runs, fails and is timed for
itself, so that a judge which cannot be reached stops no word list.
"""

from collections.abc import Iterable
from dataclasses import replace

from guardrails.custom_code import made
from guardrails.custom_lists import Patterns, Terms
from guardrails.custom_options import KINDS, Custom
from guardrails.rail import Inspection, Rail, Sample, Spanning

NAME = "custom"


class CustomRail:
    """One entry of a policy: its name and stages, around the rail that looks."""

    name = NAME

    def __init__(self, entry: Custom, looks: Rail) -> None:
        self._entry, self._looks = entry, looks

    @property
    def kind(self) -> str:
        """As `OfKind`: one of `KINDS`."""
        return self._entry.kind

    def inspect(self, sample: Sample) -> Inspection:
        """As the entry's rail has it, under the entry's name; nothing at stages that are not its own."""
        if not self._runs(sample):
            return Inspection()
        inspection = self._looks.inspect(sample)
        replacement = f"<{self._entry.name.upper()}>"
        findings = (
            replace(
                found,
                rail=NAME,
                label=self._entry.name,
                replacement=found.replacement or replacement,
            )
            for found in inspection.findings
        )
        return Inspection(tuple(findings), inspection.score)

    def unfinished(self, sample: Sample) -> bool:
        """As `Spanning`."""
        return isinstance(self._looks, Spanning) and self._runs(sample) and self._looks.unfinished(sample)

    def _runs(self, sample: Sample) -> bool:
        return not self._entry.stages or sample.stage in self._entry.stages


def custom_rails(entries: Iterable[Custom]) -> list[CustomRail]:
    """The rails of all entries, cheap ones first.

    Raises:
        PolicyError: an entry's code cannot be imported, or its judge's key is not in the environment.
    """
    cheap_first = sorted(entries, key=lambda entry: KINDS.index(entry.kind))
    return [CustomRail(entry, _rail(entry)) for entry in cheap_first]


def _rail(entry: Custom) -> Rail:
    if entry.patterns is not None:
        return Patterns(entry.patterns, entry.score)
    if entry.words is not None:
        return Terms(entry.words, entry.score)
    if entry.python is not None:
        return made(entry.name, entry.python)
    from guardrails.custom_judge import Jury  # noqa: PLC0415  # half a second to import, for those who have one

    return Jury.of(entry)
