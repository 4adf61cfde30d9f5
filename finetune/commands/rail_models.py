"""`python -m finetune promote|rollback --rail`: the model of a rail takes the place of the shipped one."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from finetune.commands.terminal import console, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.rails.figures import Line
    from eval.rails.screening import Watch
    from finetune.promotion.promote_rail import Replaced
    from guardrails.rail import Rail as Measured


class Rail(StrEnum):
    """Rails with a trained model."""

    ENCODER = "encoder"
    GROUNDING = "grounding"
    ANSWERABILITY = "answerability"

    @property
    def shipped(self) -> Path:
        """The file that servers load."""
        from guardrails import answerability, classifier, grounding

        files = {
            Rail.ENCODER: classifier.DEFAULT_WEIGHTS,
            Rail.GROUNDING: grounding.DEFAULT_MODEL,
            Rail.ANSWERABILITY: answerability.DEFAULT_WEIGHTS,
        }
        return files[self]


def promote(rail: Rail, new: Path, data: Path, most: int | None, told: tuple[str, str]) -> "Replaced":
    """Measure the shipped model and the new one on `data`; `told` is who asks, and why it is forced."""
    from finetune.promotion.promote_rail import Order, promote_rail

    by, forced = told
    order = Order(rail.shipped, new, by, forced)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    ) as bar:
        task = bar.add_task(rail)

        def measured(file: Path) -> "Sequence[Line]":
            return _measured(rail, file, data, most, lambda what, n, of: bar.update(
                task, description=f"{file.name}: {what}", completed=n, total=of
            ))  # fmt: skip

        return promote_rail(order, measured)


def tell(done: "Replaced", as_json: bool) -> None:
    """Say what came of it."""
    from finetune.promotion.rail_gate import HEAD

    if as_json:
        figures = [each.plain() for each in done.figures]
        return show(
            {"promoted": done.done, "model": done.new, "before": done.before, "figures": figures}, as_json
        )
    table = Table(*HEAD)
    for each in done.figures:
        table.add_row(*map(escape, each.cells()))
    Console().print(table)
    if not done.figures:
        return console.print(f"{done.new} is what servers load already")
    if not done.done:
        return console.print(f"[red]{done.new} is not promoted[/]; {done.before} stays")
    console.print(
        f"[green]{done.new} is in its place[/], after {done.before}: servers load it at their start"
    )
    return None


def _measured(rail: Rail, file: Path, data: Path, most: int | None, watch: "Watch") -> "Sequence[Line]":
    from eval.rails.answerability import of_model
    from eval.rails.measure import measure
    from eval.rails.screening import Screening
    from guardrails.answerability import Answerability
    from guardrails.policy_file import load_policy
    from ingest.embed import SentenceEmbedder

    if rail is Rail.ANSWERABILITY:
        return list(of_model(Answerability.load(file), data, most, watch))
    rails = _rails(rail, file)
    screening = Screening(load_policy(), SentenceEmbedder(), watch, most, rails)
    return measure(screening, data, [each.name for each in rails]).lines


def _rails(rail: Rail, file: Path) -> "list[Measured]":
    """The rails that the model is in."""
    from guardrails.classifier import Classifier
    from guardrails.grounding import Grounding, GroundingModel
    from guardrails.harm import Harm
    from guardrails.injection import Injection
    from guardrails.stereotypes import Stereotypes
    from guardrails.toxicity import Toxicity

    if rail is Rail.GROUNDING:
        return [Grounding(GroundingModel.load(file))]
    judge = Classifier.load(file)
    return [Injection(judge, in_full=True), Harm(judge), Toxicity(judge), Stereotypes(judge)]
