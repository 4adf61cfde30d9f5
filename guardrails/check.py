"""Texts in as JSON lines, verdicts out as JSON, in the same order: the contract of `guardrails check`."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from guardrails.guard import Guard
from guardrails.verdict import Finding, Stage, Verdict

SHOWN = ("rail", "label", "action", "score", "start", "end", "reason")


class Named(BaseModel):
    """What a line is called: anything in JSON but a list or an object."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str | int | FiniteFloat | bool | None


class Line(Named):
    """One text to screen; `context` holds the passages that an answer rests on."""

    text: str
    context: list[str] | None = None


def answers(
    guard: Guard, stage: Stage, lines: Iterable[bytes], *, with_scores: bool
) -> Iterator[dict[str, Any]]:
    """A verdict for each line, or an `error` where it cannot be read. Empty lines count for nothing."""
    for number, written in enumerate(lines, start=1):
        if not written.strip():
            continue
        try:
            line = Line.model_validate_json(written)
        except ValidationError as error:
            yield _name(written) | {"line": number, "error": _complaint(error)}
            continue
        verdict = guard.screen(stage, line.text, context=line.context or [])
        yield _answer(line, verdict, with_scores=with_scores)


def shown(found: Finding) -> dict[str, Any]:
    """A finding as JSON shows it; that it was in shadow only where it was."""
    told = {name: getattr(found, name) for name in SHOWN}
    return told | ({"shadow": True} if found.shadow else {})


def _answer(line: Line, verdict: Verdict, *, with_scores: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "id": line.id,
        "action": verdict.action,
        "text": verdict.text,
        "findings": [shown(found) for found in verdict.findings],
    }
    return answer | ({"scores": dict(verdict.scores)} if with_scores else {})


def _name(written: bytes) -> dict[str, Any]:
    """The id of a line that is wrong otherwise, if it can be read."""
    try:
        return Named.model_validate_json(written).model_dump()
    except ValidationError:
        return {}


def _complaint(error: ValidationError) -> str:
    faults = "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'line'}: {fault['msg']}"
        for fault in error.errors(include_input=False)
    )
    return f'{faults}. Write one JSON object a line: {{"id": ..., "text": "...", "context": [...]}}.'
