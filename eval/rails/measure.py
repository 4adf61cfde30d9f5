"""The way of the rails' quality: each rail of a policy on its texts, one figure a line.

policy → rails → texts → figures → goals
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.errors import BadQuestions
from eval.rails.answerability import answerability
from eval.rails.figures import Line
from eval.rails.grounding import grounding
from eval.rails.harm import harm
from eval.rails.injection import injection
from eval.rails.pii import pii
from eval.rails.screening import Screening
from eval.rails.secrets import secrets
from eval.rails.stereotypes import stereotypes
from eval.rails.topics import topics
from eval.rails.toxicity import toxicity

Figures = Callable[[Screening, Path], Iterator[Line]]

RAILS: Mapping[str, Figures] = {
    "injection": injection,
    "harm": harm,
    "toxicity": toxicity,
    "stereotypes": stereotypes,
    "topics": topics,
    "grounding": grounding,
    "answerability": answerability,
    "pii": pii,
    "secrets": secrets,
}
"""A rail's figures are a file beside this one, and a line here."""


@dataclass(frozen=True)
class Quality:
    """What was measured under which policy; `absent` are the rails that the policy has run nowhere."""

    policy: str
    lines: tuple[Line, ...]
    absent: tuple[str, ...]

    @property
    def missed(self) -> tuple[Line, ...]:
        """The figures that are not what they should be."""
        return tuple(line for line in self.lines if line.met is False)


def chosen(names: str | None) -> tuple[str, ...]:
    """The rails that are named, comma between them; all of them when none is.

    Raises:
        BadQuestions: there are no figures of such a rail.
    """
    wanted = tuple(name.strip() for name in names.split(",")) if names else tuple(RAILS)
    unknown = [name for name in wanted if name not in RAILS]
    if unknown:
        raise BadQuestions(f"no figures of {', '.join(unknown)}; there are those of {', '.join(RAILS)}")
    return wanted


def measure(screening: Screening, data: Path, rails: Collection[str] = tuple(RAILS)) -> Quality:
    """Measure `rails` on the public `data` and on our own sentences.

    Raises:
        BadQuestions: a file of texts cannot be read.
    """
    told = {name: tuple(RAILS[name](screening, data)) for name in rails}
    return Quality(
        policy=screening.policy.version,
        lines=tuple(line for lines in told.values() for line in lines),
        absent=tuple(name for name, lines in told.items() if not lines),
    )
