"""A small BERT: token embeddings, a few layers of attention, and what is read off their vectors.

Knows nothing of texts.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

_EPSILON = 1e-12  # BERT's
_DROPOUT = 0.1


class Shape(NamedTuple):
    """Sizes of the network: of its vocabulary, its vectors, its inner layer; its positions, layers, heads."""

    words: int = 30522
    width: int = 384
    inner: int = 1536
    positions: int = 512
    layers: int = 4
    attention: int = 12

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> Self:
        """Return the sizes of the network that `state` belongs to."""
        words, width = state["words.weight"].shape
        inner = state["layers.0.inner.weight"].shape[0]
        layers = sum(name.endswith(".inner.weight") for name in state)
        return cls(words, width, inner, state["places.weight"].shape[0], layers)


class _Layer(nn.Module):
    """Self-attention, then two linear maps; each is added to its input and normalised."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention = shape.attention
        self.mixed = nn.Linear(shape.width, 3 * shape.width)
        self.attended = nn.Linear(shape.width, shape.width)
        self.attended_norm = nn.LayerNorm(shape.width, _EPSILON)
        self.inner = nn.Linear(shape.width, shape.inner)
        self.outer = nn.Linear(shape.inner, shape.width)
        self.outer_norm = nn.LayerNorm(shape.width, _EPSILON)

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        rows, length, width = hidden.shape
        parts = self.mixed(hidden).view(rows, length, 3, self.attention, -1).permute(2, 0, 3, 1, 4)
        query, key, value = parts[0], parts[1], parts[2]
        attend = _plainly if self.training else functional.scaled_dot_product_attention
        seen = attend(query, key, value, mask)
        hidden = self.attended_norm(hidden + self.attended(seen.transpose(1, 2).reshape(rows, length, width)))
        wide: Tensor = self.outer_norm(hidden + self.outer(functional.gelu(self.inner(hidden))))
        return wide


def _plainly(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Attention as it is written: the fused kernel's way back takes two thirds as long again on a CPU."""
    scores = query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    return scores.softmax(-1, dtype=value.dtype) @ value


class Layers(nn.Module):
    """Token numbers (rows, length) to vectors (rows, length, width). Token 0 is padding and is not read."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        shape = shape or Shape()
        self.words = nn.Embedding(shape.words, shape.width, 0)
        self.places = nn.Embedding(shape.positions, shape.width)
        self.words_norm = nn.LayerNorm(shape.width, _EPSILON)
        self.layers = nn.ModuleList(_Layer(shape) for _ in range(shape.layers))
        self.dropout = nn.Dropout(_DROPOUT)  # in training alone

    def vectors(self, tokens: Tensor) -> Tensor:
        """Return the last layer's."""
        read = tokens != 0
        hidden: Tensor = self.words_norm(self.words(tokens) + self.places.weight[: tokens.shape[1]])
        mask = None if bool(read.all()) else read[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, mask)
        return hidden


class Transformer(Layers):
    """Token numbers (rows, length) to logits (rows, heads)."""

    def __init__(self, heads: int, shape: Shape | None = None) -> None:
        shape = shape or Shape()
        super().__init__(shape)
        self.heads = nn.Linear(2 * shape.width, heads)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return logits from the mean of all vectors that are read, joined by the largest of each number."""
        read, hidden = tokens != 0, self.vectors(tokens)
        weight = read.unsqueeze(2).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        most = hidden.masked_fill(~read.unsqueeze(2), -torch.inf).amax(1)
        logits: Tensor = self.heads(self.dropout(torch.cat([mean, most], dim=1)))
        return logits


class SpanReader(Layers):
    """Token numbers (rows, length) to logits (rows, length, 2): does an answer begin there, does it end.

    At the first token, which stands for the whole, they say that there is none (Devlin et al., 2019, 4.3).
    """

    def __init__(self, shape: Shape | None = None) -> None:
        shape = shape or Shape()
        super().__init__(shape)
        self.ends = nn.Linear(shape.width, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return both logits of every token."""
        logits: Tensor = self.ends(self.dropout(self.vectors(tokens)))
        return logits
