"""The command line: `python -m service serve|ask|weights|keys|feedback|audit`."""

import asyncio
import json
import logging
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from ingest.access import DEFAULT_TENANT, Principal
from ingest.catalog import Catalog
from ingest.lock import Owner, claim
from ingest.settings import IngestSettings
from service import audit_commands, remote
from service import export as exports
from service.auth import check_address
from service.expiry import expiry
from service.keys import Keyring
from service.ledger import now
from service.records import KeyRecord
from service.samples import Samples
from service.schemas import InternalAsk
from service.settings import ServiceSettings
from service.terminal import Json, Tenant, err, opened_ledger, out, reported

app = typer.Typer(
    help="A question in, a cited and guarded answer out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="API keys: made once, shown once.", no_args_is_help=True)
app.add_typer(keys, name="keys")
feedback = typer.Typer(help="What askers said of answers.", no_args_is_help=True)
app.add_typer(feedback, name="feedback")
app.add_typer(audit_commands.app, name="audit")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: the setting.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on; 0: any. Default: the setting.")
    ] = None,
) -> None:
    """Serve HTTP until stopped."""
    with reported():
        given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        settings = ServiceSettings().model_copy(update=given)
        check_address(settings.host, settings.auth)
        from service.server import serve as run  # noqa: PLC0415  # seconds to import: not before a refusal
        from service.telemetry import configure_logging  # noqa: PLC0415  # as above

        configure_logging()
        run(settings, IngestSettings().lock_wait, _greet)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    model: Annotated[str, typer.Option(help="An adapter's name, or default.")] = "default",
    tenant: Tenant = DEFAULT_TENANT,
    groups: Annotated[
        str | None, typer.Option(help="As a member of these groups, with commas. Default: of all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask the documents: through the server if one is running, else right here."""
    if not question.strip():
        raise typer.BadParameter("the question is empty")
    with reported():
        names = None if groups is None else _names(groups)
        answer = _ask(InternalAsk(question=question, model=model, tenant=tenant, groups=names))
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _show(answer)


@app.command()
def weights(
    adapter: Annotated[str | None, typer.Argument(help="Adapter to merge into the base model.")] = None,
    as_json: Json = False,
) -> None:
    """Write the weights that an engine of its own loads, and say where they are."""
    with reported():
        from service.adapters import AdapterRegistry  # noqa: PLC0415  # seconds to import, as the next one
        from service.models import weights as written  # noqa: PLC0415  # see above

        settings = ServiceSettings()
        registry = AdapterRegistry(settings.adapters, settings.model)
        place = written(
            settings.model, settings.cache, registry.path(registry.resolve(adapter)) if adapter else None
        )
    print(json.dumps({"folder": place}) if as_json else place)


@keys.command()
def create(
    tenant: Tenant = DEFAULT_TENANT,
    groups: Annotated[str, typer.Option(help="Groups of whoever uses the key, with commas.")] = "",
    scopes: Annotated[str, typer.Option(help="Of chat, ingest, admin, eval; with commas.")] = "chat",
    name: Annotated[str | None, typer.Option(help="Who records say it was. Default: the key's id.")] = None,
    expires: Annotated[
        str | None, typer.Option(help="When it ends: 90d, 12h or a last day, 2027-01-31. Default: never.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key. It is shown now and never again."""
    with reported(), opened_ledger() as ledger:
        ends = expiry(expires, datetime.now(UTC)) if expires is not None else None
        key_id, key = Keyring(ledger).create(tenant, _names(groups), _names(scopes), name, ends)
    if as_json:
        print(json.dumps({"id": key_id, "key": key}))
        return
    out.print(f"{key_id}\n[bold]{key}[/]")
    err.print("[dim]Keep it: it is not stored, and cannot be shown again.[/]")


@keys.command(name="list")
def list_(as_json: Json = False) -> None:
    """List the keys, without the keys themselves."""
    with reported(), opened_ledger() as ledger:
        records = Keyring(ledger).list()
    if as_json:
        print(json.dumps({"keys": [asdict(record) for record in records]}))
        return
    for record in records:
        groups, scopes = ",".join(record.groups), ",".join(record.scopes)
        told = f"{record.tenant}  {record.subject}  groups={groups}  scopes={scopes}  {_state(record)}"
        out.print(f"[bold]{record.id}[/]  {escape(told)}")


@keys.command()
def revoke(key_id: Annotated[str, typer.Argument(help="A key's id.")], as_json: Json = False) -> None:
    """End a key's validity, at once."""
    with reported(), opened_ledger() as ledger:
        Keyring(ledger).revoke(key_id)
    if as_json:
        print(json.dumps({"revoked": key_id}))
    else:
        out.print(f"{key_id} is revoked")


@feedback.command()
def export(
    to: Annotated[Path, typer.Option("--out", help="The new file, of JSON lines.")],
    tenant: Tenant = DEFAULT_TENANT,
    groups: Annotated[
        str | None,
        typer.Option(help="Only what members of these groups may read, with commas. Default: of all."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write rated answers as rows that `python -m finetune build` learns from."""
    reader = Principal.administrator(tenant)
    if groups is not None:
        reader = Principal(tenant, "local", frozenset(_names(groups)))
    with reported(), opened_ledger() as ledger, _catalog() as catalog:
        settings = ServiceSettings()
        samples = Samples(ledger.transaction, settings.feedback_wait, settings.feedback_days)
        exported = exports.export(samples.rated(reader), catalog, reader)
        exports.write(exported.rows, to)
    if as_json:
        print(json.dumps({"rows": len(exported.rows), "skipped": exported.skipped, "out": str(to)}))
        return
    out.print(escape(f"{len(exported.rows)} rows in {to}"))
    for reason, count in exported.skipped.items():
        err.print(f"[dim]{count} left out: {reason}[/]")
    if exports.NOT_KEPT in exported.skipped and not settings.feedback_wait:
        err.print("[dim]To keep what is rated from now on, set service.feedback_wait.[/]")


def _state(record: KeyRecord) -> str:
    if record.revoked_at:
        return f"revoked {record.revoked_at}"
    used = f"used {record.last_used_at or 'never'}"
    if record.expires_at is None:
        return used
    return f"{used}  {'expired' if record.expires_at <= now() else 'expires'} {record.expires_at}"


def _ask(question: InternalAsk) -> dict[str, Any]:
    settings = ServiceSettings()
    holder = claim(settings.folder, IngestSettings().lock_wait, "python -m service ask")
    if isinstance(holder, Owner):
        return remote.ask(holder, question.model_dump())
    with holder:
        return _ask_here(settings, question)


def _ask_here(settings: ServiceSettings, question: InternalAsk) -> dict[str, Any]:
    # Seconds to import: who asks a server does without.
    from service.completions import completion  # noqa: PLC0415  # see above
    from service.routes.chat import whole_answer  # noqa: PLC0415  # see above
    from service.telemetry import configure_logging  # noqa: PLC0415  # see above
    from service.wiring import opened  # noqa: PLC0415  # see above

    configure_logging(logging.ERROR)
    failures: list[Exception] = []
    with opened(settings, None, failures.append) as resources:
        with err.status("loading the models"):
            resources.startup.start()
            resources.startup.wait()
        if failures:
            raise failures[0]
        answer = asyncio.run(whole_answer(resources, question.principal, question.ask(settings.max_tokens)))
        return completion(answer, None)


def _catalog() -> closing[Catalog]:
    """The catalog of the data folder; a server may have it open too."""
    return closing(Catalog(IngestSettings(home=ServiceSettings().home).catalog))


def _greet(address: str, auth: str) -> None:
    """Say how to ask."""
    key = "" if auth == "off" else ' -H "Authorization: Bearer $PLUMBLINE_KEY"'
    body = '{"messages": [{"role": "user", "content": "How many days of holiday do I have?"}]}'
    lines = [f"Plumbline listens on {address}; {address}/docs describes what it takes."]
    if auth == "keys":
        lines.append("Make a key:  python -m service keys create --groups a,b --scopes chat,ingest")
    ask_with = f"curl {address}/v1/chat/completions{key} -H 'Content-Type: application/json' -d '{body}'"
    print("\n".join([*lines, f"Ask:         {ask_with}"]), flush=True)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _show(answer: dict[str, Any]) -> None:
    out.print(escape(answer["choices"][0]["message"]["content"]))
    for cited in answer["citations"]:
        page = f", page {cited['page']}" if cited["page"] else ""
        place = f"[{cited['n']}] {cited['uri']}{page}"
        out.print(f"[dim]{escape(place)}:[/] {escape(cited['quote'])}")
    for rail in answer["guardrails"]:
        out.print(
            f"[yellow]{escape(rail['rail'])}[/] {rail['action']} at {rail['stage']}: {escape(rail['reason'])}"
        )


if __name__ == "__main__":
    app()
