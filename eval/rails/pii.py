"""Figures of the rail for personal data: precision and recall of structured types, each by itself too."""

from collections.abc import Iterator
from pathlib import Path

from eval.errors import BadQuestions
from eval.rails.figures import Goal, Line, share
from eval.rails.screening import Reading, Screening
from eval.rails.texts import Text, rows
from guardrails.verdict import Stage

RAIL = "pii"
GOAL = Goal("at least", 0.97)
# The data's structured types: those with a form of their own, which patterns and checksums can know. Names,
# places and dates are not among them; nor are domain names, which are nobody's personal data.
STRUCTURED = frozenset(
    {
        "CREDIT_CARD",
        "EMAIL_ADDRESS",
        "IBAN_CODE",
        "IP_ADDRESS",
        "PHONE_NUMBER",
        "US_DRIVER_LICENSE",
        "US_SSN",
    }
)
# The dev set has few of the types. The other rows have all; patterns are chosen by hand, with these in sight.
FILES = {"dev": "dev.jsonl", "train": "train.jsonl"}

Span = tuple[str, int, int]
Match = tuple[str, bool]


def pii(screening: Screening, data: Path) -> Iterator[Line]:
    """Measure on `guard/pii` at stage output; a finding is right if it overlaps a span of its type."""
    if not screening.runs(RAIL, Stage.OUTPUT):
        return
    for name, file in FILES.items():
        texts, spans = _read(data / "guard/pii" / file)
        readings = screening.read(Stage.OUTPUT, texts, RAIL)
        yield from _lines(name, *_matched(readings, spans))


def _matched(readings: list[Reading], spans: dict[str, list[Span]]) -> tuple[list[Match], list[Match]]:
    """What was found, each with whether it is right; and what is there, each with whether it was found."""
    found: list[Match] = []
    told: list[Match] = []
    for each in readings:
        mine, truth = _found(each), spans[each.text.id]
        found += [(span[0], _overlaps(span, truth)) for span in mine]
        told += [(span[0], _overlaps(span, mine)) for span in truth]
    return found, told


def _lines(name: str, found: list[Match], told: list[Match]) -> Iterator[Line]:
    goal = GOAL if name == "dev" else None
    yield Line(RAIL, "precision", share([right for _, right in found]), f"{name}, structured", goal)
    yield Line(RAIL, "recall", share([right for _, right in told]), f"{name}, structured", goal)
    for label in sorted({label for label, _ in told} | {label for label, _ in found}):
        for figure, hits in (("precision", found), ("recall", told)):
            yield Line(
                RAIL, figure, share([right for each, right in hits if each == label]), f"{name}, {label}"
            )


def _read(file: Path) -> tuple[list[Text], dict[str, list[Span]]]:
    told = rows(file)
    try:
        texts = [Text(row["id"], row["text"], bool(row["spans"]), row["source"]) for row in told]
        spans = {
            row["id"]: [
                (span["type"], span["start"], span["end"])
                for span in row["spans"]
                if span["type"] in STRUCTURED
            ]
            for row in told
        }
    except KeyError as error:
        raise BadQuestions(f"{file}: a row has no field {error}") from error
    return texts, spans


def _found(reading: Reading) -> list[Span]:
    return [(each.label, each.start, each.end) for each in reading.findings if each.label in STRUCTURED]


def _overlaps(span: Span, others: list[Span]) -> bool:
    label, start, end = span
    return any(label == other and start < until and since < end for other, since, until in others)
