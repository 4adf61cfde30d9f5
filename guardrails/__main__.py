"""`python -m guardrails check`: screen texts from standard input, one JSON object a line."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from guardrails.build import build_guard
from guardrails.errors import GuardrailsError
from guardrails.extraction import Prompt
from guardrails.guard import Guard
from guardrails.policy_file import load_policy
from guardrails.settings import GuardrailsSettings
from guardrails.verdict import Stage, Verdict
from ingest.embed import SentenceEmbedder
from ingest.errors import IngestError
from ingest.settings import IngestSettings
from service.prompts import INSTRUCTIONS

DONE, FAILURES, USAGE = 0, 1, 2

application = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


class Named(BaseModel):
    """What a line is called: anything in JSON but a list or an object."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str | int | FiniteFloat | bool | None


class Line(Named):
    """One text to screen; `context` holds the passages that an answer rests on."""

    text: str
    context: list[str] | None = None


@application.callback()
def main() -> None:
    """Rails: what may be asked, retrieved, said and indexed."""


@application.command()
def check(
    stage: Annotated[
        Stage, typer.Option(help="Where the texts stand: what the policy asks for there is run.")
    ],
    policy: Annotated[
        Path | None, typer.Option(help="Policy file. Default: the configured or shipped one.")
    ] = None,
    scores: Annotated[
        bool,
        typer.Option("--scores", help="Run every rail on every text in full, and show the probabilities."),
    ] = False,
) -> None:
    """Screen JSON lines {"id","text","context"?} from standard input; write verdicts in the same order.

    A line that cannot be read gives {"id"?,"line","error"} in its place, and exit code 1 at the end.
    """
    try:
        guard = _guard(policy, thorough=scores)
    except (GuardrailsError, IngestError, ValidationError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(USAGE) from error
    failures = 0
    for answer in _answers(guard, stage, with_scores=scores):
        failures += "error" in answer
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    if failures:
        print(f"{failures} lines could not be read: see the `error` in their place.", file=sys.stderr)
        raise typer.Exit(FAILURES)


def _guard(file: Path | None, *, thorough: bool) -> Guard:
    policy = load_policy(file or GuardrailsSettings().policy)
    settings = IngestSettings()
    embedder = SentenceEmbedder(settings.embedder, settings.precision, settings.embed_batch)
    return build_guard(policy, embedder, thorough=thorough, prompt=Prompt(INSTRUCTIONS))


def _answers(guard: Guard, stage: Stage, *, with_scores: bool) -> Iterator[dict[str, Any]]:
    for number, written in enumerate(sys.stdin.buffer, start=1):
        if not written.strip():
            continue
        try:
            line = Line.model_validate_json(written)
        except ValidationError as error:
            yield _name(written) | {"line": number, "error": _complaint(error)}
            continue
        verdict = guard.screen(stage, line.text, context=line.context or [])
        yield _answer(line, verdict, with_scores=with_scores)


def _answer(line: Line, verdict: Verdict, *, with_scores: bool) -> dict[str, Any]:
    findings = [
        {
            name: getattr(found, name)
            for name in ("rail", "label", "action", "score", "start", "end", "reason")
        }
        for found in verdict.findings
    ]
    answer: dict[str, Any] = {
        "id": line.id,
        "action": verdict.action,
        "text": verdict.text,
        "findings": findings,
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


if __name__ == "__main__":
    application()
