"""Curves as pictures: a run's losses, a search's trials, quality by the size of the data.

The only module that imports matplotlib.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

from finetune.training.progress import Progress
from finetune.training.trial import Trial

mpl.use("Agg")  # pictures are files: no screen is asked for
from matplotlib import pyplot as plt  # the line above has to stand before it

CURVE = "curve.png"
_SMOOTH = 0.1  # weight of a new step's loss in the smoothed line


def draw(history: Sequence[Progress], file: Path) -> None:
    """Write a PNG: each step's loss and its moving average, and the watched loss where it was measured."""
    steps, losses = [each.step for each in history], [each.loss for each in history]
    watched = [(each.step, each.validation_loss) for each in history if each.validation_loss is not None]
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(steps, losses, color="tab:blue", alpha=0.25, linewidth=1)
    axes.plot(steps, _smoothed(losses), color="tab:blue", label="training (first tokens weighted)")
    if watched:
        axes.plot(*zip(*watched, strict=True), color="tab:orange", marker="o", label="validation")
    axes.set(xlabel="step", ylabel="loss per reply token", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def _smoothed(losses: Sequence[float]) -> list[float]:
    smooth: list[float] = []
    for loss in losses:
        smooth.append(loss if not smooth else (1 - _SMOOTH) * smooth[-1] + _SMOOTH * loss)
    return smooth


def draw_trials(trials: Sequence[Trial], file: Path) -> None:
    """Write a PNG: the loss of each finished trial, by each hyperparameter that was tried."""
    done = [trial for trial in trials if trial.loss is not None]
    names = sorted({name for trial in done for name in trial.chosen})
    figure, axes = plt.subplots(
        1, max(1, len(names)), figsize=(3 * max(1, len(names)), 3), layout="constrained"
    )
    for place, name in zip(np.atleast_1d(axes), names, strict=False):
        place.scatter([trial.chosen[name] for trial in done], [trial.loss for trial in done])
        place.set(
            xlabel=name, ylabel="validation loss", xscale="log" if name == "learning_rate" else "linear"
        )
        place.grid(alpha=0.3)
    figure.savefig(file, dpi=110)
    plt.close(figure)


def draw_sizes(found: Mapping[int, Mapping[str, float]], file: Path) -> None:
    """Write a PNG: each figure by the number of questions that were learnt from."""
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name in dict.fromkeys(name for figures in found.values() for name in figures):
        axes.plot(list(found), [figures[name] for figures in found.values()], marker="o", label=name)
    axes.set(xlabel="questions learnt from", ylabel="value", ylim=(0, 1), xscale="symlog")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file, dpi=110)
    plt.close(figure)
