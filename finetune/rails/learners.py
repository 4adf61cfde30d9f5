"""Small classifiers for the rails. The only module that imports scikit-learn; knows nothing of texts."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # as above

Numbers = NDArray[np.float32]


def logistic(inputs: Numbers, targets: NDArray[np.bool_]) -> tuple[Numbers, float]:
    """Fit logistic weights (columns,) and a bias that tell `targets` from `inputs` (rows, columns)."""
    network = LogisticRegression(C=10, max_iter=2000).fit(inputs, targets)
    return np.asarray(network.coef_[0], dtype=np.float32), float(network.intercept_[0])


def auc(targets: NDArray[np.bool_], scores: Numbers) -> float:
    """Chance that a target scores above another row. Undefined, and an error, when only one kind is there."""
    return round(float(roc_auc_score(targets, scores)), 4)
