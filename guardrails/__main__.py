"""The command line: `python -m guardrails check|explain|policies`.

What takes seconds to import (the embedder, the rails' models) is imported by the commands that need it.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from guardrails.errors import GuardrailsError, PolicyError
from guardrails.policy import Policy
from guardrails.policy_file import PRESETS, load_policy
from guardrails.settings import GuardrailsSettings
from guardrails.verdict import Stage
from ingest.errors import IngestError
from ingest.settings import IngestSettings
from service.prompts import INSTRUCTIONS

if TYPE_CHECKING:
    from guardrails.guard import Guard
    from ingest.embedder import Embedder

DONE, FAILURES, USAGE = 0, 1, 2

application = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

At = Annotated[Stage, typer.Option(help="Where the text stands: what the policy asks for there is run.")]
By = Annotated[
    str | None, typer.Option(help="A preset or a policy file. Default: the configured or shipped one.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@application.callback()
def main() -> None:
    """Rails: what may be asked, retrieved, said and indexed."""


@application.command()
def check(
    stage: At,
    policy: By = None,
    scores: Annotated[
        bool,
        typer.Option("--scores", help="Run every rail on every text in full, and show the probabilities."),
    ] = False,
) -> None:
    """Screen JSON lines {"id","text","context"?} from standard input; write verdicts in the same order.

    A line that cannot be read gives {"id"?,"line","error"} in its place, and exit code 1 at the end.
    """
    from guardrails.check import answers  # noqa: PLC0415  # as the head says

    guard = _guard(policy, thorough=scores)
    failures = 0
    for answer in answers(guard, stage, sys.stdin.buffer, with_scores=scores):
        failures += "error" in answer
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    if failures:
        print(f"{failures} lines could not be read: see the `error` in their place.", file=sys.stderr)
        raise typer.Exit(FAILURES)


@application.command()
def explain(  # one parameter an option
    stage: At,
    text: Annotated[str | None, typer.Argument(help="The text. Default: standard input.")] = None,
    policy: By = None,
    context: Annotated[
        list[Path] | None, typer.Option(help="A file with a passage that the answer rests on; repeat it.")
    ] = None,
    history: Annotated[
        list[str] | None, typer.Option(help="What was asked before, the oldest first; repeat it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what each rail saw of a text: score, threshold, action, findings, time. All run in full."""
    from guardrails.explain import explain as explained  # noqa: PLC0415  # as the head says
    from guardrails.explained import as_dictionary, show  # noqa: PLC0415  # as above
    from guardrails.rail import Embedded, Sample  # noqa: PLC0415  # as above

    try:
        passages = tuple(file.read_text(encoding="utf-8") for file in context or ())
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"--context: {error}") from error
    said = sys.stdin.read() if text is None else text
    guard = _guard(policy, thorough=True)
    # As in the service, where the search has embedded the question already.
    vector = None
    if stage is Stage.INPUT and said.strip():
        vector = Embedded(_embedder().encode_query(said), _embedder().name)
    told = explained(guard, Sample(said, stage, passages, vector, history=tuple(history or ())))
    if as_json:
        print(json.dumps(as_dictionary(told), ensure_ascii=False))
    else:
        show(told)


@application.command()
def policies(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Policy files to check. Default: all that ship or are in use.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check policy files, or list the policies there are: their versions, and which rails run where."""
    found: list[dict[str, Any]] = []
    faults: list[str] = []
    for name in map(str, files) if files else _known():
        try:
            policy = load_policy(name)
        except PolicyError as error:
            faults.append(str(error))
        else:
            found.append({"policy": name, "version": policy.version, "stages": _rails(policy)})
    if as_json:
        print(json.dumps({"policies": found, "faults": faults}, ensure_ascii=False))
    else:
        for each in found:
            print(f"{each['policy']}: {each['version']}", *_lines(each["stages"]), sep="\n  ")
        for fault in faults:
            print(fault, file=sys.stderr)
    if faults:
        raise typer.Exit(USAGE)


def _known() -> list[str]:
    settings = GuardrailsSettings()
    used = {settings.policy, *settings.tenants.values(), *settings.keys.values()}
    return [*PRESETS, *sorted(used - set(PRESETS))]


def _lines(stages: Mapping[str, Sequence[str]]) -> Iterator[str]:
    return (f"{stage:9} {', '.join(rails) or '-'}" for stage, rails in stages.items())


def _rails(policy: Policy) -> dict[str, list[str]]:
    """What follows from each rail, by stage: `pii: redact`, in brackets if in shadow."""
    return {
        str(stage): [
            f"({name}: {rule.action})" if rule.shadow else f"{name}: {rule.action}"
            for name, rule in policy.rules(stage).items()
        ]
        for stage in Stage
    }


@cache
def _embedder() -> "Embedder":
    from ingest.embedders import fitted  # noqa: PLC0415  # as the head says

    return fitted(IngestSettings())


def _guard(policy: str | None, *, thorough: bool) -> "Guard":
    """The guard of a policy. Bad usage, if there cannot be one."""
    from guardrails.build import build_guard  # noqa: PLC0415  # as the head says
    from guardrails.extraction import Prompt  # noqa: PLC0415  # as above

    try:
        loaded = load_policy(policy or GuardrailsSettings().policy)
        return build_guard(loaded, _embedder(), thorough=thorough, prompt=Prompt(INSTRUCTIONS))
    except (GuardrailsError, IngestError, ValidationError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(USAGE) from error


if __name__ == "__main__":
    application()
