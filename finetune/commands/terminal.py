"""What commands say, and how they fail: one JSON object, or a line in red and exit code 2, or 1 if done."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from eval.errors import EvalError
from finetune.errors import FinetuneError
from finetune.hooks import Hooks
from guardrails.errors import GuardrailsError
from ingest.access import Principal
from ingest.errors import IngestError
from service.errors import ServiceError

console = Console(stderr=True)
FAILED = 1  # exit code: done, with failures
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@contextmanager
def clear_errors() -> Iterator[None]:
    """Errors of ours, and of files, end the command with a line; any other is a fault with its traceback."""
    try:
        yield
    except ValidationError as error:  # of settings: files are checked where they are read
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        console.print(f"[red]{escape(f'a setting of {error.title} cannot be used: {told}')}[/]")
        raise typer.Exit(2) from error
    except OSError as error:
        if error.filename is None:
            raise
        console.print(f"[red]{escape(f'{error.filename}: {error.strerror}')}[/]", soft_wrap=True)
        raise typer.Exit(2) from error
    except (FinetuneError, ServiceError, EvalError, IngestError, GuardrailsError) as error:
        console.print(f"[red]{escape(str(error))}[/]")
        raise typer.Exit(2) from error


@contextmanager
def hooked() -> Iterator[Hooks]:
    """The installed hooks. If one fails on what was done, the command ends with 1 once it has said what.

    Raises:
        HookFailed: one of them cannot be imported.
    """
    hooks = Hooks.installed()
    yield hooks
    for failure in hooks.failed:
        console.print(f"[red]done, but {escape(failure)}[/]", soft_wrap=True)
    if hooks.failed:
        raise typer.Exit(FAILED)


def show(result: Mapping[str, Any], as_json: bool) -> None:
    """Print the result as JSON: one line for programs, set out for people."""
    if as_json:
        json.dump(result, sys.stdout, allow_nan=False)
    else:
        Console().print_json(data=result)


def groups_of(tenant: str, groups: str) -> Principal:
    """Somebody of the groups that are named with commas; of none where that is empty."""
    names = frozenset(name.strip() for name in groups.split(",") if name.strip())
    return Principal(tenant, "local", names)
