"""An adapter and the one it went on from → one between the two.

A run that mends some faults costs a little of what its parent did well. Weights part of the way keep most of
both (Wortsman et al., 2022, "Robust fine-tuning of zero-shot models"): two adapters of one line lie in one
valley, so that their matrices may be averaged.
"""

import shutil
from pathlib import Path
from typing import Any

import torch

from finetune.card import CONFIG, WEIGHTS, blended, read_card
from finetune.errors import BadAdapter
from finetune.scratch import COMMON, written_whole
from guardrails import weights


def blend(parent: Path, child: Path, share: float, out: Path) -> dict[str, Any]:
    """Write the adapter `share` (0 to 1) of the way from `parent` to `child`; returns its card.

    All or nothing is written. The constants of refusal are not taken over: calibrate it.

    Raises:
        BadAdapter: a folder is incomplete, or `child` did not go on from `parent`.
        BadPlace: `out` exists, cannot be written, or is being written by another process.
    """
    with written_whole(out, COMMON) as scratch:
        begun, ended = read_card(parent), read_card(child)
        if ended["parent"] != begun["name"]:
            raise BadAdapter(
                f"{child} went on from {ended['parent']}, not from {begun['name']}: no path between"
            )
        before, after = weights.read(parent / WEIGHTS), weights.read(child / WEIGHTS)
        if {name: tensor.shape for name, tensor in before.items()} != {n: t.shape for n, t in after.items()}:
            raise BadAdapter(f"{child} and {parent} have different matrices: blend adapters of the same rank")
        mixed = {
            name: torch.lerp(before[name].float(), after[name].float(), share).to(after[name].dtype)
            for name in after
        }
        weights.write(mixed, scratch / WEIGHTS, {"format": "pt"})
        shutil.copy(child / CONFIG, scratch / CONFIG)
        return blended(scratch, ended, share)
