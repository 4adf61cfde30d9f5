"""The trainer against TRL's SFTTrainer with its default collation: speed, and the loss at each step.

The same examples in the same steps, from the same base model, with the same adapter, schedule and optimiser;
both without activation checkpointing. An example is a question with its passages and its reply. We compute
the passages of a reading once for all its questions (16 here; 30 on average in a dataset); TRL computes each
example as a sequence of its own. So what is compared is examples a second, and tokens a second *of the
examples as separate sequences*, without padding: the ratio is one and the same. Places computed, padding and
all, are told beside.

    .venv/bin/python tests/bench/training.py --questions ../shared/data/qa/train.jsonl.gz [--steps 8] [--json]
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch
from datasets import Dataset, disable_progress_bars
from peft import LoraConfig
from transformers import PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from finetune.datasets.compose import compose
from finetune.datasets.doubt import Doubt
from finetune.datasets.examples import paragraphs
from finetune.datasets.readings import Reading
from finetune.datasets.recipe import Recipe
from finetune.datasets.sources import read_file
from finetune.settings import FinetuneSettings
from finetune.training.apart import apart
from finetune.training.checkpoint import Checkpoint
from finetune.training.hyperparameters import Hyperparameters
from finetune.training.packing import prompt
from finetune.training.passes import logits
from finetune.training.trainer import Trainer, schedule
from guardrails.grounding import Grounding
from service.models import BaseModel, load_base

QUESTIONS, HELD_OUT = 16, 4  # of a reading and step; readings that the loss is measured on
GOAL = 1.8
RECIPE = Recipe(swapped=0, negated=0, substituted=0)  # without made-up questions, which take minutes


@dataclass(frozen=True)
class Ran:
    """A trainer's run. `places` are tokens that were computed, padding included."""

    seconds: float
    examples: int
    tokens: int
    places: int
    losses: list[float]
    validation_loss: float

    @property
    def rate(self) -> float:
        return self.examples / self.seconds


def main() -> None:
    """Train twice and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    readings = _cut(compose(paragraphs(read_file(given.questions)), RECIPE, Doubt(Grounding())))
    training, held_out = readings[: given.steps], readings[-HELD_OUT:]
    # Without the weight of a reply's first token, which TRL knows nothing of.
    hyper = Hyperparameters(steps=len(training), questions_per_step=QUESTIONS, decision=1.0, save_every=10**9)
    settings = FinetuneSettings()
    tokens = _tokens(training, load_base(settings.model, settings.cache))
    ran = {}
    for name, run in (("ours", _ours), ("SFTTrainer", _theirs)):
        ran[name] = run(load_base(settings.model, settings.cache), hyper, training, held_out, tokens)
        if not given.json:
            _say(_line(name, ran[name]))
    ratio = ran["ours"].rate / ran["SFTTrainer"].rate
    if given.json:
        _say(json.dumps({**{name: asdict(each) for name, each in ran.items()}, "ratio": ratio}))
        return
    _say(f"     ratio: {ratio:.1f} (goal: {GOAL})")
    _say("loss at each step, ours and theirs:")
    both = zip(ran["ours"].losses, ran["SFTTrainer"].losses, strict=True)
    _say("  ".join(f"{one:.3f}/{float(other):.3f}" for one, other in both))


def _cut(readings: Sequence[Reading]) -> list[Reading]:
    """Readings of as many questions as a step has."""
    return [replace(each, asked=each.asked[:QUESTIONS]) for each in readings if len(each.asked) >= QUESTIONS]


def _tokens(readings: Sequence[Reading], base: BaseModel) -> int:
    """Of all examples as sequences of their own, without padding: pads are zeros behind the reply's end."""
    passes = apart(readings, base.tokenizer, 1)
    return sum(int(each.bearing.nonzero()[-1, 1]) + 2 for each in passes)


def _ours(
    base: BaseModel, hyper: Hyperparameters, training: list[Reading], held_out: list[Reading], tokens: int
) -> Ran:
    losses, places = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(base, hyper, Checkpoint(Path(folder), {}))
        began, last = time.monotonic(), 0.0

        def report(progress: Any) -> None:
            nonlocal places, last
            now = time.monotonic() - began
            losses.append(progress.loss)
            places += progress.tokens_per_second * (now - last)
            last = now

        trainer.train(training, [], report)
        return Ran(last, len(training) * QUESTIONS, tokens, round(places), losses, trainer.loss(held_out))


def _theirs(
    base: BaseModel, hyper: Hyperparameters, training: list[Reading], held_out: list[Reading], tokens: int
) -> Ran:
    disable_progress_bars()
    walked = random.Random(hyper.seed).sample(training, len(training))  # noqa: S311  # our trainer's order
    rows = [row for reading in walked for row in _rows(reading, base)]
    with tempfile.TemporaryDirectory() as folder:
        # Two at once: eight take more than 24 GB.
        settings = SFTConfig(
            output_dir=folder, learning_rate=hyper.learning_rate, num_train_epochs=1, seed=hyper.seed,
            per_device_train_batch_size=2, gradient_accumulation_steps=QUESTIONS // 2, max_length=None,
            train_sampling_strategy="sequential", activation_checkpointing=False, bf16=True,
            use_cpu=not torch.cuda.is_available(), logging_steps=1, save_strategy="no", report_to=[],
            disable_tqdm=True,
        )  # fmt: skip
        config = LoraConfig(
            r=hyper.rank, lora_alpha=hyper.alpha, target_modules="all-linear", task_type="CAUSAL_LM"
        )
        clock = _Clock()
        trainer = _Scheduled(
            model=base.model, args=settings, train_dataset=Dataset.from_list(rows), peft_config=config,
            processing_class=base.tokenizer, callbacks=[clock],
        )  # fmt: skip
        trainer.remove_callback(PrinterCallback)
        trainer.warmup, places = hyper.warmup, _padded(trainer)
        trainer.train()
    losses = [log["loss"] for log in trainer.state.log_history if "loss" in log]
    watched = _loss(trainer.model, held_out, base)
    return Ran(clock.seconds, len(rows), tokens, places, losses, watched)


def _rows(reading: Reading, base: BaseModel) -> Iterator[dict[str, str]]:
    """A reading's examples as texts, of which TRL makes the very tokens that we do, the last one too."""
    before, after = prompt(reading, base.tokenizer)
    for asked in reading.asked:
        yield {"prompt": f"{before} {asked.question}{after}", "completion": asked.reply}


class _Scheduled(SFTTrainer):
    """With our schedule, step for step."""

    warmup = 0.0

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        def share(step: int) -> float:
            return schedule(min(1.0, (step + 1) / num_training_steps), self.warmup)

        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer or self.optimizer, share)
        return self.lr_scheduler


class _Clock(TrainerCallback):
    """From the first step's begin to the last one's end."""

    seconds = 0.0

    def on_step_begin(self, _: Any, state: Any, *__: Any, **___: Any) -> None:
        if state.global_step == 0:
            self._began = time.monotonic()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.seconds = time.monotonic() - self._began


def _padded(trainer: SFTTrainer) -> int:
    """Places that its batches have."""
    return sum(batch["input_ids"].numel() for batch in trainer.get_train_dataloader())


@torch.no_grad()
def _loss(model: Any, readings: Sequence[Reading], base: BaseModel) -> float:
    model.train(mode=False)
    total, count = 0.0, 0
    for each in apart(readings, base.tokenizer, 8):
        here = each.on(model.device)
        found = torch.nn.functional.cross_entropy(logits(model, here), here.wanted, reduction="sum")
        total, count = total + float(found), count + len(here.wanted)
    return total / count


def _line(name: str, ran: Ran) -> str:
    return (
        f"{name:>10}: {ran.rate:.2f} examples/s, {ran.tokens / ran.seconds:.0f} tokens/s of separate "
        f"sequences ({ran.places / ran.seconds:.0f} places/s computed) in {ran.seconds:.0f} s; "
        f"validation loss {ran.validation_loss:.3f}"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
