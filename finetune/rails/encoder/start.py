"""The network that training starts from: the first layers of MiniLM."""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor

from guardrails.transformer import Layers, Shape, Transformer

_PARTS = {
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}
Network = TypeVar("Network", bound=Layers)
_MIXED = ("query", "key", "value")


def from_minilm(weights: Mapping[str, Tensor], heads: int, shape: Shape) -> Transformer:
    """Return a network with the lower layers of a BERT's `weights`, and untrained heads."""
    return fill(Transformer(heads, shape), weights)


def fill(network: Network, weights: Mapping[str, Tensor]) -> Network:
    """Put the lower layers of a BERT's `weights` into `network`; what else it has stays untrained."""
    state = {
        "words.weight": weights["embeddings.word_embeddings.weight"],
        # No text here has a second part: the first part's vector is added to every place for good.
        "places.weight": weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0],
        "words_norm.weight": weights["embeddings.LayerNorm.weight"],
        "words_norm.bias": weights["embeddings.LayerNorm.bias"],
    }
    for layer in range(len(network.layers)):
        for kind in ("weight", "bias"):
            theirs, ours = f"encoder.layer.{layer}", f"layers.{layer}"
            state[f"{ours}.mixed.{kind}"] = torch.cat(
                [weights[f"{theirs}.attention.self.{part}.{kind}"] for part in _MIXED]
            )
            for mine, name in _PARTS.items():
                state[f"{ours}.{mine}.{kind}"] = weights[f"{theirs}.{name}.{kind}"]
    network.load_state_dict(state, strict=False)
    return network
