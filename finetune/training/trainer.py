"""Readings → trained weights.

A plain loop, because sharing passages between questions (`packing.py`) needs its own batches and
attention; DECISIONS.md has what that saves.

It does not know where readings come from, nor what the weights are promoted to.
"""

import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from finetune.datasets.readings import Reading
from finetune.training import method
from finetune.training.checkpoint import Checkpoint
from finetune.training.hyperparameters import Hyperparameters
from finetune.training.packing import Packed
from finetune.training.passes import Passes, logits
from finetune.training.processes import Processes, copied, whole
from finetune.training.progress import Progress, Report, resident
from service.models import BaseModel


class Trainer:
    """One run: `train` walks the readings until steps or minutes are used up, or the watched loss stays."""

    def __init__(
        self,
        base: BaseModel,
        hyper: Hyperparameters,
        checkpoint: Checkpoint,
        parent: Path | None = None,
        processes: Processes | None = None,
    ) -> None:
        """A run that goes on from `checkpoint`, from the adapter `parent` (of the same kind), or from `base`.

        Raises:
            BadAdapter: `parent` is none.
            CannotTrain: the model has no chat template.
        """
        torch.manual_seed(hyper.seed)
        self._hyper, self._checkpoint = hyper, checkpoint
        self._processes = processes or Processes()
        self._passes = Passes.through(base, hyper.questions_at_once)
        self.model = method.trainable(base, hyper, parent)
        self._processes.place(self.model)
        self._trained = {name: each for name, each in self.model.named_parameters() if each.requires_grad}
        # Steps are smaller than bfloat16 can add: the optimiser keeps full-precision copies.
        self._exact = [parameter.detach().float().clone() for parameter in self._trained.values()]
        self._optimizer = torch.optim.AdamW(self._exact, lr=0.0, weight_decay=hyper.weight_decay, fused=True)
        self._best: list[Tensor] = []
        self.history: list[Progress] = []

    def train(
        self, training: Sequence[Reading], held_out: Sequence[Reading], report: Report
    ) -> list[Progress]:
        """Train, resuming from the checkpoint if there is one; returns the whole history.

        `report` hears of each step, once its checkpoint is written if it has one.

        Raises:
            OtherRun: the checkpoint is of another run.
        """
        step, before = self._resume()
        stream = _batches(training, self._hyper, skip=step)
        began, done = time.monotonic(), self.history[-1].done if self.history else 0.0
        while done < 1.0 and not self._stale():
            at, seconds = time.monotonic(), before + time.monotonic() - began
            done = self._done(step + 1, seconds)
            passes = self._passes.of(next(stream))
            step += 1
            loss = self._step(passes, step, done)
            saving = step % self._hyper.save_every == 0 or done >= 1.0
            rate = sum(each.tokens.numel() for each in passes) / (time.monotonic() - at)
            watched = self.loss(held_out) if saving and held_out else None
            self.history.append(Progress(step, done, loss, watched, rate, seconds, resident(), saving))
            if saving:
                self._save(before + time.monotonic() - began)
            report(self.history[-1])
        return self.history

    @torch.no_grad()
    def loss(self, readings: Sequence[Reading]) -> float:
        """Mean loss per reply token over `readings`, without learning from them."""
        self.model.train(mode=False)
        total, count = 0.0, 0.0
        for packed, weight in self._processes.share(self._passes.of(readings)):
            losses = self._losses(packed)
            total += weight * float(losses.sum())
            count += weight * len(losses)
        total, count = self._processes.sum(total, count)
        return total / max(1.0, count)

    def write(self, folder: Path) -> None:
        """Write the weights of the lowest watched loss, in bfloat16: that is how they are served."""
        kept = self._best or [whole(exact).bfloat16() for exact in self._exact]
        if self._processes.first:
            weights = dict(zip(self._trained, kept, strict=True))
            method.write(self.model, weights, folder)
            if self._hyper.method == "full":
                self._passes.tokenizer.save_pretrained(folder)

    def _step(self, passes: Sequence[Packed], step: int, done: float) -> float:
        """One step over all `passes`: their mean loss per reply token."""
        torch.manual_seed(self._hyper.seed + step)  # dropout, as it would be without a kill in between
        self.model.train()
        for group in self._optimizer.param_groups:
            group["lr"] = self._hyper.learning_rate * schedule(done, self._hyper.warmup)
        replies = sum(int(packed.bearing.sum()) for packed in passes)
        total = 0.0
        for packed, weight in self._processes.share(passes):
            loss = weight * (self._losses(packed) * self._weights(packed)).sum() / replies
            loss.backward()  # type: ignore[no-untyped-call]  # torch ships it untyped
            total += loss.item()
        for exact, parameter in zip(self._exact, self._trained.values(), strict=True):
            exact.grad, parameter.grad = self._processes.gradient(parameter), None
        torch.nn.utils.clip_grad_norm_(self._exact, self._hyper.clip)
        self._optimizer.step()
        self._place()
        return self._processes.sum(total)[0]

    def _losses(self, packed: Packed) -> Tensor:
        """The loss of every reply token (replies,)."""
        here = packed.on(self.model.device)
        return torch.nn.functional.cross_entropy(logits(self.model, here), here.wanted, reduction="none")

    def _weights(self, packed: Packed) -> Tensor:
        """The weight of every reply token (replies,)."""
        first = packed.bearing & ~packed.bearing.roll(1, dims=1)
        weights = torch.where(first[packed.bearing], self._hyper.decision, 1.0)
        return weights.to(self.model.device)

    @torch.no_grad()
    def _place(self) -> None:
        """Put the optimiser's weights into the model."""
        for exact, parameter in zip(self._exact, self._trained.values(), strict=True):
            parameter.copy_(exact)

    def _done(self, step: int, seconds: float) -> float:
        by_time = seconds / 60 / self._hyper.minutes if self._hyper.minutes else 0.0
        return self._processes.agreed(min(1.0, max(step / self._hyper.steps, by_time)))

    def _stale(self) -> bool:
        """Whether the watched loss has not fallen for so long that the run should end."""
        watched = [each.validation_loss for each in self.history if each.validation_loss is not None]
        since = len(watched) - 1 - watched.index(min(watched)) if watched else 0
        return 0 < self._hyper.patience <= since

    def _save(self, seconds: float) -> None:
        weights, optimizer = [whole(exact) for exact in self._exact], self._optimizer.state_dict()
        held = {
            place: {name: whole(value) for name, value in moments.items()}
            for place, moments in optimizer["state"].items()
        }
        watched = [each.validation_loss for each in self.history if each.validation_loss is not None]
        if watched and watched[-1] == min(watched):
            self._best = [tensor.to("cpu", torch.bfloat16, copy=True) for tensor in weights]
        if self._processes.first:
            history = json.dumps([asdict(progress) for progress in self.history])
            self._checkpoint.save(
                {
                    "seconds": seconds,
                    "weights": weights,
                    "best": self._best,
                    "moments": held,
                    "history": history,
                }
            )
        self._processes.wait()

    @torch.no_grad()
    def _resume(self) -> tuple[int, float]:
        state = self._checkpoint.load()
        if state is None:
            return 0, 0.0
        for place, (exact, saved) in enumerate(zip(self._exact, state["weights"], strict=True)):
            copied(exact, saved)
            moments = {"step": state["moments"][place]["step"]}
            for name in ("exp_avg", "exp_avg_sq"):
                moments[name] = torch.zeros_like(exact)
                copied(moments[name], state["moments"][place][name])
            self._optimizer.state[exact] = moments
        self._place()
        self._best = state["best"]
        self.history = [Progress(**progress) for progress in json.loads(state["history"])]
        return self.history[-1].step, float(state["seconds"])


def schedule(done: float, warmup: float) -> float:
    """Share of the learning rate after `done` (0-1) of the run: linear warm-up, cosine to a twentieth."""
    if done < warmup:
        return done / warmup
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def _batches(readings: Sequence[Reading], hyper: Hyperparameters, skip: int) -> Iterator[list[Reading]]:
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
                    yield batch
                batch, questions = [], 0
