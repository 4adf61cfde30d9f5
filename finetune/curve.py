"""A run's losses by step as a picture. The only module that imports matplotlib."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from finetune.progress import Progress

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
