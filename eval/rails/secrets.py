"""Figures of the rail for credentials: true ones found, false ones left alone."""

from collections.abc import Iterator
from pathlib import Path

from eval.errors import BadQuestions
from eval.rails.figures import Goal, Line, share
from eval.rails.ranking import acted
from eval.rails.screening import Reading, Screening
from eval.rails.texts import Text, rows
from guardrails.verdict import Stage

RAIL = "secrets"


def secrets(screening: Screening, data: Path) -> Iterator[Line]:
    """Measure on `guard/secrets` at stage output, by how a sample was made."""
    if not screening.runs(RAIL, Stage.OUTPUT):
        return
    readings = screening.read(Stage.OUTPUT, _read(data / "guard/secrets/samples.jsonl.gz"), RAIL)
    yield from _lines(readings, "all", Goal("at least", 1.0), Goal("at most", 0.02))
    for how in sorted({each.text.kind for each in readings}):
        yield from _lines([each for each in readings if each.text.kind == how], how)


def _lines(
    readings: list[Reading], of: str, found: Goal | None = None, flagged: Goal | None = None
) -> Iterator[Line]:
    true, false = ([each for each in readings if each.text.violation == label] for label in (True, False))
    yield Line(RAIL, "true found", share(acted(true)), of, found)
    yield Line(RAIL, "false flagged", share(acted(false)), of, flagged)


def _read(file: Path) -> list[Text]:
    try:
        return [
            Text(row["id"], row["text"], row["label"] == 1, row["source"], row["how"]) for row in rows(file)
        ]
    except KeyError as error:
        raise BadQuestions(f"{file}: a row has no field {error}") from error
