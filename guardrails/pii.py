"""The rail for personal data: one finding a place, as sure as the checks and the words near it make it.

Knows structured data only (`guardrails/entities.py`). Names of people need a model: it can be plugged in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from guardrails.cover import Cover
from guardrails.rail import Inspection, Sample
from guardrails.recognisers import Recogniser, Span, plugged, recognisers
from guardrails.verdict import Action, Finding

# Every pattern asks for one of these. Headings and plain sentences mostly have none of them.
_TELLING = re.compile(r"\d|@|:|www\.")


class Pii:
    """Finds personal data by pattern, checksum and context; each becomes a placeholder: `<EMAIL_ADDRESS>`.

    `entities` gives the least confidence per entity; what is not named is not looked for. `plug` names
    more recognisers as `package.module:factory`.
    """

    name = "pii"

    def __init__(
        self,
        entities: Mapping[str, float],
        allow: Sequence[str] = (),
        regions: Sequence[str] = ("US",),
        plug: str | None = None,
    ) -> None:
        """As above.

        Raises:
            PolicyError: `plug` cannot be imported.
        """
        self._entities = dict(entities)
        self._allow = frozenset(text.casefold() for text in allow)
        self._patterns = recognisers(entities, regions)
        self._plugged = plugged(plug) if plug else []

    def inspect(self, sample: Sample) -> Inspection:
        """Look for personal data in `sample.text`."""
        return Inspection(tuple(self._findings(sample.text)))

    def _findings(self, text: str) -> Iterator[Finding]:
        for span in apart(self._sure(text)):
            if not self._is_allowed(text[span.start : span.end]):
                yield _finding(span)

    def _sure(self, text: str) -> Iterator[Span]:
        seeking: list[Recogniser] = [*self._plugged]
        if _TELLING.search(text):
            seeking += self._patterns
        for recogniser in seeking:
            for span in recogniser.spans(text):
                if span.score >= self._entities.get(span.entity, 2.0):
                    yield span

    def _is_allowed(self, found: str) -> bool:
        found = found.casefold()
        return found in self._allow or f"@{found.rpartition('@')[2]}" in self._allow


def apart(spans: Iterable[Span]) -> list[Span]:
    """The spans without those that overlap a surer one, or as sure and longer; by place."""
    kept: list[Span] = []
    taken = Cover()
    for span in sorted(spans, key=lambda span: (-span.score, span.start - span.end)):
        place = span.start, span.end
        if not taken.meets(place):
            kept.append(span)
            taken.add(place)
    return sorted(kept, key=lambda span: span.start)


def _finding(span: Span) -> Finding:
    return Finding(
        Pii.name,
        span.entity,
        Action.REDACT,
        round(span.score, 4),
        span.start,
        span.end,
        f"looks like {span.entity.lower().replace('_', ' ')}",
        replacement=f"<{span.entity}>",
    )
