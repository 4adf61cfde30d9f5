"""`python -m eval retrieval`: what search finds in test collections. Builds the real embedder and store."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.collection import collections
from eval.errors import EvalError
from eval.retrieval import METRICS, RERANKED, Measured, Watch, measure
from eval.stats import Comparison
from ingest.catalog import Catalog
from ingest.edge import EdgeStore
from ingest.embedders import configured
from ingest.errors import IngestError
from ingest.library import Library
from ingest.rerankers import ordered
from ingest.settings import IngestSettings, sqlite_url
from ingest.store import Mode

MISSED, USAGE = 1, 2
console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def commands(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(retrieval)


def retrieval(
    data: Annotated[Path, typer.Option(help="A folder with corpus, queries and qrels.jsonl, or of such.")],
    out: Annotated[Path | None, typer.Option(help="Folder for retrieval.json.")] = None,
    reranker: Annotated[
        str | None,
        typer.Option(help="As the setting `reranker`: measure what it makes of the hybrid search."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if hybrid finds less than the better of the two.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Measure search on test collections: by meaning, by words, by both; with intervals."""
    try:
        read = collections(data)
        with _library() as library, _progress() as watch:
            order = ordered(reranker, IngestSettings()) if reranker else None
            measured = [measure(library, collection, watch, order) for collection in read]
    except (EvalError, IngestError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(USAGE) from error
    models = {"embedder": IngestSettings().embedder, "reranker": reranker}
    told = {**models, "collections": [_plain(each) for each in measured]}
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "retrieval.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        Console().print(_table(measured))
    worse = [each for each in measured if each.gain(next(iter(METRICS)))[1].difference.value < 0]
    raise typer.Exit(MISSED if check and worse else 0)


@contextmanager
def _library() -> Iterator[Library]:
    """An index of its own, gone at the end."""
    settings = IngestSettings()
    embedder = configured(settings)
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog(sqlite_url(Path(folder) / "catalog.db"))
        with Library(Path(folder), catalog, embedder, EdgeStore) as library:
            yield library


@contextmanager
def _progress() -> Iterator[Watch]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as shown:
        task = shown.add_task("loading")
        yield lambda what, done, of: shown.update(task, description=what, completed=done, total=of)


def _plain(measured: Measured) -> dict[str, Any]:
    modes = {
        str(mode): {metric: asdict(one) for metric, one in found.figures().items()}
        for mode, found in measured.found.items()
    }
    gains = {metric: _told(*measured.gain(metric)) for metric in METRICS}
    size = {"documents": measured.documents, "chunks": measured.chunks}
    plain = {"name": measured.name} | size | {"modes": modes, "hybrid_against_better": gains}
    if RERANKED in measured.found:
        changes = {metric: measured.change(metric, Mode.HYBRID, RERANKED) for metric in METRICS}
        plain["rerank_against_hybrid"] = {metric: _told("hybrid", one) for metric, one in changes.items()}
    return plain


def _told(single: str, gain: Comparison) -> dict[str, Any]:
    difference = asdict(gain.difference)
    return {"better": str(single), "difference": difference, "improved": gain.improved, "p": gain.p}


def _table(measured: list[Measured]) -> Table:
    table = Table("collection", "mode", *METRICS, title="What search finds, with 95% intervals (questions)")
    for each in measured:
        for mode, found in each.found.items():
            table.add_row(escape(each.name), str(mode), *map(str, found.figures().values()))
        gains = [each.gain(metric) for metric in METRICS]
        cells = (f"{gain.difference.value:+.3f} on {single}, p={gain.p:.3f}" for single, gain in gains)
        table.add_row("", "hybrid's gain", *cells, end_section=RERANKED not in each.found)
        if RERANKED in each.found:
            changes = [each.change(metric, Mode.HYBRID, RERANKED) for metric in METRICS]
            cells = (f"{one.difference.value:+.3f} on hybrid, p={one.p:.3f}" for one in changes)
            table.add_row("", "reranking's gain", *cells, end_section=True)
    return table
