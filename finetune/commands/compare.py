"""`python -m finetune compare`: two adapters on the same questions, or the arms of a canary in the open."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.rules import read_rules
from finetune.commands.examining import RULES, Asked, Count, examiner, questions
from finetune.commands.terminal import Json, clear_errors, console, show
from finetune.settings import FinetuneSettings
from service.adapters import DEFAULT, AdapterRegistry
from service.settings import ServiceSettings

if TYPE_CHECKING:
    from finetune.promotion.compare import Compared


def commands(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(compare)


def compare(  # noqa: PLR0913, PLR0917  # a command line's options
    first: Annotated[str | None, typer.Argument(help="Adapter, base model, or `default`.")] = None,
    second: Annotated[str | None, typer.Argument(help="The one that is held against it.")] = None,
    asked: Asked = None,
    count: Count = None,
    live: Annotated[
        bool, typer.Option("--live", help="No questions: how the arms of comparisons did, from the ledger.")
    ] = False,
    since: Annotated[str, typer.Option(help="With --live: from this time on, such as 2026-11-30.")] = "",
    as_json: Json = False,
) -> None:
    """Compare two adapters: their figures paired, and the questions that they answer differently."""
    if live:
        return _live(since, as_json)
    if first is None or second is None:
        raise typer.BadParameter("name two adapters, or --live")
    from finetune.promotion.compare import compare as compared

    with clear_errors():
        settings = ServiceSettings()
        registry = AdapterRegistry(settings.adapters, settings.model, settings.default_adapter)
        names = [registry.resolve(name) for name in (first or DEFAULT, second)]
        rules = read_rules(FinetuneSettings().gate_rules or RULES)
        asking = questions(asked, count)
        with examiner() as examining:
            done = compared(names[0], names[1], asking, examining, rules)
    if as_json:
        changed = [asdict(each) for each in done.changed]
        return show(done.evidence.plain() | {"changed": changed}, as_json=True)
    _print(done)
    return None


def _print(done: "Compared") -> None:
    from finetune.promotion.evidence import HEAD

    evidence = done.evidence
    table = Table(*HEAD, title=f"{evidence.new.adapter} beside {evidence.judgement.baseline}")
    for row in evidence.table():
        table.add_row(*map(escape, row))
    changed = Table(
        "", "question", "wanted", "before", "after", title="questions that changed", show_lines=True
    )
    for each in done.changed:
        wanted = each.wanted[0] if each.wanted else "a refusal"
        changed.add_row(each.way, *map(escape, (each.question, wanted, each.before, each.after)))
    Console().print(table, changed)


def _live(since: str, as_json: bool) -> None:
    from service.arms import arms
    from service.ledger import Ledger

    with clear_errors(), closing(Ledger.of(ServiceSettings())) as ledger:
        found = arms(ledger, since)
    if as_json:
        return show({"arms": [asdict(each) for each in found]}, as_json=True)
    if not found:
        return console.print("nothing was compared yet: `finetune promote ADAPTER --canary 10%`")
    table = Table("arm", "adapter", "answers", "refused", "grounded", "blocked", "rated up", "rated down")
    for each in found:
        shares = (f"{share:.3f}" for share in (each.refused, each.grounded, each.blocked))
        table.add_row(each.arm, each.model, str(each.answers), *shares, str(each.up), str(each.down))
    Console().print(table)
    return None
