"""The registry as a list: every adapter with what it is from, whether it answers, and how well it does."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finetune.card import CONFIG
from finetune.promotion.registry import Registry

HEAD = ("adapter", "base", "made", "", "F1", "adversarial refused", "citations right", "measured")
_HEADLINE = ("answer_f1", "refused_adversarial", "citation_right")


@dataclass(frozen=True, slots=True)
class Listed:
    """An adapter. `mark`: `promoted`, `canary 10%`, `for another base model`, or nothing.

    `figures` are its newest by a gate (`measured`: when), else those of its card.
    """

    name: str
    task: str
    base: str
    parent: str | None
    made: str
    mark: str
    figures: Mapping[str, Mapping[str, float]]
    measured: str

    def plain(self) -> dict[str, Any]:
        """All of it, as JSON knows it."""
        return asdict(self)

    def cells(self) -> tuple[str, ...]:
        """A row under `HEAD`."""
        figures = (_cell(self.figures.get(name)) for name in _HEADLINE)
        return (self.name, self.base, self.made[:10], self.mark, *figures, self.measured[:10])


def roster(registry: Registry) -> list[Listed]:
    """Every adapter, the live one first, then the newest.

    Raises:
        ModelUnavailable: a card is damaged. BadRegistry: the history is.
    """
    measured = {entry.adapter: entry for entry in registry.history.entries() if entry.evidence}
    marks = dict(_marks(registry))
    found = []
    for place in (config.parent for config in registry.folder.glob(f"*/{CONFIG}")):
        card, entry = registry.adapters.card(place.name), measured.get(place.name)
        kept = _evidence(registry.folder / entry.evidence) if entry else {}
        figures = kept or _of_card(card, place.name)
        base, mark = str(card.get("base", registry.base)), marks.get(place.name, "")
        found.append(
            Listed(
                name=place.name,
                task=place.name.rpartition("-")[0],
                base=base,
                parent=card.get("parent"),
                made=_made(place),
                mark=mark if base == registry.base else "for another base model",
                figures=figures,
                measured=entry.at if entry and kept else "card" if figures else "",
            )
        )
    newest = sorted(found, key=lambda each: each.made, reverse=True)
    return sorted(newest, key=lambda each: each.mark != "promoted")


def _marks(registry: Registry) -> Iterator[tuple[str, str]]:
    canary, live = registry.canary(), registry.live()
    if canary:
        yield canary.candidate, f"canary {canary.share:.0%}"
    if live:
        yield live, "promoted"


def _made(place: Path) -> str:
    """When its training ended: copies keep the time."""
    made = datetime.fromtimestamp((place / CONFIG).stat().st_mtime, UTC)
    return made.isoformat(timespec="seconds")


def _evidence(file: Path) -> dict[str, Mapping[str, float]]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))["figures"]
        return {each["metric"]: each["after"] for each in told if each["after"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # it was removed, or is damaged: the card's figures do


def _of_card(card: Mapping[str, Any], name: str) -> dict[str, Mapping[str, float]]:
    figures: dict[str, Mapping[str, float]] = card.get("figures", {}).get(name, {})
    # As cards said before November 2026.
    return {metric: {"value": of.get("mean", 0.0)} | dict(of) for metric, of in figures.items()}


def _cell(figure: Mapping[str, float] | None) -> str:
    return f"{figure['value']:.3f} ({figure['n']})" if figure and figure.get("n") else "-"
