"""An adapter's card: what it was made from and how, and how well it does. JSON, and Markdown for people."""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from finetune.errors import BadAdapter
from finetune.hyperparameters import Hyperparameters
from finetune.train_lora import Progress

WEIGHTS = "adapter_model.safetensors"


def describe(  # noqa: PLR0913, PLR0917  # all that a card tells
    folder: Path,
    task: str,
    base: str,
    manifest: Mapping[str, Any],
    hyper: Hyperparameters,
    history: Sequence[Progress],
    parent: Path | None = None,
) -> dict[str, Any]:
    """Write the card of a freshly trained adapter; returns it. Its name is the hash of its weights.

    `parent` is the adapter that the run went on from.
    """
    card: dict[str, Any] = {
        "name": f"{task}-{_hash(folder / WEIGHTS)[:12]}",
        "base": base,
        "parent": f"{task}-{_hash(parent / WEIGHTS)[:12]}" if parent else None,
        "dataset": dict(manifest),
        "hyperparameters": asdict(hyper),
        "steps": history[-1].step,
        "minutes": round(history[-1].seconds / 60, 1),
        "validation_loss": [(p.step, p.validation_loss) for p in history if p.validation_loss is not None],
        "hardware": f"{platform.machine()}, {os.cpu_count()} cores",
        "revision": _revision(),
        "intended_use": "Short, cited answers to questions about the passages in the prompt, or a refusal.",
        "notes": [],
        "limits": "English. Answers are spans of a passage: no sums, no comparisons, no joining of passages.",
        "figures": {},
    }
    return _write(folder, card)


def add_figures(folder: Path, figures: Mapping[str, Any], command: str) -> dict[str, Any]:
    """Put measured figures, and the command that reproduces them, into the card.

    Raises:
        BadAdapter: the folder has no card, or its weights are not those that the card names.
    """
    return _write(folder, read_card(folder) | {"figures": dict(figures), "figures_command": command})


def blended(folder: Path, child: Mapping[str, Any], share: float) -> dict[str, Any]:
    """Write the card of weights that lie `share` of the way from the parent of `child` to it; returns it."""
    task, _, _ = child["name"].rpartition("-")
    note = f"weights: {share:g} of {child['name']}, the rest of {child['parent']} (`finetune blend`)"
    changed = {
        "name": f"{task}-{_hash(folder / WEIGHTS)[:12]}",
        "notes": [*child["notes"], note],
        "figures": {},
    }
    return _write(folder, {**child, **changed})


def read_card(folder: Path) -> dict[str, Any]:
    """Read the card of an adapter.

    Raises:
        BadAdapter: the folder has no card, or its weights are not those that the card names.
    """
    try:
        card: dict[str, Any] = json.loads((folder / "card.json").read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise BadAdapter(
            f"{folder}: no readable card.json; train the adapter with `finetune train`"
        ) from error
    if not card["name"].endswith(_hash(folder / WEIGHTS)[:12]):
        raise BadAdapter(f"{folder}: its weights are not those of {card['name']}")
    return card


def _write(folder: Path, card: dict[str, Any]) -> dict[str, Any]:
    written = {"card.json": json.dumps(card, indent=2), "card.md": "\n".join(_markdown(card))}
    for name, text in written.items():
        # Whole or not at all: a server that follows this folder reads the cards of all adapters.
        scratch = folder / f"{name}.new"
        scratch.write_text(f"{text}\n")
        scratch.replace(folder / name)
    return card


def _markdown(card: Mapping[str, Any]) -> list[str]:
    dataset = card["dataset"]
    lines = [f"# {card['name']}", "", card["intended_use"], "", f"**Limits.** {card['limits']}", ""]
    lines += [
        f"- base model: {card['base']}",
        f"- goes on from: {card['parent'] or 'nothing'}",
        f"- dataset: {dataset['hash'][:12]}, {dataset['readings']} readings",
    ]
    lines += [f"  - {kind}: {count} questions" for kind, count in dataset["questions"].items()]
    lines += [f"- source: {source['name']} (sha256 {source['sha256'][:12]})" for source in dataset["sources"]]
    lines += [f"- licence: {text}" for text in dataset["licenses"]]
    lines += [f"- {name}: {value}" for name, value in card["hyperparameters"].items()]
    lines += [f"- trained: {card['steps']} steps in {card['minutes']} minutes on {card['hardware']}"]
    lines += [f"- code revision: {card['revision']}"]
    lines += [f"- note: {note}" for note in card["notes"]] + [""]
    if card["figures"]:
        models = list(card["figures"])
        lines += [f"Measured with `{card['figures_command']}`: mean [95% interval] (rows).", ""]
        lines += ["| metric | " + " | ".join(models) + " |", "|---" * (len(models) + 1) + "|"]
        for metric in card["figures"][models[0]]:
            cells = [_cell(card["figures"][model][metric]) for model in models]
            lines.append(f"| {metric} | " + " | ".join(cells) + " |")
    return lines


def _cell(figure: Mapping[str, float]) -> str:
    value = figure["value"] if "value" in figure else figure["mean"]  # as cards said before November 2026
    return f"{value:.3f} [{figure['low']:.3f}, {figure['high']:.3f}] ({figure['n']})"


def _hash(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise BadAdapter(f"{file}: {error.strerror}; the adapter is incomplete") from error


def _revision() -> str:
    """The code's git revision, or `unknown` outside a checkout."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607  # git is found where the user has it
            capture_output=True, text=True, check=True, cwd=Path(__file__).parent,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
