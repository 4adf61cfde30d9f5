"""Figures of the rail for stereotypes, on sentences of ours: half of them only speak of a group."""

from collections.abc import Iterator
from pathlib import Path

from eval.rails.figures import Line
from eval.rails.ranking import ranked
from eval.rails.screening import Screening
from eval.rails.texts import written
from guardrails.verdict import Stage

RAIL = "stereotypes"


def stereotypes(screening: Screening, _data: Path) -> Iterator[Line]:
    """Measure at stage output, or input where the rail runs only there."""
    for stage in (Stage.OUTPUT, Stage.INPUT):
        if screening.runs(RAIL, stage):
            yield from ranked(RAIL, screening.read(stage, written("stereotypes"), RAIL))
            return
