"""A network's weights in a file, eight bits a number. The only module that imports safetensors."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from guardrails.errors import ModelError

_SCALE = ".scale"
_STEPS = 127  # on each side of zero


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return `state` with each matrix in int8, a scale a row; vectors stay in half precision."""
    packed: dict[str, Tensor] = {}
    for name, value in state.items():
        if value.dim() == 1:
            packed[name] = value.half()
            continue
        scale = value.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / _STEPS
        packed[name] = (value / scale).round().to(torch.int8)
        packed[name + _SCALE] = scale.half()
    return packed


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return what `pack` was given, in float32, to its precision."""
    return {
        name: value.float() * packed[name + _SCALE].float() if value.dtype == torch.int8 else value.float()
        for name, value in packed.items()
        if not name.endswith(_SCALE)
    }


def save(state: Mapping[str, Tensor], file: Path, facts: Mapping[str, str]) -> None:
    """Write `state` packed, and `facts` in the file's header."""
    write(pack(state), file, facts)


def write(tensors: Mapping[str, Tensor], file: Path, facts: Mapping[str, str]) -> None:
    """Write `tensors` as they are, and `facts` in the file's header."""
    save_file({name: value.contiguous() for name, value in tensors.items()}, file, dict(facts))


def read(file: Path) -> dict[str, Tensor]:
    """Read any file of tensors.

    Raises:
        ModelError: the file is missing or damaged.
    """
    try:
        return load(file.read_bytes())
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{file}: no weights ({type(error).__name__}). Restore the file.") from error
