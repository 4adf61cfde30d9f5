"""`python -m service audit list|export`: what the rails decided, for the tenant's local administrator."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from guardrails.policy import RailName
from guardrails.verdict import Action, Stage
from ingest.access import DEFAULT_TENANT, Principal
from service import export as exports
from service.audit import Audit
from service.decisions import digest
from service.ledger import stamp
from service.records import Wanted
from service.schemas import in_utc
from service.terminal import Json, Tenant, err, opened_ledger, out, reported

app = typer.Typer(help="What the rails decided.", no_args_is_help=True)

Since = Annotated[datetime | None, typer.Option(help="From then on; a time without a zone is UTC.")]
Until = Annotated[datetime | None, typer.Option(help="Until then.")]


@app.command(name="list")
def list_(  # noqa: PLR0913, PLR0917  # one parameter an option
    tenant: Tenant = DEFAULT_TENANT,
    rail: Annotated[RailName | None, typer.Option(help="Of this rail.")] = None,
    stage: Annotated[Stage | None, typer.Option(help="At this stage.")] = None,
    action: Annotated[Action | None, typer.Option(help="Of this action.")] = None,
    shadow: Annotated[
        bool | None, typer.Option("--shadow/--acting", help="Without effect, or with. Default: both.")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="About what they asked or had indexed.")] = None,
    answer: Annotated[str | None, typer.Option(help="About this answer, by its id.")] = None,
    text: Annotated[str | None, typer.Option(help="About exactly this text, by its hash.")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    as_json: Json = False,
) -> None:
    """Show decisions, the newest first."""
    wanted = Wanted(
        rail=rail,
        stage=stage and str(stage),
        action=action and str(action),
        shadow=shadow,
        subject=subject,
        answer_id=answer,
        text_hash=None if text is None else digest(tenant, text),
        since=_moment(since),
        until=_moment(until),
    )
    with reported(), opened_ledger() as ledger:
        page = Audit(ledger.transaction).page(Principal.administrator(tenant), wanted, limit)
    if as_json:
        typer.echo(json.dumps({"entries": page.entries, "next": page.next}, ensure_ascii=False))
        return
    out.print(_table(page.entries) if page.entries else "nothing was decided")
    if page.next:
        err.print("[dim]There are more: narrow it down, or raise --limit.[/]")


@app.command()
def export(  # one parameter an option
    to: Annotated[Path, typer.Option("--out", help="The new file, of JSON lines.")],
    tenant: Tenant = DEFAULT_TENANT,
    since: Since = None,
    until: Until = None,
    prune: Annotated[bool, typer.Option("--prune", help="Delete what was written, once it was.")] = False,
    as_json: Json = False,
) -> None:
    """Write decisions, the oldest first, a line each."""
    wanted = Wanted(since=_moment(since), until=_moment(until))
    reader, names = Principal.administrator(tenant), list[str]()
    with reported(), opened_ledger() as ledger:
        audit = Audit(ledger.transaction)
        count = exports.write(_noted(audit.entries(reader, wanted), names), to)
        if prune:
            audit.prune(reader, names)
    if as_json:
        typer.echo(json.dumps({"rows": count, "pruned": count if prune else 0, "out": str(to)}))
        return
    out.print(escape(f"{count} decisions in {to}{', and nowhere else any more' if prune else ''}"))


def _moment(at: datetime | None) -> str | None:
    return None if at is None else stamp(in_utc(at))


def _noted(entries: Iterable[dict[str, Any]], names: list[str]) -> Iterator[dict[str, Any]]:
    """The entries as they come; their ids go into `names`: what is pruned is what was written, no more."""
    for entry in entries:
        names.append(entry["id"])
        yield entry


def _table(entries: tuple[dict[str, Any], ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("at", "stage", "rail", "label", "action", "score", "policy", "subject", "about", "why"):
        table.add_column(name, overflow="fold")
    for entry in entries:
        action = f"({entry['action']})" if entry["shadow"] else entry["action"]
        about = entry["answer_id"] or entry["document_id"]
        told = (entry["stage"], entry["rail"], entry["label"], action, f"{entry['score']:.2f}")
        rest = (entry["policy"], entry["subject"], about, entry["reason"])
        table.add_row(entry["at"], *(escape(cell) for cell in (*told, *rest)))
    return table
