"""Where examples come from: a source gathers them, and says of itself what the manifest tells."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from finetune.datasets.examples import Example


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a source gave. `sha256` is of its content; `skipped`: how much of it makes no example, by reason.

    `name` is a file's whole path until `named` has shortened it. `drawn`: nobody wrote it as a file; it was
    drawn from the index or the ledger. `parents` are the hashes of the datasets that it comes from. `facts`
    are what else there is to tell.
    """

    name: str
    kind: str
    sha256: str
    examples: list[Example]
    skipped: Mapping[str, int] = field(default_factory=dict)
    license: str = ""
    drawn: bool = False
    parents: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def listing(self) -> dict[str, Any]:
        """As the manifest tells it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "sha256": self.sha256,
            "examples": len(self.examples),
            "skipped": dict(self.skipped),
            "license": self.license,
            **self.facts,
        }


class Source(Protocol):
    """Something that examples can be gathered from."""

    def gather(self) -> Gathered:
        """Read it. Raises `BadSource`, naming what is wrong with it."""
        ...


def named(gathered: Sequence[Gathered]) -> list[Gathered]:
    """Each, and its examples, by as much of the end of its path as no other shares: counts go by names."""
    paths = {each.name: Path(each.name).parts for each in gathered}
    short = {name: _end(parts, paths.values()) for name, parts in paths.items()}
    return [
        replace(
            each,
            name=short[each.name],
            examples=[replace(example, source=short[each.name]) for example in each.examples],
        )
        for each in gathered
    ]


def _end(parts: Sequence[str], others: Collection[Sequence[str]]) -> str:
    ends = (parts[-count:] for count in range(1, len(parts)))
    end = next((end for end in ends if sum(each[-len(end) :] == end for each in others) == 1), parts)
    return str(Path(*end))
