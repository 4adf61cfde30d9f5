"""The way from public data to the shipped encoder: read, train, calibrate, measure.

Writes the weights (.safetensors), the figures beside them (.json) and the reliability diagram (.svg).
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch

from finetune.rails.encoder import measure
from finetune.rails.encoder.calibrate import Scores, calibration_rows, fitted, scores, split
from finetune.rails.encoder.diagram import reliability
from finetune.rails.encoder.groups import TERMS
from finetune.rails.encoder.learn import Recipe, Say, train
from finetune.rails.encoder.mixture import Mixture
from finetune.rails.encoder.row import Row
from finetune.rails.encoder.sources import Library, read_library
from finetune.rails.encoder.start import from_minilm
from guardrails import weights
from guardrails.classifier import Classifier, Scale, save
from guardrails.judge import HEADS
from guardrails.tokens import Tokens
from guardrails.transformer import Shape, Transformer

_SEED = 7


def make_encoder(data: Path, minilm: Path, out: Path, say: Say, recipe: Recipe | None = None) -> None:
    """Train on `data`, starting from the folder `minilm`, and write the encoder to `out`.

    A checkpoint lies beside `out` while it trains.

    Raises:
        BadSource: the data cannot be read.
    """
    recipe, tokens = recipe or Recipe(), Tokens.load()
    torch.manual_seed(_SEED)
    trained, kept = split(read_library(data, tokens))
    network = from_minilm(weights.read(minilm / "model.safetensors"), len(HEADS), Shape())
    mixture = Mixture(trained, _SEED)
    checkpoint = out.with_suffix(".pt")
    train(
        network,
        [mixture.epoch] * recipe.epochs,
        tokens,
        recipe,
        say,
        lambda found: torch.save(found.state_dict(), checkpoint),
    )
    finish(network, kept, trained, data, out)
    checkpoint.unlink(missing_ok=True)


def finish(network: Transformer, kept: Library, trained: Library, data: Path, out: Path) -> None:
    """Calibrate `network` as it ships, on what was `kept` from training; measure it on other texts."""
    save(network, Scale.plain(), out, {})
    classifier = Classifier.load(out)
    rows = calibration_rows(kept, _SEED)
    scale = fitted(rows, scores(classifier, [row.text for row in rows]))
    save(network, scale, out, {"licence": "Apache-2.0", "card": "encoder.md"})
    unseen = measure.unseen(data, trained.pages)
    found = scores(classifier, [row.text for row in unseen])
    _report(unseen, found, scale, out)


def _report(unseen: Sequence[Row], read: Scores, scale: Scale, out: Path) -> None:
    logits = read.scaled(scale)
    figures = measure.report(unseen, logits)
    gaps = measure.identity_gap(unseen, logits, TERMS, 0.5)
    figures["toxicity"]["flagged_innocent_by_identity"] = gaps
    heads = ",\n".join(f'"{head}": {json.dumps(found)}' for head, found in figures.items())
    out.with_suffix(".json").write_text(f"{{\n{heads}\n}}\n", encoding="utf-8")
    out.with_suffix(".svg").write_text(reliability(figures), encoding="utf-8")
