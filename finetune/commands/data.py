"""`python -m finetune build`: datasets."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, TaskID

from eval.settings import EvalSettings
from finetune.commands.manifest import show_manifest
from finetune.commands.terminal import Json, clear_errors, console, groups_of, hooked
from finetune.datasets.recipe import Recipe
from finetune.hooks import Event
from finetune.settings import FinetuneSettings
from ingest.access import DEFAULT_TENANT, Principal

if TYPE_CHECKING:
    from finetune.datasets.clean import Means
    from finetune.datasets.cleaning.step import Watch


Sources = Annotated[
    list[str],
    typer.Option(
        "--from", help="A file (questions, chats), a dataset's folder, `feedback` or `corpus`; several times."
    ),
]
Out = Annotated[Path, typer.Option(help="Folder of the new dataset.")]
HeldOutSets = Annotated[
    list[Path] | None, typer.Option(help="An evaluation set: nothing of it is learnt; several times.")
]
Licenses = Annotated[
    list[str] | None, typer.Option("--license", help="A source's licence, in the order of --from.")
]
Tenant = Annotated[str, typer.Option(help="Whose feedback and documents.")]
Groups = Annotated[
    str | None, typer.Option(help="Only what members of these may read, with commas. Default: all.")
]
Questions = Annotated[int, typer.Option(min=1, help="Questions to make of the corpus, at most.")]
Languages = Annotated[
    list[str] | None, typer.Option(help="Languages of passages, ISO 639-1; `any` keeps all. Default: en.")
]
Rounds = Annotated[int, typer.Option(min=1, help="How often paragraphs are grouped anew.")]
Emphasis = Annotated[
    int, typer.Option(min=1, help="Times more often, for articles with adversarial or rated questions.")
]
Loose = Annotated[
    float, typer.Option(min=0, max=1, help="Share of passages without a title that get readings too.")
]
MadeUp = Annotated[
    float, typer.Option(min=0, max=10, help="Times as many made-up tables and rules; fewer for few rows.")
]
Validation = Annotated[float, typer.Option(min=0, max=0.5, help="Share of documents to stop by.")]
Test = Annotated[float, typer.Option(min=0, max=0.4, help="Share of documents to measure on.")]
Tolerated = Annotated[
    float, typer.Option(min=0, max=1, help="Share of a file that may leak or attack, to be left out.")
]


def commands(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(build)


def build(  # noqa: PLR0913, PLR0917  # a command line's options
    source: Sources,
    out: Out,
    held_out: HeldOutSets = None,
    license_: Licenses = None,
    tenant: Tenant = DEFAULT_TENANT,
    groups: Groups = None,
    questions: Questions = 2_000,
    language: Languages = None,
    rounds: Rounds = 1,
    emphasis: Emphasis = 4,
    loose: Loose = 1.0,
    made_up: MadeUp = 1.0,
    validation: Validation = 0.05,
    test: Test = 0.05,
    tolerated: Tolerated = 0.2,
    seed: int = 7,
    as_json: Json = False,
) -> None:
    """Build an immutable dataset: gathered, cleaned, decontaminated, split by document, composed.

    Files may be SQuAD v2's JSON; JSON lines of {"question", "answers", "passages", "answerable", "title"?};
    or chats, {"messages": [...]} or ShareGPT's {"conversations": [...]}; of those, answers that stand in
    their context or in the index are learnt. `feedback` is what users rated and corrected, `corpus` the
    indexed documents. A dataset outlives what it was made of: remove it when that has to go.
    """
    from finetune.commands.sources import Wish, opened
    from finetune.datasets import dataset as datasets

    plain = Recipe()
    recipe = Recipe(
        rounds=rounds,
        tables=round(made_up * plain.tables),
        rivals=round(made_up * plain.rivals),
        emphasis=emphasis,
        loose=loose,
        validation=validation,
        test=test,
        tolerated=tolerated,
        seed=seed,
        languages=_languages(language or ["en"]),
    )
    reader = Principal.administrator(tenant) if groups is None else groups_of(tenant, groups)
    with clear_errors(), hooked() as hooks:
        with _watched() as watch, opened(Wish(source, license_ or (), reader, questions, seed)) as sources:
            manifest = datasets.build(sources, out, recipe, _means(held_out or (), watch))
        hooks.tell(Event("dataset built", str(out), manifest))
        show_manifest(manifest, as_json)


def _languages(told: Sequence[str]) -> tuple[str, ...]:
    return () if "any" in told else tuple(told)


def _means(held_out: Sequence[Path], watch: "Watch") -> "Means":
    """The real rails, under the options of the installation's policy."""
    from finetune.datasets.clean import Means
    from finetune.datasets.cleaning.rails import cleaning_guard
    from finetune.datasets.held_out import read_held_out
    from guardrails.grounding import Grounding
    from guardrails.policy_file import load_policy
    from guardrails.settings import GuardrailsSettings

    every = [*held_out, *FinetuneSettings().never_learnt(EvalSettings().nightly_dataset)]
    sets = [read_held_out(path) for path in dict.fromkeys(path.resolve() for path in every)]
    guard = cleaning_guard(load_policy(GuardrailsSettings().policy))
    return Means(guard, Grounding(), sets, watch)


@contextmanager
def _watched() -> "Iterator[Watch]":
    """A bar for the step at work."""
    with Progress(console=console, transient=True) as progress:
        bars: dict[str, TaskID] = {}

        def watch(step: str, done: int, total: int) -> None:
            if step not in bars:
                bars[step] = progress.add_task(step, total=total)
            progress.update(bars[step], completed=done)

        yield watch
