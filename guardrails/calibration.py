"""From a classifier's logit to a probability that can be shown and compared."""

import math

_FARTHEST = 30.0  # beyond it the probability is 0 or 1 to more digits than anyone reads


def probability(logit: float) -> float:
    """Return the logistic of `logit`, in [0, 1], to four digits."""
    return round(1 / (1 + math.exp(-min(max(logit, -_FARTHEST), _FARTHEST))), 4)
