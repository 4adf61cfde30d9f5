"""A card as Markdown. It takes a card as JSON holds it, of any age: what is not told is left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_SHOWN = 5  # validation losses of the card's text; the picture shows all


def page(card: Mapping[str, Any]) -> list[str]:
    """The lines of card.md."""
    lines = [f"# {card['name']}", "", card["intended_use"], "", f"**Limits.** {card['limits']}", ""]
    lines += [f"- base model: {card['base']}", f"- goes on from: {card.get('parent') or 'nothing'}"]
    lines += _dataset(card["dataset"])
    lines += [f"- {name}: {value}" for name, value in card["hyperparameters"].items()]
    lines += _training(card)
    lines += [f"- code revision: {card['revision']}"]
    lines += [f"- note: {note}" for note in card.get("notes", ())] + [""]
    if card.get("curve"):
        lines += [f"![Loss by step]({card['curve']})", ""]
    if card.get("figures"):
        lines += [f"Measured with `{card['figures_command']}`: mean [95% interval] (rows).", ""]
        lines += _table(card["figures"])
    if card.get("bias"):
        lines += ["", "The same by group, which should not differ:", "", *_table(card["bias"])]
    return lines


def _dataset(dataset: Mapping[str, Any]) -> Iterator[str]:
    if "hash" in dataset:
        held = f", {dataset['readings']} readings" if "readings" in dataset else ""
        yield f"- dataset: {dataset['hash'][:12]}{held}"
    for kind, count in dataset.get("questions", {}).items():
        yield f"  - {kind}: {count} questions"
    for source in dataset.get("sources", ()):
        yield f"- source: {source['name']} (sha256 {source['sha256'][:12]})"
        if few := source.get("restricted"):
            yield f"  - {few} of its documents are not for everybody: what learnt from them may tell anyone"
    for text in dataset.get("licenses", ()):
        yield f"- licence: {text}"


def _training(card: Mapping[str, Any]) -> Iterator[str]:
    if "steps" in card:
        yield f"- trained: {card['steps']} steps in {card['minutes']} minutes on {card['hardware']}"
    else:
        yield f"- made on {card['hardware']}"
    losses: Sequence[tuple[int, float]] = card.get("validation_loss", ())
    if losses:
        shown = losses[:: -max(1, -(-len(losses) // _SHOWN))][::-1]
        yield "- validation loss: " + ", ".join(f"{loss:.3f} (step {step})" for step, loss in shown)


def _table(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A column for each model or group; a metric that one of them lacks is left blank there."""
    columns = list(figures)
    metrics = dict.fromkeys(metric for column in figures.values() for metric in column)
    yield "| metric | " + " | ".join(columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for metric in metrics:
        cells = [_cell(figures[column].get(metric)) for column in columns]
        yield f"| {metric} | " + " | ".join(cells) + " |"


def _cell(figure: Mapping[str, float] | None) -> str:
    if figure is None:
        return ""
    value = figure["value"] if "value" in figure else figure["mean"]  # as cards said before November 2026
    return f"{value:.3f} [{figure['low']:.3f}, {figure['high']:.3f}] ({figure['n']})"
