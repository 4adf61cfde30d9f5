"""The command line: `python -m finetune ...`, a module of `finetune.commands` for each part of it."""

import typer

from finetune.commands import (
    card,
    compare,
    data,
    datasets,
    distill,
    promote,
    rail,
    registry,
    retrieval,
    search,
    train,
)

app = typer.Typer(
    no_args_is_help=True, help="From questions to an adapter.", pretty_exceptions_show_locals=False
)
for part in (data, datasets, distill, train, search, retrieval, card, rail, promote, registry, compare):
    part.commands(app)

if __name__ == "__main__":
    app()
