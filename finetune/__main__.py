"""The command line: `python -m finetune ...`, a module of `finetune.commands` for each part of it."""

import typer

<<<<<<< HEAD
from finetune.commands import card, data, rail, retrieval, train
=======
from finetune.commands import card, compare, data, datasets, distill, promote, rail, registry, train
>>>>>>> main

app = typer.Typer(
    no_args_is_help=True, help="From questions to an adapter.", pretty_exceptions_show_locals=False
)
<<<<<<< HEAD
for part in (data, train, retrieval, card, rail):
=======
for part in (data, datasets, distill, train, card, rail, promote, registry, compare):
>>>>>>> main
    part.commands(app)

if __name__ == "__main__":
    app()
