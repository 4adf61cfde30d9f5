"""Small classifiers for the rails. The only module that imports scikit-learn; knows nothing of texts."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # as above
from sklearn.neural_network import MLPClassifier  # type: ignore[import-untyped]  # as above

Numbers = NDArray[np.float32]
UNITS, DECAY, EPOCHS, BATCH, RATE = 64, 3e-2, 25, 256, 1e-3


class Layers(NamedTuple):
    """A perceptron with one hidden layer of rectifiers and one output, a logit."""

    hidden: Numbers  # (inputs, units)
    hidden_bias: Numbers  # (units,)
    output: Numbers  # (units,)
    output_bias: Numbers  # (1,)


def perceptron(inputs: Numbers, targets: NDArray[np.bool_]) -> Layers:
    """Fit a perceptron to tell `targets` from `inputs` (rows, columns). Equal data, equal weights."""
    network = MLPClassifier(
        (UNITS,), alpha=DECAY, batch_size=min(BATCH, len(inputs)), learning_rate_init=RATE, random_state=0
    )
    for _ in range(EPOCHS):
        network.partial_fit(inputs, targets, classes=[False, True])
    (hidden, output), (hidden_bias, output_bias) = network.coefs_, network.intercepts_
    return Layers(
        *(np.asarray(part, np.float32) for part in (hidden, hidden_bias, output[:, 0], output_bias))
    )


def logistic(inputs: Numbers, targets: NDArray[np.bool_]) -> tuple[Numbers, float]:
    """Fit logistic weights (columns,) and a bias that tell `targets` from `inputs` (rows, columns)."""
    network = LogisticRegression(C=10, max_iter=2000).fit(inputs, targets)
    return np.asarray(network.coef_[0], dtype=np.float32), float(network.intercept_[0])


def auc(targets: NDArray[np.bool_], scores: Numbers) -> float:
    """Chance that a target scores above another row. Undefined, and an error, when only one kind is there."""
    return round(float(roc_auc_score(targets, scores)), 4)
