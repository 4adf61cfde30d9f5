"""`python -m finetune promote`: an adapter to the gate, and to those who ask; or a rail's model."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.rules import read_rules
from finetune.commands import rail_models
from finetune.commands.examining import RULES, Asked, Count, examiner, questions
from finetune.commands.rail_models import Rail
from finetune.commands.registry import opened, warn, who
from finetune.commands.terminal import FAILED, Json, clear_errors, console, hooked, show
from finetune.settings import FinetuneSettings

if TYPE_CHECKING:
    from finetune.hooks import Hooks
    from finetune.promotion.promote import Order, Promoted
    from finetune.promotion.registry import Registry


def commands(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(promote)


def promote(  # noqa: PLR0913, PLR0917  # a command line's options
    adapter: Annotated[
        Path | None, typer.Argument(help="The adapter's folder, or its name; with --rail a model's file.")
    ] = None,
    asked: Asked = None,
    count: Count = None,
    canary: Annotated[
        str | None,
        typer.Option(help="Give it a share of the conversations, such as 10%; 0 ends the one under way."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote it though the gate refuses it.")] = False,
    reason: Annotated[str, typer.Option(help="Why it is forced; goes into the record.")] = "",
    rail: Annotated[Rail | None, typer.Option(help="Put a rail's model in the shipped one's place.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="With --rail: the folder that `eval rails` reads.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Put an adapter to the gate beside the live one, and promote it if it passes. Exit 1 if it does not."""
    if rail is not None and (canary is not None or asked is not None):
        raise typer.BadParameter("--rail knows no --canary and no --questions: they are for adapters")
    reason, share = reason.strip(), _share(canary)
    if share == 0.0:
        return _end_canary(as_json)
    if adapter is None:
        raise typer.BadParameter("name the adapter to promote")
    if force != bool(reason):
        raise typer.BadParameter(
            "--force needs --reason TEXT, which goes into the record; neither goes alone"
        )
    if rail is not None:
        if data is None:
            raise typer.BadParameter("--rail measures both models: name the public data with --data")
        with clear_errors():
            replaced = rail_models.promote(rail, adapter, data, count, (who(), reason))
        rail_models.tell(replaced, as_json)
        raise typer.Exit(FAILED if replaced.figures and not replaced.done else 0)
    from finetune.promotion.promote import Order

    with clear_errors(), hooked() as hooks:
        registry, rules = opened(), read_rules(FinetuneSettings().gate_rules or RULES)
        place = adapter if adapter.is_dir() else registry.folder / adapter
        order = Order(place, questions(asked, count), rules, who(), reason, share)
        done = _promoted(order, registry, hooks)
        _tell(done, registry, as_json)
    raise typer.Exit(FAILED if done.outcome == "refused" else 0)


def _promoted(order: "Order", registry: "Registry", hooks: "Hooks") -> "Promoted":
    from finetune.promotion.overlap import overlap
    from finetune.promotion.promote import Stages
    from finetune.promotion.promote import promote as promoted

    with examiner() as examining:
        return promoted(order, Stages(registry, examining, hooks, overlap))


def _end_canary(as_json: bool) -> None:
    with clear_errors():
        registry = opened()
        with registry.moving():
            ended = registry.end_canary(who())
    if as_json:
        show({"canary_ended": ended}, as_json=True)
    else:
        console.print(f"the canary of {ended} has ended" if ended else "there was no canary")


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


def _tell(done: "Promoted", registry: "Registry", as_json: bool) -> None:
    warn(done.found)
    if as_json:
        told: dict[str, Any] = done.evidence.plain() if done.evidence else {"adapter": done.adapter}
        return show(told | {"outcome": done.outcome, "before": done.before, "evidence": done.file}, as_json)
    _table(done, registry.folder / done.file)
    said = {
        "promoted": f"[green]{done.adapter} is promoted[/], after {done.before}",
        "canary begun": f"[green]{done.adapter} has its share[/] beside {done.before}",
        "live already": f"{done.adapter} is live already: there is nothing to promote",
        "refused": f"[red]{done.adapter} is not promoted[/]; {done.before} stays. "
        "--force --reason TEXT would promote it all the same",
    }
    console.print(said[done.outcome])
    return None


def _table(done: "Promoted", file: Path) -> None:
    from finetune.promotion.evidence import HEAD

    if done.evidence is None:
        return
    table = Table(*HEAD, title="mean [95% interval] (rows)")
    for row in done.evidence.table():
        table.add_row(*map(escape, row))
    Console().print(table)
    for note in done.evidence.notes:
        console.print(f"[yellow]note:[/] {escape(note)}")
    console.print(f"evidence: {escape(str(file))}", soft_wrap=True)
