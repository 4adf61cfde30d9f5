"""Attention over a packed reading: passages among themselves, each question over passages and itself.

Plain batched matrix products: on a CPU without AMX the fused kernel runs at a sixth of their speed
in bf16, and a dense mask over the whole sequence would compute twice the scores (DECISIONS.md).
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface

from finetune.packing import Layout

NAME = "shared_passages"


def attend(  # noqa: PLR0913, PLR0917  # the signature is transformers' own
    module: nn.Module,  # noqa: ARG001  # part of that signature
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,  # noqa: ARG001  # the layout says who sees whom
    scaling: float,
    layout: Layout,
    **_: Any,  # noqa: ANN401  # transformers passes what other implementations need
) -> tuple[Tensor, None]:
    """Return (1, L, heads, d) for query (1, heads, L, d) and key, value (1, kv_heads, L, d)."""
    kv_heads, dim = key.shape[1], key.shape[3]
    grouped = query[0].view(kv_heads, -1, query.shape[2], dim) * scaling
    passages = _passages(grouped[:, :, : layout.prefix], key[0], value[0])
    questions = _questions(grouped[:, :, layout.prefix :], key[0], value[0], layout)
    out = torch.cat([passages, questions], dim=2)
    return out.reshape(1, query.shape[1], query.shape[2], dim).transpose(1, 2).contiguous(), None


def _passages(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal attention of the passages: query (kv, group, P, d) → the same shape."""
    heads, group, length, dim = query.shape
    scores = query.reshape(heads, group * length, dim) @ key[:, :length].transpose(1, 2)
    future = torch.ones(length, length, dtype=torch.bool, device=query.device).triu(1)
    scores = scores.view(heads, group, length, length).masked_fill(future, float("-inf"))
    weights = torch.softmax(scores, dim=-1, dtype=torch.float32).to(value.dtype)
    mixed = weights.view(heads, group * length, length) @ value[:, :length]
    return mixed.view(heads, group, length, dim)


def _questions(query: Tensor, key: Tensor, value: Tensor, layout: Layout) -> Tensor:
    """Each question over the passages and, causally, itself: query (kv, group, N x W, d)."""
    heads, group, length, dim = query.shape
    count, width, used = layout.count, layout.width, layout.used
    flat = query.reshape(heads, group * length, dim)
    shared = (flat @ key[:, :used].transpose(1, 2)).view(heads, group, count, width, used)
    blocks = query.view(heads, group, count, width, dim).transpose(1, 2)
    blocks = blocks.reshape(heads * count, group * width, dim)
    own_key = key[:, layout.prefix :].reshape(heads * count, width, dim)
    own_value = value[:, layout.prefix :].reshape(heads * count, width, dim)
    own = (blocks @ own_key.transpose(1, 2)).view(heads, count, group, width, width).transpose(1, 2)
    future = torch.ones(width, width, dtype=torch.bool, device=query.device).triu(1)
    scores = torch.cat([shared, own.masked_fill(future, float("-inf"))], dim=-1)
    weights = torch.softmax(scores, dim=-1, dtype=torch.float32).to(value.dtype)
    far = weights[..., :used].reshape(heads, group * length, used) @ value[:, :used]
    near = weights[..., used:].transpose(1, 2).reshape(heads * count, group * width, width) @ own_value
    near = near.view(heads, count, group, width, dim).transpose(1, 2)
    return far.view(heads, group, length, dim) + near.reshape(heads, group, length, dim)


AttentionInterface.register(NAME, attend)
