"""`python -m finetune rollback|list`: which adapter answers, and which was before."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

import getpass
import os
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from finetune.commands.rail_models import Rail
from finetune.commands.terminal import Json, clear_errors, console, hooked, show
from service.settings import ServiceSettings

if TYPE_CHECKING:
    from finetune.promotion.registry import Registry
    from finetune.promotion.rollback import RolledBack


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(rollback)
    app.command("list")(list_)


def rollback(
    to: Annotated[str | None, typer.Option(help="An adapter that was live. Default: the one before.")] = None,
    rail: Annotated[Rail | None, typer.Option(help="Put back the model that this rail had before.")] = None,
    as_json: Json = False,
) -> None:
    """Go back to the adapter that was live before; a canary under way ends instead, unless --to names one."""
    if rail is not None:
        if to is not None:
            raise typer.BadParameter("--rail goes back to the model before: it knows no --to")
        return _rollback_rail(rail, as_json)
    from finetune.promotion.rollback import rollback as rolled_back

    with clear_errors(), hooked() as hooks:
        _tell(rolled_back(opened(), hooks, who(), to), as_json)
    return None


def list_(as_json: Json = False) -> None:
    """List the registry's adapters: what they are from, which is live, and their figures."""
    from finetune.promotion.roster import HEAD, roster

    with clear_errors():
        rows = roster(opened())
    if as_json:
        return show({"adapters": [row.plain() for row in rows]}, as_json=True)
    table = Table(*HEAD)
    for row in rows:
        table.add_row(*map(escape, row.cells()))
    return Console().print(table)


def opened() -> "Registry":
    """The registry of the settings."""
    from finetune.promotion.registry import Registry

    settings = ServiceSettings()
    return Registry(settings.adapters, settings.model)


def who() -> str:
    """Who is at work, as the record tells it: in a container a user may have a number alone."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def warn(found: Iterable[str]) -> None:
    """What a killed run had left; and which settings make servers deaf to the registry."""
    for each in found:
        console.print(f"[yellow]found:[/] {escape(each)}")
    settings = ServiceSettings()
    for name in ("default_adapter", "split_candidate"):
        if getattr(settings, name):
            console.print(f"[yellow]servers with service.{name} set do not follow the registry in it[/]")


def _tell(done: "RolledBack", as_json: bool) -> None:
    warn(done.found)
    if as_json:
        return show({"live": done.live, "before": done.before, "canary_ended": done.canary}, as_json=True)
    if done.canary and done.live == done.before:
        said = f"the canary of {done.canary} has ended; {done.live} is live. Again: the one before it"
    else:
        said = f"{done.live} is live, after {done.before}"
    return console.print(said)


def _rollback_rail(rail: Rail, as_json: bool) -> None:
    from finetune.promotion.promote_rail import rollback_rail

    with clear_errors():
        name = rollback_rail(rail.shipped, who())
    if as_json:
        return show({"live": name}, as_json=True)
    return console.print(f"{name} is in its place: servers load it at their start")
