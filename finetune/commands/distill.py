"""`python -m finetune distill`: a larger model's answers as what is to be learnt."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from finetune.commands.terminal import FAILED, Json, clear_errors, console, show
from finetune.errors import BadSource
from finetune.settings import FinetuneSettings


def commands(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(distill)


def distill(  # a command line's options
    source: Annotated[
        list[Path], typer.Option("--from", help="Questions with passages; several times. See `build --help`.")
    ],
    out: Annotated[Path, typer.Option(help="The new file of questions, JSON lines.")],
    url: Annotated[
        str | None, typer.Option(help="OpenAI-compatible endpoint. Default: finetune.teacher_url.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Its model. Default: finetune.teacher_model.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Questions at a time. Default: finetune.teacher_concurrency.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask a larger model every question, and keep answers that are short, cited and grounded.

    A run that was stopped goes on where it was. Exits 1 if the model failed on some questions: run it again.
    """
    with clear_errors():
        from finetune.datasets.distill import Lesson
        from finetune.datasets.distill import distill as distilled
        from finetune.datasets.sources import read_file
        from finetune.datasets.teacher import Teacher
        from guardrails.grounding import Grounding
        from service.endpoint import Endpoint

        settings = FinetuneSettings()
        address = url or settings.teacher_url
        if address is None:
            raise BadSource("no teacher: give --url, or set finetune.teacher_url to its endpoint")
        examples = [example for path in source for example in read_file(path)]
        engine = Endpoint(address, settings.teacher_key)
        teacher = Teacher(engine, model or settings.teacher_model, settings.teacher_timeout)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("asking the teacher", total=len(examples))
            lesson = Lesson(
                teacher,
                Grounding(),
                concurrency or settings.teacher_concurrency,
                lambda done, total: progress.update(task, completed=done, total=total),
            )
            found = distilled(examples, out, lesson)
        show(found.listing(), as_json)
    if found.failed:
        raise typer.Exit(FAILED)
