"""`python -m finetune promote|rollback|list`: which adapter answers."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

import getpass
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.rules import read_rules
from finetune.commands.examining import Asked, Count, examiner, questions
from finetune.commands.terminal import Json, clear_errors, console, show
from finetune.settings import FinetuneSettings
from service.settings import ServiceSettings

if TYPE_CHECKING:
    from finetune.promote import Order, Promoted
    from finetune.registry import Registry

REFUSED = 1
RULES = Path(__file__).parents[1] / "gate.toml"


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(promote)
    app.command()(rollback)
    app.command("list")(list_)


def promote(  # noqa: PLR0913, PLR0917  # a command line's options
    adapter: Annotated[
        Path | None, typer.Argument(help="Folder of the adapter, or its name in the registry.")
    ] = None,
    asked: Asked = None,
    count: Count = None,
    canary: Annotated[
        str | None,
        typer.Option(help="Give it a share of the conversations, such as 10%; 0 ends the one under way."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote it though the gate refuses it.")] = False,
    reason: Annotated[str, typer.Option(help="Why it is forced; goes into the record.")] = "",
    as_json: Json = False,
) -> None:
    """Put an adapter to the gate beside the live one, and promote it if it passes. Exit 1 if it does not."""
    share = _share(canary)
    if share == 0.0:
        return _end_canary(as_json)
    if adapter is None:
        raise typer.BadParameter("name the adapter to promote")
    if force != bool(reason.strip()):
        raise typer.BadParameter(
            "--force needs --reason TEXT, which is recorded, and --reason is for --force"
        )
    from finetune.promote import Order

    with clear_errors():
        registry, rules = _registry(), read_rules(FinetuneSettings().gate_rules or RULES)
        place = adapter if adapter.is_dir() else registry.folder / adapter
        order = Order(place, questions(asked, count), rules, _who(), reason.strip(), share)
        done = _promoted(order, registry)
    _tell(done, as_json)
    raise typer.Exit(REFUSED if done.outcome == "refused" else 0)


def rollback(
    to: Annotated[str | None, typer.Option(help="An adapter that was live. Default: the one before.")] = None,
    as_json: Json = False,
) -> None:
    """Go back to the adapter that was live before; a canary under way ends instead, unless --to names one."""
    from finetune.hooks import Hooks
    from finetune.rollback import rollback as rolled_back

    with clear_errors():
        done = rolled_back(_registry(), Hooks.installed(), _who(), to)
    _warn()
    for each in done.found:
        console.print(f"[yellow]found:[/] {escape(each)}")
    if as_json:
        show({"live": done.live, "before": done.before, "canary_ended": done.canary}, as_json=True)
    elif done.canary and done.live == done.before:
        console.print(f"the canary of {done.canary} has ended; {done.live} is live. Again: the one before it")
    else:
        console.print(f"{done.live} is live, after {done.before}")


def list_(as_json: Json = False) -> None:
    """List the registry's adapters: what they are from, which is live, and their figures."""
    from finetune.listing import HEAD, listing

    with clear_errors():
        rows = listing(_registry())
    if as_json:
        return show({"adapters": [row.plain() for row in rows]}, as_json=True)
    table = Table(*HEAD)
    for row in rows:
        table.add_row(*map(escape, row.cells()))
    Console().print(table)
    return None


def _promoted(order: "Order", registry: "Registry") -> "Promoted":
    from finetune.hooks import Hooks
    from finetune.overlap import overlap
    from finetune.promote import Stages
    from finetune.promote import promote as promoted

    with examiner() as examining:
        return promoted(order, Stages(registry, examining, Hooks.installed(), overlap))


def _end_canary(as_json: bool) -> None:
    from finetune.rollback import end_canary

    with clear_errors():
        registry = _registry()
        with registry.moving():
            ended = end_canary(registry, _who())
    if as_json:
        show({"canary_ended": ended}, as_json=True)
    else:
        console.print(f"the canary of {ended} has ended" if ended else "there was no canary")


def _registry() -> "Registry":
    from finetune.registry import Registry

    settings = ServiceSettings()
    return Registry(settings.adapters, settings.model)


def _share(text: str | None) -> float | None:
    """`10%` or `0.1`. 10 alone could be either."""
    if text is None:
        return None
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise typer.BadParameter(f"--canary {text}: a share is written 10% or 0.1; 0 ends the canary")
    return share


def _who() -> str:
    """Who is at work, as the record tells it."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _tell(done: "Promoted", as_json: bool) -> None:
    _warn()
    for each in done.found:
        console.print(f"[yellow]found:[/] {escape(each)}")
    if as_json:
        told: dict[str, Any] = done.evidence.plain() if done.evidence else {"adapter": done.adapter}
        return show(told | {"outcome": done.outcome, "before": done.before, "evidence": done.file}, as_json)
    _table(done)
    said = {
        "promoted": f"[green]{done.adapter} is promoted[/], after {done.before}",
        "canary begun": f"[green]{done.adapter} has its share[/] beside {done.before}",
        "live already": f"{done.adapter} is live already: there is nothing to promote",
        "refused": f"[red]{done.adapter} is not promoted[/]; {done.before} stays. "
        "--force --reason TEXT would promote it all the same",
    }
    console.print(said[done.outcome])
    return None


def _table(done: "Promoted") -> None:
    from finetune.evidence import HEAD

    if done.evidence is None:
        return
    table = Table(*HEAD, title="mean [95% interval] (rows)")
    for row in done.evidence.table():
        table.add_row(*map(escape, row))
    Console().print(table)
    for note in done.evidence.notes:
        console.print(f"[yellow]note:[/] {escape(note)}")
    console.print(f"evidence: {escape(str(ServiceSettings().adapters / done.file))}", soft_wrap=True)


def _warn() -> None:
    """A setting that stands in for the pointer, or the canary, makes servers deaf to it."""
    settings = ServiceSettings()
    for name in ("default_adapter", "split_candidate"):
        if getattr(settings, name):
            console.print(f"[yellow]servers with service.{name} set do not follow the registry in it[/]")
