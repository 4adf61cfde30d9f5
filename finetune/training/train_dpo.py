"""Preference pairs → an adapter that has come to prefer what people chose (DPO).

The only module that imports TRL, and the datasets that its trainer is fed. It writes no cards.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset, disable_progress_bars  # type: ignore[import-untyped]  # it ships no types
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from trl import DPOConfig, DPOTrainer  # type: ignore[attr-defined]  # loaded lazily, which mypy does not see

from finetune.datasets.pairs import Pair
from finetune.training.hyperparameters import Preferences
from finetune.training.progress import Progress, Report, resident
from service.chat import Chat
from service.prompts import messages


def learn(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    pairs: Sequence[Pair],
    hyper: Preferences,
    scratch: Path,
    report: Report,
) -> list[Progress]:
    """Train the adapter in `model` on `pairs`, held against itself as it was; returns the history.

    The reference is a frozen copy of the adapter: TRL makes one. It may write into the folder `scratch`.
    """
    chat = Chat(tokenizer)
    settings = DPOConfig(
        output_dir=str(scratch),
        beta=hyper.beta,
        loss_type=["sigmoid", "sft"],
        loss_weights=[1.0, hyper.imitation],
        learning_rate=hyper.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=0,  # the first step of a warm-up learns nothing, and a few corrections are few steps
        num_train_epochs=hyper.epochs,
        per_device_train_batch_size=hyper.pairs_at_once,
        gradient_accumulation_steps=max(1, hyper.pairs_per_step // hyper.pairs_at_once),
        activation_checkpointing=False,
        bf16=True,
        use_cpu=model.device.type == "cpu",
        max_length=None,
        pad_to_multiple_of=64,  # every new length costs a CPU new kernels
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        seed=hyper.seed,
    )
    disable_progress_bars()
    told = _Told(report)
    trainer = DPOTrainer(
        model=model,
        args=settings,
        train_dataset=Dataset.from_list([_row(pair, chat) for pair in pairs]),
        processing_class=tokenizer,
        callbacks=[told],
    )
    trainer.remove_callback(PrinterCallback)  # stdout is the command's own
    trainer.train()
    return told.history


def _row(pair: Pair, chat: Chat) -> dict[str, Any]:
    """A pair as TRL takes it: a chat that went on in one way or in the other."""
    return {
        "prompt": chat.plain(messages(pair.question, pair.passages)),
        "chosen": chat.plain([{"role": "assistant", "content": pair.chosen}]),
        "rejected": chat.plain([{"role": "assistant", "content": pair.rejected}]),
    }


class _Told(TrainerCallback):
    """Turns the trainer's log into `Progress`."""

    def __init__(self, report: Report) -> None:
        self.history: list[Progress] = []
        self._report, self._began, self._tokens = report, time.monotonic(), 0.0

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ANN401, ARG002  # the signature is transformers' own
        """A step is done."""
        if not logs or "loss" not in logs:
            return
        before = self.history[-1].seconds if self.history else 0.0
        seconds, tokens = time.monotonic() - self._began, float(logs["num_tokens"])
        rate, self._tokens = (tokens - self._tokens) / max(1e-9, seconds - before), tokens
        done = state.global_step / state.max_steps
        self.history.append(Progress(state.global_step, done, logs["loss"], None, rate, seconds, resident()))
        self._report(self.history[-1])
