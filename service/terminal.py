"""What the parts of the service's command line share: where they print, and how errors end them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from guardrails.errors import GuardrailsError
from ingest.errors import IngestError, Misuse
from service.errors import (
    BadRequest,
    Misconfigured,
    ModelUnavailable,
    ServerUnreachable,
    ServiceError,
    UnknownModel,
)
from service.ledger import Ledger
from service.settings import ServiceSettings

FAILED, USAGE = 1, 2
WRONG_USE = (
    Misconfigured,
    ModelUnavailable,
    BadRequest,
    UnknownModel,
    ServerUnreachable,
    Misuse,
    GuardrailsError,
    ValidationError,
)

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Tenant = Annotated[str, typer.Option(help="Whose documents.")]


@contextmanager
def reported() -> Iterator[None]:
    """Errors as one line on stderr and the contract's exit code."""
    try:
        yield
    except WRONG_USE as error:
        err.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(USAGE) from error
    except (ServiceError, IngestError) as error:
        err.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(FAILED) from error


def opened_ledger() -> closing[Ledger]:
    """The ledger of the settings; a server may have it open too."""
    return closing(Ledger.of(ServiceSettings()))
