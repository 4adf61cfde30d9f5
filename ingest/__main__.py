"""The command line: `python -m ingest sync|search|list|status|delete|duplicates|quarantine|reindex`."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape

from guardrails.errors import GuardrailsError
from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.settings import GuardrailsSettings
from guardrails.shelf import Assignments
from ingest.access import DEFAULT_TENANT
from ingest.catalog import Catalog
from ingest.chunk import Sizes
from ingest.cluster import cluster
from ingest.commands import run
from ingest.embedders import fitted, remembering
from ingest.errors import IngestError, Misuse, NoRecord
from ingest.journal import Journal, LazyJournal
from ingest.library import Library
from ingest.load import Loader
from ingest.lock import Owner, claim
from ingest.order import Tools
from ingest.queries import read_queries
from ingest.remote import send
from ingest.scan import Root, uri_of
from ingest.screen import PolicyScreens
from ingest.settings import IngestSettings
from ingest.store import Mode
from ingest.terminal import (
    err,
    out,
    print_json,
    progress,
    show_documents,
    show_duplicates,
    show_hits,
    show_quarantine,
    show_reindex,
    show_report,
)
from ingest.vectors import stores

app = typer.Typer(
    help="Documents in, searchable chunks out.", no_args_is_help=True, pretty_exceptions_enable=False
)
held = typer.Typer(help="Documents that the rails keep out of the index.", no_args_is_help=True)
app.add_typer(held, name="quarantine")


class Engine(StrEnum):
    """What runs a sync."""

    LOCAL = "local"
    RAY = "ray"


Tenant = Annotated[str, typer.Option(help="Whose documents.")]
Groups = Annotated[
    str | None,
    typer.Option(
        help="Groups, with commas. Sync: who may read (default: the tenant). Reading: as whom to read."
    ),
]
Globs = Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Only these files; not these files.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@app.command()
def sync(  # noqa: PLR0913, PLR0917  # one parameter an option: the contract's command line
    paths: Annotated[list[str], typer.Argument(help="Files and folders.")],
    tenant: Tenant = DEFAULT_TENANT,
    groups: Groups = None,
    base: Annotated[
        str | None, typer.Option(help="Name documents by this URI + their path below PATH.")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Delete however many documents are gone.")] = False,
    include: Globs = None,
    exclude: Globs = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on with every change, until Ctrl-C.")] = False,
    engine: Annotated[Engine, typer.Option(help="Here, or on a Ray cluster.")] = Engine.LOCAL,
    as_json: Json = False,
) -> None:
    """Make the index hold what lies at and below PATHS: new, changed and vanished files.

    --include and --exclude take patterns as in a .gitignore (*.md, drafts/, a/**/b). The rest counts as gone.
    """
    absolute = [os.path.abspath(Path(path).expanduser()) for path in paths]  # noqa: PTH100  # links stay links
    arguments = {"paths": absolute, "tenant": tenant, "groups": _names(groups), "base": base, "prune": prune}
    arguments |= {
        "include": include or [],
        "exclude": exclude or [],
        "dry_run": dry_run,
        "engine": engine.value,
    }
    if watch:
        with suppress(KeyboardInterrupt):  # how one ends it
            _sync_on(absolute, arguments, as_json=as_json)
        return
    report = _command("sync", arguments)
    _tell(report, show_report, as_json=as_json)
    raise typer.Exit(1 if report["failed"] else 0)


def _sync_on(paths: list[str], arguments: dict[str, Any], *, as_json: bool) -> None:
    """Sync now and at every change. What goes wrong once may be right the next time; bad usage will not."""
    from ingest.watching import stirs  # noqa: PLC0415  # only who watches needs it

    with _reported():
        for path in paths:
            Root.of(path)
        ours = IngestSettings().folder
    for turn, _ in enumerate(stirs([Path(path) for path in paths], ours)):
        try:
            report = _command("sync", arguments)
        except typer.Exit:
            if turn == 0:
                raise
            continue
        if turn == 0 or any(report[name] for name in ("added", "updated", "deleted", "failed")):
            _tell(report, show_report, as_json=as_json)


def _tell(result: dict[str, Any], show: Callable[[dict[str, Any]], None], *, as_json: bool) -> None:
    if as_json:
        print_json(result)
    else:
        show(result)


@app.command()
def search(  # noqa: PLR0913, PLR0917  # one parameter an option: the contract's command line
    query: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    k: Annotated[int, typer.Option("-k", help="How many passages.")] = 10,
    tenant: Tenant = DEFAULT_TENANT,
    groups: Groups = None,
    mode: Annotated[Mode, typer.Option(help="By meaning and words, or by one of them.")] = Mode.HYBRID,
    batch: Annotated[
        Path | None, typer.Option(help='Read {"id","query"} a line; write {"id","hits"} a line.')
    ] = None,
    label: Annotated[list[str] | None, typer.Option(help="Only documents with any of these labels.")] = None,
    not_label: Annotated[list[str] | None, typer.Option(help="None with any of these labels.")] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="Only documents tagged with any of these, such as de.")
    ] = None,
    path: Annotated[
        str, typer.Option(help="Only what lies at or below this uri: a document, folder or archive.")
    ] = "",
    since: Annotated[
        str | None, typer.Option(help="Only documents of this day (YYYY-MM-DD) or later.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only documents of this day or earlier.")] = None,
    as_json: Json = False,
) -> None:
    """Find passages."""
    if (query is None) == (batch is None):
        raise typer.BadParameter("give a QUERY, or --batch with a file")
    with _reported():
        queries = [{"id": "query", "query": query}] if batch is None else read_queries(batch)
    named = {"labels": label or (), "without_labels": not_label or (), "languages": language or ()}
    arguments = {
        "queries": queries,
        "k": k,
        "tenant": tenant,
        "groups": _names(groups),
        "mode": mode.value,
        "where": {**named, "path": path and uri_of(path), "since": since, "until": until},
    }
    results = _command("search", arguments)["results"] if queries else []
    if batch is not None:
        for result in results:
            print_json(result)
    elif as_json:
        print_json({"hits": results[0]["hits"]})
    else:
        show_hits(results[0]["hits"])


@app.command(name="list")
def list_(tenant: Tenant = DEFAULT_TENANT, groups: Groups = None, as_json: Json = False) -> None:
    """List the documents."""
    result = _command("list", {"tenant": tenant, "groups": _names(groups)})
    _tell(result, lambda told: show_documents(told["documents"]), as_json=as_json)


@app.command()
def status(as_json: Json = False) -> None:
    """Show the index in figures."""
    result = _command("status", {})
    if as_json:
        print_json(result)
        return
    for name, value in result.items():
        out.print(f"{name:10} {escape(str(value))}")


@app.command()
def delete(uri: str, tenant: Tenant = DEFAULT_TENANT, as_json: Json = False) -> None:
    """Remove the document at URI, or all that the file there holds. A later sync may bring it back."""
    result = _command("delete", {"uri": uri, "tenant": tenant})
    if as_json:
        print_json(result)
    else:
        out.print(f"{len(result['deleted'])} deleted")


@app.command()
def duplicates(
    tenant: Tenant = DEFAULT_TENANT,
    groups: Groups = None,
    least: Annotated[float, typer.Option(help="The share of their text that they have in common.")] = 0.9,
    as_json: Json = False,
) -> None:
    """List the documents that say the same, or nearly."""
    result = _command("duplicates", {"tenant": tenant, "groups": _names(groups), "least": least})
    _tell(result, lambda told: show_duplicates(told["duplicates"]), as_json=as_json)


@held.command(name="list")
def quarantine_list(tenant: Tenant = DEFAULT_TENANT, as_json: Json = False) -> None:
    """List the documents that the rails keep out of the index."""
    result = _command("quarantine", {"tenant": tenant})
    _tell(result, lambda told: show_quarantine(told["quarantined"]), as_json=as_json)


@held.command(name="release")
def quarantine_release(uri: str, tenant: Tenant = DEFAULT_TENANT, as_json: Json = False) -> None:
    """Let the text at URI through, for as long as it stays as it is, and index it. That goes on record."""
    result = _command("release", {"uri": uri, "tenant": tenant})
    if as_json:
        print_json(result)
    elif result["sync"] is None:
        out.print("released; its file is not here now: it is indexed when it is brought in again")
    else:
        show_report(result["sync"])
    raise typer.Exit(1 if result["sync"] and result["sync"]["failed"] else 0)


@app.command()
def reindex(
    embedder: Annotated[
        str | None, typer.Option(metavar="NAME", help="As the setting `embedder`. Default: the present one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Embed everything anew, beside the live index, and switch when done."""
    named = _model(embedder)
    result = _command("reindex", {"embedder": named})
    _tell(result, show_reindex, as_json=as_json)
    if named is not None and not as_json and named != IngestSettings().embedder:
        out.print(f"set PLUMBLINE_INGEST__EMBEDDER={escape(named)} before the next start", soft_wrap=True)


def _model(name: str | None) -> str | None:
    """A folder's path means the same to a server that runs elsewhere."""
    folder = Path(name or "").expanduser()
    return str(folder.absolute()) if name and folder.is_dir() else name


def _command(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Run a command here, or on the server that holds the data folder."""
    with _reported():
        settings = IngestSettings()
        holder = claim(settings.folder, settings.lock_wait, f"python -m ingest {name}")
        if isinstance(holder, Owner):
            with progress() as watch:
                return send(holder, name, arguments, watch)
        with holder, _tools(settings) as tools, progress() as watch:
            result = run(tools, name, arguments, watch)
            if name in {"sync", "delete", "release"} and "dry_run" not in result:
                tools.library.optimize()
            return result


@contextmanager
def _tools(settings: IngestSettings) -> Iterator[Tools]:
    embedder = remembering(settings)
    catalog = Catalog(settings.catalog)
    with (
        ExitStack() as stack,
        Library(settings.folder, catalog, embedder, stores(settings), settings.lifecycle) as library,
        Loader(workers=settings.readers, max_bytes=settings.max_file_bytes) as loader,
    ):
        yield Tools(
            library=library,
            loader=loader,
            screens=PolicyScreens(
                Assignments.of(GuardrailsSettings()), lambda policy: _guard(policy, settings)
            ),
            journal=LazyJournal(lambda: _journal(stack)),
            sizes=Sizes(settings.chunk_target, settings.chunk_overlap),
            readers=settings.readers,
            batch=settings.publish_batch,
            prune_fraction=settings.prune_fraction,
            max_bytes=settings.max_file_bytes,
            cluster=partial(cluster, settings),
            embedder=partial(remembering, settings),
        )


def _guard(policy: Policy, settings: IngestSettings) -> Guard:
    from guardrails.build import build_guard  # noqa: PLC0415  # seconds to import: only who screens pays

    return build_guard(policy, fitted(settings))


def _journal(stack: ExitStack) -> Journal:
    """The ledger of the same settings that a server has: one audit, whoever brings the documents in."""
    from service.audited import LedgerJournal  # noqa: PLC0415  # a second to import: only who notes pays
    from service.errors import LedgerFault  # noqa: PLC0415  # as above
    from service.ledger import Ledger  # noqa: PLC0415  # as above
    from service.settings import ServiceSettings  # noqa: PLC0415  # as above

    try:
        return LedgerJournal(stack.enter_context(closing(Ledger.of(ServiceSettings()))))
    except LedgerFault as error:
        raise NoRecord("what the rails decided could not be put on record", str(error)) from error


@contextmanager
def _reported() -> Iterator[None]:
    """Errors as one line on stderr and the contract's exit code."""
    try:
        yield
    except (Misuse, GuardrailsError, ValidationError) as error:
        err.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(2) from error
    except IngestError as error:
        err.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(1) from error


def _names(groups: str | None) -> list[str] | None:
    if groups is None:
        return None
    return [name.strip() for name in groups.split(",") if name.strip()]


if __name__ == "__main__":
    app()
