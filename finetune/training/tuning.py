"""Hyperparameters → the loss that they reach on documents that were not learnt from. Imports Optuna, alone.

Each trial trains once a fold, a few steps; its value is the mean of the folds' lowest validation losses. A
trial that lies behind the others at the same place is given up. What is found is kept at once: a search that
was killed goes on.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import optuna
from optuna.trial import TrialState

from finetune.datasets import dataset as datasets
from finetune.datasets.dataset import Dataset
from finetune.datasets.examples import EXAMPLES, read_examples
from finetune.errors import BadDataset
from finetune.training import method, origin
from finetune.training.checkpoint import Checkpoint
from finetune.training.folds import Fold, folds
from finetune.training.hyperparameters import Hyperparameters
from finetune.training.progress import Progress
from finetune.training.trainer import Trainer
from finetune.training.trial import Trial

STORAGE = "search.db"
_CHECKS = 4  # times in a fold that the validation loss is taken, and a trial may be given up
_STARTED = 3  # trials that are never given up: the others are held against them
RATES, RANKS, DROPOUTS, DECAYS = (1e-4, 2e-3), (8, 16, 32, 64), (0.0, 0.05, 0.1), (0.0, 0.01, 0.1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is searched: on which data, of which base model, in how many trials; and where it is kept."""

    dataset: Path
    out: Path
    base: str
    cache: Path
    trials: int = 12
    folds: int = 3
    hyper: Hyperparameters = field(default_factory=Hyperparameters)  # of which a trial changes some


def search(plan: Plan, watch: Callable[[Trial], None]) -> list[Trial]:
    """Try until `plan.trials` are done, those of earlier runs too; returns all, the best first.

    Raises:
        BadDataset: it cannot be used, has too few documents, or was built before examples were kept.
        OtherRun: `plan.out` holds a search of another plan.
    """
    data = datasets.load(plan.dataset)
    divided = _folds(plan, data)
    plan.out.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=f"sqlite:///{plan.out / STORAGE}",
        study_name="search",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_STARTED),
    )
    # With the seed alone, a search that goes on would draw again what it has drawn.
    seed = plan.hyper.seed + len(study.trials)
    study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=_STARTED)
    _same(study, plan, data.manifest["hash"])
    for stopped in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(stopped.number, state=TrialState.FAIL)  # of a run that was killed
    done = [trial for trial in study.trials if trial.state in {TrialState.COMPLETE, TrialState.PRUNED}]
    if len(done) < plan.trials:
        study.optimize(
            lambda trial: _value(trial, plan, divided),
            n_trials=plan.trials - len(done),
            callbacks=[lambda _, trial: watch(_told(trial))],
        )
    return sorted(map(_told, study.trials), key=lambda each: (each.loss is None, each.loss or 0.0))


def _value(trial: optuna.Trial, plan: Plan, divided: Sequence[Fold]) -> float:
    """The mean over the folds of the lowest validation loss."""
    rank = trial.suggest_categorical("rank", RANKS)
    hyper = replace(
        plan.hyper,
        learning_rate=trial.suggest_float("learning_rate", *RATES, log=True),
        rank=rank,
        alpha=2 * rank,
        dropout=trial.suggest_categorical("dropout", DROPOUTS),
        weight_decay=trial.suggest_categorical("weight_decay", DECAYS),
        save_every=max(1, plan.hyper.steps // _CHECKS),
    )
    lowest = []
    for number, fold in enumerate(divided):
        lowest.append(_lowest(trial, plan, hyper, fold, number * plan.hyper.steps))
    return sum(lowest) / len(lowest)


def _lowest(trial: optuna.Trial, plan: Plan, hyper: Hyperparameters, fold: Fold, before: int) -> float:
    """The lowest validation loss of a fold. Raises `optuna.TrialPruned` when the trial is given up."""

    def told(progress: Progress) -> None:
        if progress.validation_loss is not None:
            trial.report(progress.validation_loss, before + progress.step)
            if trial.should_prune():
                raise optuna.TrialPruned

    base = method.load(plan.base, plan.cache, hyper, None)
    with tempfile.TemporaryDirectory(dir=plan.out, prefix="trial.") as folder:
        trainer = Trainer(base, hyper, Checkpoint(Path(folder), {}))
        history = trainer.train(fold.train, fold.validation[: hyper.validation], told)
    return min(each.validation_loss for each in history if each.validation_loss is not None)


def _folds(plan: Plan, data: Dataset) -> list[Fold]:
    kept = plan.dataset / EXAMPLES
    if not kept.exists():
        raise BadDataset(f"{plan.dataset}: it says of no passage which document it is of; build it anew")
    documents = {example.passage: example.document for example in read_examples(kept)}
    divided = folds(data.train, documents, plan.folds)
    if not all(fold.train and fold.validation for fold in divided):
        raise BadDataset(
            f"{plan.dataset}: too few documents for {plan.folds} folds; use --folds 2, or more data"
        )
    return divided


def _same(study: optuna.Study, plan: Plan, dataset: str) -> None:
    values = {"dataset": dataset, "base": plan.base, "folds": plan.folds, **asdict(plan.hyper)}
    told = {name: str(value) for name, value in values.items()}
    origin.check(plan.out, study.user_attrs or told, told)
    for name, value in told.items():
        study.set_user_attr(name, value)


def _told(trial: optuna.trial.FrozenTrial) -> Trial:
    loss = trial.value if trial.state is TrialState.COMPLETE else None
    return Trial(trial.number, trial.state.name.lower(), loss, trial.params)
