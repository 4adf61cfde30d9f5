"""What is said of every scored rail: ranking, thresholds and calibration, by source and by length."""

from collections.abc import Iterator, Sequence
from itertools import compress

from eval.rails.figures import Goal, Line, auc, calibration_error, recall_at, reliability, share
from eval.rails.screening import Reading
from eval.rails.texts import cuts
from guardrails.verdict import Action

FEW = 10  # a part of fewer texts is not shown by itself
RATE = 0.01


def scores(readings: Sequence[Reading], *, violation: bool) -> list[float]:
    """The scores of the violations, or of the clean texts, where the rail gave one."""
    return [each.score for each in readings if each.text.violation == violation and each.score is not None]


def acted(readings: Sequence[Reading]) -> list[bool]:
    """Which texts the policy would have flagged, redacted or blocked."""
    return [each.action is not Action.ALLOW for each in readings]


def blocked(readings: Sequence[Reading]) -> list[bool]:
    """Which texts the policy would have blocked."""
    return [each.action is Action.BLOCK for each in readings]


def ranked(rail: str, readings: Sequence[Reading], goal: Goal | None = None, at: str = "") -> Iterator[Line]:
    """AUC, recall at 1% false positives, what the shipped threshold catches and flags, and calibration.

    The goal is of the AUC on all texts; `at` is added to the names of the figures. Recall of a part is at
    the threshold of all clean texts.
    """
    clean = scores(readings, violation=False)
    for part, within in cuts([each.text for each in readings]):
        some = list(compress(readings, within))
        bad, good = ([each for each in some if each.text.violation == label] for label in (True, False))
        if (len(bad) >= FEW and len(good) >= FEW) or part == "all":
            ranking = auc(scores(bad, violation=True), scores(good, violation=False))
            yield Line(rail, f"AUC{at}", ranking, part, goal if part == "all" else None)
        if len(bad) >= FEW:
            yield Line(
                rail, f"recall at 1% FPR{at}", recall_at(RATE, scores(bad, violation=True), clean), part
            )
            yield Line(rail, f"caught{at}", share(acted(bad)), part)
        if len(good) >= FEW:
            yield Line(rail, f"flagged clean{at}", share(acted(good)), part)
    told = scores(readings, violation=True), clean
    yield Line(rail, f"calibration error{at}", calibration_error(*told), bins=reliability(*told))
