"""The commands about datasets: `import`, `generate`, `review`, `check`."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from eval.corpus import Corpus, Indexed
from eval.dataset import Kind, Question, read_dataset, version
from eval.desk import Terminal
from eval.errors import BadQuestions, EvalError
from eval.evidence import stale
from eval.importing import BY_NAME, load
from eval.manifest import Manifest, publish, read_manifest
from eval.measures import open_judge
from eval.review import review as go_through
from eval.settings import EvalSettings
from eval.testset import RULES, Generator, Order, RuleGenerator
from ingest.access import DEFAULT_TENANT, Principal
from ingest.catalog import Catalog
from ingest.errors import IngestError, Misuse
from ingest.home import home
from ingest.settings import IngestSettings

FAILED, USAGE = 1, 2
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

Dataset = Annotated[Path, typer.Argument(help="The dataset, JSON Lines.")]
Out = Annotated[Path, typer.Option(help="The dataset to write, JSON Lines.")]
Join = Annotated[bool, typer.Option("--join", help="Add to an --out that exists; the rows there stay.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def commands(app: typer.Typer) -> None:
    """Add the commands to `python -m eval`."""
    app.command(name="import")(import_)
    app.command()(generate)
    app.command()(review)
    app.command()(check)


def import_(
    file: Annotated[Path, typer.Argument(help="A file, or a BEIR folder.")],
    out: Out,
    format_: Annotated[
        str | None, typer.Option("--format", help=f"One of {', '.join(BY_NAME)}. Default: what is in it.")
    ] = None,
    join: Join = False,
    as_json: Json = False,
) -> None:
    """Make a dataset of a test set of another make, or of rated answers."""
    with _reported():
        before = _before(out, join)
        name, questions = load(file, format_)
        made = publish(out, _joined(before, questions), f"import {file.name} ({name})")
    _told(out, made, len(_new(before, questions)), {"format": name}, as_json)


def generate(  # noqa: PLR0913, PLR0917  # one parameter an option: the command line
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="How many questions.")] = 100,
    tenant: Annotated[str, typer.Option(help="Whose documents.")] = DEFAULT_TENANT,
    groups: Annotated[str | None, typer.Option(help="Groups, with commas: as whom to read and ask.")] = None,
    kinds: Annotated[str | None, typer.Option(help=f"Of {','.join(RULES)}; default: all.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed chooses other questions.")] = 7,
    join: Join = False,
    as_json: Json = False,
) -> None:
    """Make a test set of the indexed documents, each question verified against its source."""
    with _reported(), _catalog() as catalog:
        before = _before(out, join)
        corpus = Corpus(catalog, _principal(tenant, groups))
        with err.status("reading the documents"):
            questions = _generator(EvalSettings()).generate(corpus, Order(count, _kinds(kinds), seed))
            made = publish(out, _joined(before, questions), f"generate --seed {seed}", corpus.fingerprint())
    found = {kind: sum(question.kind == kind for question in questions) for kind in _kinds(kinds)}
    if len(questions) < count:
        err.print(f"[yellow]the documents give {len(questions)} questions, not {count}[/]")
    _told(out, made, len(_new(before, questions)), {"kinds": found}, as_json)


def review(dataset: Dataset) -> None:
    """Go through the rows that nobody has reviewed. Every decision is saved at once."""
    with _reported(), _catalog() as catalog:
        done = go_through(dataset, Terminal(Console(highlight=False)), Indexed(catalog))
        rows = read_dataset(dataset)
        if set(done) & {"accept", "edit", "reject"}:
            publish(dataset, rows, "review")
    left = sum(not question.reviewed for question in rows)
    err.print(
        f"{', '.join(f'{count} {choice}' for choice, count in done.items()) or 'nothing done'}; {left} left"
    )


def check(dataset: Dataset, as_json: Json = False) -> None:
    """Compare a dataset with its manifest and its sources: which rows are stale? Exits 1 if some are."""
    with _reported(), _catalog() as catalog:
        questions = read_dataset(dataset, _warn)
        manifest = read_manifest(dataset)
        faults = stale(questions, Indexed(catalog))
    edited = manifest is not None and manifest.version != version(questions)
    if as_json:
        _print({
            "rows": len(questions),
            "version": version(questions),
            "edited": edited,
            "manifest": manifest.model_dump() if manifest else None,
            "stale": [asdict(fault) for fault in faults],
        })  # fmt: skip
    else:
        _report(questions, [str(fault) for fault in faults], edited=edited)
    raise typer.Exit(FAILED if faults else 0)


def _new(before: Sequence[Question], questions: Sequence[Question]) -> list[Question]:
    """The questions that are new beside those that were there."""
    known = {question.id for question in before}
    return [question for question in questions if question.id not in known]


def _joined(before: Sequence[Question], questions: Sequence[Question]) -> list[Question]:
    return [*before, *_new(before, questions)]


def _before(out: Path, join: bool) -> list[Question]:
    """The rows that new ones are added to. Raises `BadQuestions` where they would be overwritten."""
    if out.exists() and not join:
        raise BadQuestions(f"{out} exists: choose another --out, or add to it with --join")
    return read_dataset(out, _warn) if out.exists() else []


def _kinds(told: str | None) -> tuple[Kind, ...]:
    if told is None:
        return tuple(RULES)
    names = [name.strip() for name in told.split(",") if name.strip()]
    wrong = [name for name in names if name not in RULES]
    if wrong or not names:
        raise BadQuestions(f"--kinds: cannot make {', '.join(wrong) or 'none'}; choose of {', '.join(RULES)}")
    return tuple(kind for kind in get_args(Kind) if kind in names)


def _generator(settings: EvalSettings) -> Generator:
    """Rules; with a judge, RAGAS for the kinds that it knows."""
    if not settings.judge_url:
        return RuleGenerator()
    # Seconds to import: only who has a judge pays.
    from eval.ragas_testset import RagasGenerator  # noqa: PLC0415  # see above
    from ingest.embedders import configured  # noqa: PLC0415  # see above

    encoder = configured(IngestSettings())
    return RagasGenerator(open_judge(settings), encoder, RuleGenerator(), settings.judge_concurrency)


def _principal(tenant: str, groups: str | None) -> Principal:
    if groups is None:
        return Principal.administrator(tenant)
    names = frozenset(name.strip() for name in groups.split(",") if name.strip())
    return Principal(tenant, "evaluation", names, frozenset({"eval"}))


def _catalog() -> closing[Catalog]:
    """The catalog of the data folder; a server may have it open too."""
    settings = IngestSettings()
    home(settings.folder)
    return closing(Catalog(settings.catalog))


def _told(out: Path, made: Manifest, added: int, more: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print({"out": str(out), "added": added, **more, **made.model_dump()})
    else:
        err.print(f"{added} questions added, {made.rows} in {escape(str(out))} (version {made.version})")


def _report(questions: Sequence[Question], faults: Sequence[str], *, edited: bool) -> None:
    err.print(f"{len(questions)} rows, version {version(questions)}, {len(faults)} stale places")
    if edited:
        err.print("[yellow]the rows were changed since the manifest was written[/]")
    for fault in faults:
        err.print(f"[yellow]stale[/] {escape(fault)}")


def _warn(message: str) -> None:
    err.print(f"[yellow]warning:[/] {escape(message)}")


@contextmanager
def _reported() -> Iterator[None]:
    """Errors as one line on stderr and the contract's exit code."""
    try:
        yield
    except (EvalError, Misuse, ValidationError, OSError) as error:
        err.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(USAGE) from error
    except IngestError as error:
        err.print(f"[red]error:[/] {escape(str(error))}")
        raise typer.Exit(FAILED) from error


def _print(value: dict[str, Any]) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")
