"""A trained model's weights in eight bits a number, in place of those that it was saved with."""

from pathlib import Path

from guardrails import weights
from ingest.cross_encoder import PACKED, WEIGHTS


def pack(folder: Path) -> None:
    """Replace the weights in `folder`; a kill at any moment leaves one kind of them."""
    plain, scratch = folder / WEIGHTS, folder / f"{PACKED}.new"
    weights.save(weights.read(plain), scratch, {"licence": "Apache-2.0", "card": "card.md"})
    scratch.replace(folder / PACKED)
    plain.unlink()
