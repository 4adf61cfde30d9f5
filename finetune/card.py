"""The card of a trained model: what it was made from and how, and how well it does.

JSON for programs, Markdown for people. One writer for all that is trained: adapters, whole models, embedders,
rerankers, rails. It knows nothing of how they are trained.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from finetune.card_page import page
from finetune.errors import BadAdapter
from finetune.revision import revision

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
CARD, PAGE = "card.json", "card.md"


@dataclass(frozen=True, slots=True)
class Card:
    """What is told of a model.

    `dataset` is its dataset's manifest: hash, sources, licenses, counts. `training` is how the run went:
    steps, minutes, validation_loss: [[step, loss], ...]. `curve` is the name of a picture in the folder.
    `figures` and `bias` are by model or group, then by metric: {"value", "low", "high", "n"}. `parent` is
    what it went on from.
    """

    name: str
    base: str
    dataset: Mapping[str, Any]
    hyperparameters: Mapping[str, Any]
    intended_use: str
    limits: str
    training: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None
    curve: str | None = None
    notes: Sequence[str] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    figures_command: str = ""
    bias: Mapping[str, Any] = field(default_factory=dict)


def write_card(folder: Path, card: Card) -> dict[str, Any]:
    """Write card.json and card.md into `folder`, with the machine and the code's revision; returns it."""
    told = asdict(card)
    # As cards have always said it: steps, minutes and losses stand at the top.
    training = told.pop("training")
    return _write(folder, {**told, **training, "hardware": hardware(), "revision": revision()})


def name_of(task: str, folder: Path) -> str:
    """The name of the weights in `folder`: equal weights have equal names, and no others do.

    Raises:
        BadAdapter: the folder holds no weights.
    """
    return f"{task}-{_hash(folder)[:12]}"


def add_figures(
    folder: Path, figures: Mapping[str, Any], command: str, bias: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Put measured figures, and the command that reproduces them, into the card.

    Raises:
        BadAdapter: the folder has no card, or its weights are not those that the card names.
    """
    told = {"figures": dict(figures), "figures_command": command}
    return _write(folder, read_card(folder) | told | ({"bias": dict(bias)} if bias else {}))


def blended(folder: Path, child: Mapping[str, Any], share: float) -> dict[str, Any]:
    """Write the card of weights that lie `share` of the way from the parent of `child` to it; returns it."""
    task, _, _ = child["name"].rpartition("-")
    note = f"weights: {share:g} of {child['name']}, the rest of {child['parent']} (`finetune blend`)"
    changed: dict[str, Any] = {
        "name": name_of(task, folder),
        "notes": [*child["notes"], note],
        "curve": None,
        "figures": {},
        "bias": {},
    }
    return _write(folder, {**child, **changed})


def read_card(folder: Path) -> dict[str, Any]:
    """Read the card of a model.

    Raises:
        BadAdapter: the folder has no card, or its weights are not those that the card names.
    """
    try:
        card = dict[str, Any](json.loads((folder / CARD).read_text()))
        named = str(card["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadAdapter(
            f"{folder}: no readable card.json; train the adapter with `finetune train`"
        ) from error
    if not named.endswith(_hash(folder)[:12]):
        raise BadAdapter(f"{folder}: its weights are not those of {named}")
    return card


def hardware() -> str:
    """The machine that a run used, in words."""
    gpus = torch.cuda.device_count()
    names = f", {gpus} x {torch.cuda.get_device_name()}" if gpus else ""
    return f"{platform.machine()}, {os.cpu_count()} cores{names}"


def _write(folder: Path, card: dict[str, Any]) -> dict[str, Any]:
    written = {CARD: json.dumps(card, indent=2, allow_nan=False), PAGE: "\n".join(page(card))}
    for name, text in written.items():
        # Whole or not at all: a server that follows this folder reads the cards of all adapters.
        scratch = folder / f"{name}.new"
        scratch.write_text(f"{text}\n")
        scratch.replace(folder / name)
    return card


def _hash(folder: Path) -> str:
    """The hash of an adapter's weights, or of a whole model's, however many files they fill."""
    adapter = folder / WEIGHTS
    files = [adapter] if adapter.exists() else sorted(folder.glob("*.safetensors"))
    if not files:
        raise BadAdapter(f"{adapter}: No such file or directory; the adapter is incomplete")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as held:
            while block := held.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
