"""`python -m finetune embedder|reranker`: models of search."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from finetune.commands.terminal import Json, clear_errors, console, hooked, show
from finetune.settings import FinetuneSettings
from ingest.access import DEFAULT_TENANT, Principal
from ingest.catalog import Catalog
from ingest.commands import chunks_of
from ingest.embedders import configured
from ingest.library import Library
from ingest.lock import Owner, claim
from ingest.remote import send
from ingest.settings import IngestSettings
from ingest.vectors import stores

if TYPE_CHECKING:
    from finetune.hooks import Hooks
    from finetune.retrieval.bench import Bench
    from finetune.retrieval.material import Material

_DATA = "A folder with corpus, queries and qrels.jsonl, or a file of questions as `build` takes it."
Data = Annotated[list[Path], typer.Option(help=_DATA)]
LOGGED = 10.0  # seconds between two lines where there is no terminal for a bar
Out = Annotated[Path, typer.Option(help="Folder of the new model; a killed run goes on.")]
License = Annotated[list[str] | None, typer.Option("--license", help="A source's licence.")]


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(embedder)
    app.command()(reranker)


def embedder(  # noqa: PLR0913, PLR0917  # a command line's options
    out: Out,
    data: Annotated[list[Path] | None, typer.Option(help=_DATA)] = None,
    tenant: Annotated[
        str | None, typer.Option(help="Train on what is indexed for it. Default, without --data.")
    ] = None,
    base: Annotated[str | None, typer.Option(help="Embedder to go on from. Default: the setting's.")] = None,
    own: Annotated[
        bool, typer.Option(help="Train on the data's own questions too, of documents not measured.")
    ] = True,
    most: Annotated[int, typer.Option(min=1, help="Pairs of a source.")] = 6_000,
    negatives: Annotated[int, typer.Option(min=0, help="Passages of a pair that are found and wrong.")] = 1,
    epochs: Annotated[float, typer.Option(min=0)] = 1.0,
    learning_rate: Annotated[float, typer.Option(min=0)] = 4e-5,
    rows: Annotated[int, typer.Option(min=2, help="Pairs of a step; 64 take 8 GB.")] = 48,
    license_: License = None,
    as_json: Json = False,
) -> None:
    """Train an embedder on documents, by questions that they answer; measured on documents held out."""
    with clear_errors(), hooked() as hooks:
        from finetune.retrieval.embedder import Order, make
        from finetune.retrieval.recipe import Recipe

        recipe = Recipe(learning_rate=learning_rate, epochs=epochs, rows=rows)
        order = Order(base or IngestSettings().embedder, most, negatives, own=own, recipe=recipe)
        materials, sources = _read(data or [], license_)
        if tenant or not data:
            found, told = _indexed(tenant or DEFAULT_TENANT)
            materials, sources = [*materials, *found], [*sources, *told]
        with _bench(hooks) as bench:
            made = make(materials, sources, order, out, bench)
        console.print(f"to use it: python -m ingest reindex --embedder {out}")
        show(made, as_json)


def reranker(  # noqa: PLR0913, PLR0917  # a command line's options
    out: Out,
    data: Data,
    base: Annotated[
        str | None, typer.Option(help="Model to go on from. Default: the packaged embedder.")
    ] = None,
    layers: Annotated[int, typer.Option(min=1, help="Layers of it, the lowest.")] = 4,
    most: Annotated[int, typer.Option(min=1, help="Questions of a source.")] = 6_000,
    negatives: Annotated[
        int, typer.Option(min=1, help="Passages of a question that are found and wrong.")
    ] = 3,
    twisted: Annotated[
        float, typer.Option(min=0, max=1, help="Share of questions changed to have no answer.")
    ] = 0.3,
    epochs: Annotated[float, typer.Option(min=0)] = 1.0,
    learning_rate: Annotated[float, typer.Option(min=0)] = 1e-4,
    rows: Annotated[int, typer.Option(min=2, help="Passages of a step.")] = 64,
    tokens: Annotated[int, typer.Option(min=16, help="Tokens of question and passage that it reads.")] = 160,
    packed: Annotated[bool, typer.Option("--packed", help="Eight bits a weight.")] = False,
    doubts: Annotated[
        Path | None,
        typer.Option(help="SQuAD v2 file, never trained on: is it told which questions a passage answers?"),
    ] = None,
    license_: License = None,
    as_json: Json = False,
) -> None:
    """Train a reranker, which puts in order what a search found; measured on documents held out."""
    with clear_errors(), hooked() as hooks:
        from finetune.retrieval.recipe import Recipe
        from finetune.retrieval.reranker import Order, make
        from ingest.embed import PACKAGED

        settings = IngestSettings()
        recipe = Recipe(learning_rate=learning_rate, epochs=epochs, rows=rows, tokens=tokens)
        asked = str(doubts) if doubts else None
        order = Order(
            base or PACKAGED, settings.embedder, layers, most, negatives, twisted, packed, asked, recipe
        )
        materials, sources = _read(data, license_)
        with _bench(hooks) as bench:
            made = make(materials, sources, order, out, settings.cache, bench)
        console.print(f"to use it: PLUMBLINE_SERVICE__RERANKER={out}")
        show(made, as_json)


def _read(data: list[Path], licenses: list[str] | None) -> tuple[list["Material"], list[dict[str, str]]]:
    """What is in the files and folders, and what a card tells of them."""
    from finetune.retrieval.material import read
    from finetune.retrieval.run import digest_of

    materials = [material for source in data for material in read(source)]
    sources = [{"name": source.name, "sha256": digest_of(source)} for source in data]
    for source, text in zip(sources, licenses or (), strict=False):
        source["license"] = text
    return materials, sources


def _indexed(tenant: str) -> tuple[list["Material"], list[dict[str, str]]]:
    """What is indexed here, also while a server holds the index."""
    from finetune.retrieval.live import live
    from finetune.retrieval.material import Material

    collection = live(_ask, tenant)
    told = "\n".join(entry.text for entry in collection.entries)
    sources = [{"name": collection.name, "sha256": hashlib.sha256(told.encode()).hexdigest()}]
    return [Material(collection, pieces=True)], sources


def _ask(command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    settings = IngestSettings()
    holder = claim(settings.folder, settings.lock_wait, f"python -m finetune ({command})")
    if isinstance(holder, Owner):
        return send(holder, command, arguments)
    with (
        holder,
        Library(
            settings.folder, Catalog(settings.catalog), configured(settings), stores(settings)
        ) as library,
    ):
        chunks = chunks_of(library, Principal.administrator(str(arguments["tenant"])))
        return {"chunks": chunks}


@contextmanager
def _bench(hooks: "Hooks") -> Iterator["Bench"]:
    import torch

    from finetune.retrieval.bench import Bench
    from ingest.embed import SentenceEmbedder, weights_of

    if FinetuneSettings().threads:
        torch.set_num_threads(FinetuneSettings().threads)
    settings = IngestSettings()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("loading")

        def load(model: str) -> SentenceEmbedder:
            return SentenceEmbedder(
                model, settings.precision, settings.embed_tokens, settings.cache / "openvino"
            )

        said = [time.monotonic()]

        def watch(what: str, done: int, of: int) -> None:
            progress.update(task, description=what, completed=done, total=of)
            if not console.is_terminal and time.monotonic() - said[0] > LOGGED:
                said[0] = time.monotonic()
                console.print(f"{time.strftime('%H:%M:%S')}  {what} {done}/{of}")

        yield Bench(load, weights_of, watch, hooks)
