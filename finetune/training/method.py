"""How a base model is made trainable: with an adapter of one kind or another, or whole.

The only place of fine-tuning that imports PEFT.
"""

import importlib.util
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import torch
from peft import LoraConfig, PeftModel, get_peft_model, load_peft_weights, set_peft_model_state_dict
from torch import Tensor
from transformers import PreTrainedModel

from finetune.card import CONFIG
from finetune.errors import BadAdapter, CannotTrain
from finetune.training.hyperparameters import Hyperparameters
from service.models import BaseModel, load_adapted, load_base


def load(name: str, cache: Path, hyper: Hyperparameters, parent: Path | None) -> BaseModel:
    """The base model as the method wants it; a whole model goes on from one with `parent` merged into it.

    Raises:
        CannotTrain: the method needs what this machine lacks, or does not go with what else was asked for.
        ModelUnavailable: there is no such model.
    """
    if hyper.method == "full":
        if hyper.dropout:
            raise CannotTrain("dropout is of an adapter's inputs: leave --dropout out, or use --method lora")
        return load_adapted(name, cache, parent)
    if hyper.method == "qlora" and not (torch.cuda.is_available() and _installed("bitsandbytes")):
        raise CannotTrain(
            "qlora needs a CUDA device and the package bitsandbytes, which this machine lacks; "
            "use --method lora, with --checkpointing where memory is short"
        )
    return load_base(name, cache, four_bits=hyper.method == "qlora")


def trainable(base: BaseModel, hyper: Hyperparameters, parent: Path | None) -> PreTrainedModel:
    """`base` with its parameters to train; all others are frozen. `parent` is an adapter of the same kind.

    Raises:
        BadAdapter: `parent` is no adapter, or one of another method, rank or alpha; names which.
    """
    model = base.model
    if hyper.checkpointing:
        _checkpoint(model)
    if hyper.method == "full":
        return model.requires_grad_(requires_grad=True)
    config = LoraConfig(
        r=hyper.rank,
        lora_alpha=hyper.alpha,
        lora_dropout=hyper.dropout,
        use_dora=hyper.method == "dora",
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    with _quiet():
        # In the base's own precision: casting back and forth took a third of the time.
        adapted = cast("PeftModel", get_peft_model(model, config, autocast_adapter_dtype=False))
    if parent:
        _check(parent, hyper)
        _take_over(adapted, parent)
    return cast("PreTrainedModel", adapted)  # the wrapper behaves as what it wraps


def exact(base: BaseModel, adapter: Path) -> PreTrainedModel:
    """`base` with `adapter` to train on, in full precision: optimisers of others keep no copies of their own.

    Raises:
        BadAdapter: there is none.
    """
    try:
        with _quiet():
            model: Any = PeftModel.from_pretrained(base.model, str(adapter), is_trainable=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise BadAdapter(f"{adapter}: not an adapter to go on from: {str(error).splitlines()[0]}") from error
    return cast("PreTrainedModel", model)


def write(model: PreTrainedModel, weights: Mapping[str, Tensor], folder: Path) -> None:
    """Write an adapter in PEFT's own layout, or a whole model; `weights` are its parameters by name."""
    chosen: dict[str, Any] = {"selected_adapters": ["default"]} if isinstance(model, PeftModel) else {}
    model.save_pretrained(str(folder), state_dict=dict(weights), **chosen)


def _check(parent: Path, hyper: Hyperparameters) -> None:
    """Weights fit an adapter of another alpha or kind, and say something else in it: raise `BadAdapter`."""
    try:
        told = dict(json.loads((parent / CONFIG).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BadAdapter(f"{parent}: not an adapter to go on from: no readable {CONFIG}") from error
    kind = "dora" if told.get("use_dora") else "rslora" if told.get("use_rslora") else "lora"
    held = {"method": kind, "rank": told.get("r"), "alpha": told.get("lora_alpha")}
    wanted = {
        "method": "dora" if hyper.method == "dora" else "lora",
        "rank": hyper.rank,
        "alpha": hyper.alpha,
    }
    unlike = [f"{name} {held[name]}, not {value}" for name, value in wanted.items() if held[name] != value]
    if unlike:
        raise BadAdapter(
            f"{parent}: it has {', '.join(unlike)}: go on from it with the same, or begin without --from"
        )


def _take_over(adapted: PeftModel, parent: Path) -> None:
    try:
        held = load_peft_weights(str(parent), device=str(adapted.device))
        with _quiet():
            found: Any = set_peft_model_state_dict(adapted, held)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise BadAdapter(f"{parent}: not an adapter to go on from: {reason}") from error
    if found.unexpected_keys:
        raise BadAdapter(f"{parent}: has {found.unexpected_keys[0]}, which this method has not; use its own")


@contextmanager
def _quiet() -> Iterator[None]:
    """PEFT 0.21 asks transformers for an attribute by its old name: nothing that a user can mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _checkpoint(model: PreTrainedModel) -> None:
    try:
        model.activation_checkpointing_enable()
    except ValueError as error:
        raise CannotTrain(f"{error} Leave --checkpointing out, and lower --questions-at-once") from error
