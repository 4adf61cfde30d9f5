"""Sentence-transformers' trainers: rows → a trained model in a folder. No other module here imports them.

A run's checkpoints are the trainer's own. It does not know where rows come from, nor what they are good for.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch
from datasets import (  # type: ignore[import-untyped]  # ships no types
    Dataset,
    disable_progress_bars,
)
from sentence_transformers import (
    CrossEncoder,
    CrossEncoderTrainer,
    CrossEncoderTrainingArguments,
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.base.sampler import BatchSamplers, DefaultBatchSampler
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from transformers import TrainerCallback
from transformers.utils import logging

from finetune.retrieval.recipe import Recipe
from ingest.embed import fastest

STEP = 32  # lengths are multiples of it: every new shape costs compiled kernels and memory
POOL = 50  # batches whose rows are sorted by length together
TOLD = 10  # steps between two words on how it goes
STATE = "trainer_state.json"  # what a checkpoint holds last of all


class Progress(NamedTuple):
    """Where a run stands; `saved` when a checkpoint was just written."""

    step: int
    of: int
    loss: float
    seconds: float
    saved: bool = False


Report = Callable[[Progress], None]


class Near(NamedTuple):
    """What an embedder is to bring near, and what it is to keep apart; as many negatives in every row."""

    question: str
    passage: str
    negatives: tuple[str, ...]


class Judged(NamedTuple):
    """What a reranker is to say of a passage."""

    question: str
    passage: str
    answers: bool


def train_embedder(
    base: str, rows: Sequence[Near], recipe: Recipe, run: Path, report: Report
) -> list[Progress]:
    """Train the embedder `base` on `rows` in the folder `run`, going on from its last checkpoint.

    The model is written to `run / "model"`.
    """
    _quieten()
    model = SentenceTransformer(base, trust_remote_code=False)
    model.model_card_data.widget = [{}]  # the card is ours: no examples are computed for another
    longest = model.max_seq_length
    model.max_seq_length = min(recipe.tokens, longest or recipe.tokens)
    columns = {"question": [row.question for row in rows], "passage": [row.passage for row in rows]}
    for place in range(min(len(row.negatives) for row in rows)):
        columns[f"negative_{place}"] = [row.negatives[place] for row in rows]
    arguments = SentenceTransformerTrainingArguments(
        # In-batch negatives: the same text twice in a batch would be its own negative.
        **_arguments(recipe, run), batch_sampler=BatchSamplers.NO_DUPLICATES
    )  # fmt: skip
    log = _Log(report)
    trainer = SentenceTransformerTrainer(
        model=model,
        args=arguments,
        train_dataset=_dataset(columns),
        loss=MultipleNegativesRankingLoss(model),
        callbacks=[log],
    )
    _train(trainer, model, run)
    model.max_seq_length = longest
    _save(model, run)
    return log.told


def train_reranker(
    base: str, layers: int, rows: Sequence[Judged], recipe: Recipe, run: Path, report: Report
) -> list[Progress]:
    """As `train_embedder`, a cross-encoder of the first `layers` of `base`, which may be an embedder."""
    _quieten()
    torch.manual_seed(recipe.seed)  # the head is new
    model = CrossEncoder(
        base,
        num_labels=1,
        max_length=recipe.tokens,
        trust_remote_code=False,
        config_kwargs={"num_hidden_layers": layers},
    )
    model.model_card_data.widget = [{}]  # as above
    columns: dict[str, list[Any]] = {
        "question": [row.question for row in rows],
        "passage": [row.passage for row in rows],
        "label": [float(row.answers) for row in rows],
    }
    arguments = CrossEncoderTrainingArguments(**_arguments(recipe, run), batch_sampler=_ByLength)
    log = _Log(report)
    trainer = CrossEncoderTrainer(
        model=model,
        args=arguments,
        train_dataset=_dataset(columns),
        loss=BinaryCrossEntropyLoss(model),
        callbacks=[log],
    )
    _train(trainer, model, run)
    _save(model, run)
    return log.told


def _quieten() -> None:
    """What is said on the way is ours to say."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers types it so
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # as above


def _arguments(recipe: Recipe, run: Path) -> dict[str, Any]:
    return {
        "output_dir": str(run),
        "num_train_epochs": recipe.epochs,
        "per_device_train_batch_size": recipe.rows,
        "learning_rate": recipe.learning_rate,
        "warmup_steps": recipe.warmup,
        "lr_scheduler_type": "cosine",
        "weight_decay": 0.01,
        "bf16": fastest() == "bfloat16",
        "use_cpu": not torch.cuda.is_available(),
        "save_strategy": "steps",
        "save_steps": recipe.keep,
        "save_total_limit": 2,  # of which one is whole, if the run is killed while it writes
        "logging_steps": min(TOLD, recipe.keep),
        "disable_tqdm": True,
        "report_to": [],
        "dataloader_pin_memory": False,
        "seed": recipe.seed,
        "data_seed": recipe.seed,
    }


def _dataset(columns: dict[str, list[Any]]) -> Dataset:
    disable_progress_bars()
    return Dataset.from_dict(columns)


def _train(trainer: Any, model: Any, run: Path) -> None:  # noqa: ANN401  # two of each
    model[0].processing_kwargs = {"text": {"pad_to_multiple_of": STEP}}
    trainer.remove_callback(_printer(trainer))
    trainer.train(resume_from_checkpoint=_last(run))
    model[0].processing_kwargs = {}  # how it is used is nobody's business but the user's


def _save(model: Any, run: Path) -> None:  # noqa: ANN401  # as above
    model.float().save_pretrained(str(run / "model"), create_model_card=False)


def _printer(trainer: Any) -> Any:  # noqa: ANN401  # as above
    """What would print to stdout."""
    names = {"PrinterCallback", "ProgressCallback"}
    return next((each for each in trainer.callback_handler.callbacks if type(each).__name__ in names), None)


def _last(run: Path) -> str | None:
    """The last checkpoint that was written whole."""
    steps = ((int(folder.name.rpartition("-")[2]), folder) for folder in run.glob("checkpoint-*"))
    return next((str(folder) for _, folder in sorted(steps, reverse=True) if _is_whole(folder)), None)


def _is_whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / STATE).read_text())
    except (OSError, ValueError):
        return False
    return True


class _Log(TrainerCallback):
    """Tells how it goes."""

    def __init__(self, report: Report) -> None:
        self._report, self._began = report, time.monotonic()
        self.told: list[Progress] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ANN401, ARG002
        if logs and "loss" in logs:
            seconds = time.monotonic() - self._began
            self.told.append(Progress(state.global_step, state.max_steps, float(logs["loss"]), seconds))
            self._report(self.told[-1])

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ANN401, ARG002  # as above
        if self.told:
            self._report(self.told[-1]._replace(step=state.global_step, saved=True))


class _ByLength(DefaultBatchSampler):
    """Rows of like length in one batch, in an order that changes with every epoch: little is padded."""

    def __init__(self, dataset: Dataset, *args: Any, **named: Any) -> None:  # noqa: ANN401  # as the trainer calls it
        super().__init__(dataset, *args, **named)
        pairs = zip(dataset["question"], dataset["passage"], strict=True)
        self._lengths = [len(question) + len(passage) for question, passage in pairs]

    def __iter__(self) -> Iterator[list[int]]:
        dice = Random(self.seed + self.epoch)  # noqa: S311  # an order, not a secret
        order = dice.sample(range(len(self._lengths)), len(self._lengths))
        pool = POOL * self.batch_size
        batches = []
        for start in range(0, len(order), pool):
            alike = sorted(order[start : start + pool], key=self._lengths.__getitem__)
            batches += [alike[at : at + self.batch_size] for at in range(0, len(alike), self.batch_size)]
        dice.shuffle(batches)
        return iter(batches)

    def __len__(self) -> int:
        pool = POOL * self.batch_size
        full, rest = divmod(len(self._lengths), pool)
        return full * POOL + math.ceil(rest / self.batch_size)
