"""Attention over a packed reading: passages among themselves, each question over passages and itself.

Plain batched matrix products: on a CPU without AMX the fused kernel runs at a sixth of their speed
in bf16, and a dense mask over the whole sequence would compute twice the scores (DECISIONS.md).
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface

from finetune.training.packing import Block, Layout

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
    parts, start = [_passages(grouped[:, :, : layout.prefix], key[0], value[0])], layout.prefix
    for block in layout.blocks:
        stop = start + block.count * block.width
        own = key[0, :, start:stop], value[0, :, start:stop]
        passages = key[0, :, : layout.used], value[0, :, : layout.used]
        parts.append(_questions(grouped[:, :, start:stop], block, passages, own))
        start = stop
    out = torch.cat(parts, dim=2)
    return out.reshape(1, query.shape[1], query.shape[2], dim).transpose(1, 2).contiguous(), None


def _passages(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal attention of the passages: query (kv, group, P, d) → the same shape."""
    heads, group, length, dim = query.shape
    scores = query.reshape(heads, group * length, dim) @ key[:, :length].transpose(1, 2)
    # Softmax sums in full precision whatever it is given; casting the scores would only cost time.
    weights = torch.softmax(scores.view(heads, group, length, length) + _future(length, query), dim=-1)
    mixed = weights.view(heads, group * length, length) @ value[:, :length]
    return mixed.view(heads, group, length, dim)


def _questions(
    query: Tensor, block: Block, passages: tuple[Tensor, Tensor], own: tuple[Tensor, Tensor]
) -> Tensor:
    """Each question over the passages and, causally, itself: query (kv, group, N x W, d)."""
    heads, group, length, dim = query.shape
    count, width = block.count, block.width
    flat = query.reshape(heads, group * length, dim)
    far_key, far_value = passages
    used = far_key.shape[1]
    far = (flat @ far_key.transpose(1, 2)).view(heads, group, count, width, used)
    questions = query.view(heads, group, count, width, dim).transpose(1, 2)
    questions = questions.reshape(heads * count, group * width, dim)
    near_key, near_value = (part.reshape(heads * count, width, dim) for part in own)
    near = (questions @ near_key.transpose(1, 2)).view(heads, count, group, width, width).transpose(1, 2)
    weights = torch.softmax(torch.cat([far, near + _future(width, query)], dim=-1), dim=-1)
    out = weights[..., :used].reshape(heads, group * length, used) @ far_value
    of_itself = weights[..., used:].transpose(1, 2).reshape(heads * count, group * width, width) @ near_value
    of_itself = of_itself.view(heads, count, group, width, dim).transpose(1, 2)
    return out.view(heads, group, length, dim) + of_itself.reshape(heads, group, length, dim)


def _future(length: int, like: Tensor) -> Tensor:
    """Zeros, and minus infinity above the diagonal: (length, length)."""
    return torch.full((length, length), float("-inf"), dtype=like.dtype, device=like.device).triu(1)


AttentionInterface.register(NAME, attend)
