"""Readings → a LoRA adapter.

A plain loop, because sharing passages between questions (`packing.py`) needs its own batches and
attention; DECISIONS.md has what that saves.

It does not know where readings come from, nor what the adapter is promoted to.
"""

import json
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from peft import (
    LoraConfig,
    PeftModel,
    get_peft_model,
    load_peft_weights,
    set_peft_model_state_dict,
)
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from finetune import attention
from finetune.checkpoint import Checkpoint
from finetune.hyperparameters import Hyperparameters
from finetune.packing import Packed, pack
from finetune.readings import Reading
from service.models import BaseModel


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands, for a progress bar, a log or a curve."""

    step: int
    done: float
    loss: float
    validation_loss: float | None
    tokens_per_second: float
    seconds: float


class Trainer:
    """One run: `train` walks the readings until steps or minutes are used up."""

    def __init__(
        self, base: BaseModel, hyper: Hyperparameters, folder: Path, parent: Path | None = None
    ) -> None:
        """A run in `folder`; it starts from the adapter `parent` (of the same rank), or from nothing."""
        torch.manual_seed(hyper.seed)
        self._hyper, self._tokenizer = hyper, base.tokenizer
        self._device = base.model.device
        base.model.set_attn_implementation(attention.NAME)
        config = LoraConfig(
            r=hyper.rank, lora_alpha=hyper.alpha, target_modules="all-linear", task_type="CAUSAL_LM"
        )
        # In the base's own precision: casting back and forth took a third of the time.
        self.model = cast("PeftModel", get_peft_model(base.model, config, autocast_adapter_dtype=False))
        if parent:
            set_peft_model_state_dict(self.model, load_peft_weights(str(parent), device=str(self._device)))
        self._trained = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        # Steps are smaller than bfloat16 can add: the optimiser keeps full-precision copies.
        self._exact = [parameter.detach().float().clone() for parameter in self._trained]
        self._optimizer = torch.optim.AdamW(self._exact, lr=0.0, weight_decay=0.0, fused=True)
        self._checkpoint = Checkpoint(folder)
        self.history: list[Progress] = []

    def train(self, readings: Sequence[Reading], report: Callable[[Progress], None]) -> list[Progress]:
        """Train, resuming from the folder's checkpoint if there is one; returns the whole history."""
        held_out, training = readings[: self._hyper.validation], readings[self._hyper.validation :]
        step, before = self._resume()
        stream = _batches(training, self._tokenizer, self._hyper, skip=step)
        began, done = time.monotonic(), 0.0
        while done < 1.0:
            at, seconds = time.monotonic(), before + time.monotonic() - began
            done = min(1.0, max((step + 1) / self._hyper.steps, seconds / 60 / self._hyper.minutes))
            batch = next(stream)
            loss = self._step(batch, done)
            step += 1
            saving = step % self._hyper.save_every == 0 or done >= 1.0
            tokens = sum(packed.tokens.numel() for packed in batch)
            rate = tokens / (time.monotonic() - at)
            watched = self.loss(held_out) if saving else None
            self.history.append(Progress(step, done, loss, watched, rate, seconds))
            report(self.history[-1])
            if saving:
                self._save(step, before + time.monotonic() - began)
        return self.history

    def loss(self, readings: Sequence[Reading]) -> float:
        """Mean loss per reply token over `readings`, without learning from them."""
        total, count = 0.0, 0
        with torch.no_grad():
            for packed in (p for reading in readings for p in pack(reading, self._tokenizer)):
                logits, wanted = self._logits(packed)
                total += float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum"))
                count += len(wanted)
        return total / max(1, count)

    def save(self, folder: Path) -> None:
        """Write the adapter in PEFT's own layout, in bfloat16: that is how it is served."""
        for parameter in self._trained:
            parameter.data = parameter.data.to(torch.bfloat16)
        self.model.save_pretrained(str(folder))

    def _step(self, batch: Sequence[Packed], done: float) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._hyper.learning_rate * schedule(done, self._hyper.warmup)
        replies = sum(int((packed.targets >= 0).sum()) for packed in batch)
        total = 0.0
        for packed in batch:
            logits, wanted = self._logits(packed)
            losses = torch.nn.functional.cross_entropy(logits, wanted, reduction="none")
            loss = (losses * self._weights(packed)).sum() / replies
            loss.backward()  # type: ignore[no-untyped-call]  # torch ships it untyped
            total += loss.item()
        for exact, parameter in zip(self._exact, self._trained, strict=True):
            exact.grad, parameter.grad = cast("Tensor", parameter.grad).float(), None
        torch.nn.utils.clip_grad_norm_(self._exact, self._hyper.clip)
        self._optimizer.step()
        self._place()
        return total

    def _weights(self, packed: Packed) -> Tensor:
        """The weight of every reply token (replies,)."""
        bearing = packed.targets >= 0
        first = bearing & ~bearing.roll(1)
        return torch.where(first[bearing], self._hyper.decision, 1.0).to(self._device)

    def _place(self) -> None:
        """Put the optimiser's weights into the model."""
        for exact, parameter in zip(self._exact, self._trained, strict=True):
            parameter.data.copy_(exact)

    def _logits(self, packed: Packed) -> tuple[Tensor, Tensor]:
        """Logits (replies, vocabulary) where loss is borne, and the wanted tokens (replies,)."""
        causal: Any = self.model.get_base_model()
        bearing = (packed.targets >= 0).to(self._device)
        hidden = causal.model(
            input_ids=packed.tokens.to(self._device),
            position_ids=packed.positions.to(self._device),
            layout=packed.layout,
            use_cache=False,
        ).last_hidden_state[0]
        # Only these rows go through the vocabulary projection, which would dominate otherwise.
        logits = causal.lm_head(hidden[bearing])
        return logits.float(), packed.targets.to(self._device)[bearing]

    def _save(self, step: int, seconds: float) -> None:
        state = {
            "step": step,
            "seconds": seconds,
            "weights": self._exact,
            "optimizer": self._optimizer.state_dict(),
            "history": json.dumps([asdict(progress) for progress in self.history]),
            "hyperparameters": json.dumps(asdict(self._hyper)),
        }
        self._checkpoint.save(state)

    def _resume(self) -> tuple[int, float]:
        state = self._checkpoint.load()
        if state is None:
            return 0, 0.0
        for exact, saved in zip(self._exact, state["weights"], strict=True):
            exact.copy_(saved)
        self._place()
        self._optimizer.load_state_dict(state["optimizer"])
        self.history = [Progress(**progress) for progress in json.loads(state["history"])]
        return int(state["step"]), float(state["seconds"])


def schedule(done: float, warmup: float) -> float:
    """Share of the learning rate after `done` (0-1) of the run: linear warm-up, cosine to a twentieth."""
    if done < warmup:
        return done / warmup
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def _batches(
    readings: Sequence[Reading], tokenizer: PreTrainedTokenizerBase, hyper: Hyperparameters, skip: int
) -> Iterator[list[Packed]]:
    """Endless batches of about `questions_per_step` questions; the order depends on the seed alone."""
    dice = random.Random(hyper.seed)  # noqa: S311  # an order of training, not a secret
    number, batch, questions = 0, [], 0
    while True:
        for reading in dice.sample(readings, len(readings)):
            batch.append(reading)
            questions += len(reading.asked)
            if questions >= hyper.questions_per_step:
                number += 1
                if number > skip:
                    yield [packed for member in batch for packed in pack(member, tokenizer)]
                batch, questions = [], 0
