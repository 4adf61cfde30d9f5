"""The command line: `python -m eval ...`, a module of `eval.commands` for each part of it."""

import os

import typer

from eval.commands import adapter, data, metrics, rails, report, retrieval, run

app = typer.Typer(no_args_is_help=True, help="Measure answers.", pretty_exceptions_show_locals=False)


@app.callback()
def main() -> None:
    """Measure answers."""


for part in (run, report, data, metrics, adapter, rails, retrieval):
    part.commands(app)

if __name__ == "__main__":
    # Rows and reports quote documents that few may read: they are their writer's alone.
    os.umask(0o077)
    app()
