"""Language: passages in another one than the adapter's."""

from collections.abc import Collection, Sequence

from finetune.datasets.cleaning.step import Tally
from finetune.datasets.examples import Example
from guardrails.language import detected


class Languages:
    """Drops passages that are surely in none of the languages; short ones cannot be told, and stay."""

    name = "language"

    def __init__(self, wanted: Collection[str]) -> None:
        """`wanted`: ISO 639-1; none: any."""
        self._wanted = frozenset(wanted)
        self._known: dict[str, str | None] = {}

    def clean(self, examples: Sequence[Example], tally: Tally) -> list[Example]:
        """As `Step.clean`."""
        kept = []
        for example in tally.each(examples):
            found = self._language(example.passage) if self._wanted else None
            if found is None or found in self._wanted:
                kept.append(example)
            else:
                tally.drop(example, f"in {found}")
        return kept

    def _language(self, passage: str) -> str | None:
        if passage not in self._known:
            self._known[passage] = detected(passage)
        return self._known[passage]
