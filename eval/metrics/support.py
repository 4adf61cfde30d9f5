"""Support rate: how much of an answer our grounding rail found supported by the passages (`grounded`)."""

from eval.metrics.rowwise import Rowwise, asked


def support() -> Rowwise:
    """The metric. No answer given, or an attack: no score."""
    return Rowwise("support", asked, lambda outcome: outcome.grounded if outcome.answered else None)
