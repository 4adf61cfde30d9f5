"""Cleaning: the steps in their order, cheap ones first, each of them counted."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finetune.datasets.cleaning.duplicates import Duplicates
from finetune.datasets.cleaning.hostile import Hostile
from finetune.datasets.cleaning.languages import Languages
from finetune.datasets.cleaning.leaks import Leaks
from finetune.datasets.cleaning.personal import Personal
from finetune.datasets.cleaning.shape import Shape
from finetune.datasets.cleaning.step import Step, Tally, Watch, unwatched
from finetune.datasets.examples import Example
from finetune.datasets.gathering import Gathered
from finetune.datasets.held_out import HeldOut
from finetune.datasets.recipe import Recipe
from finetune.datasets.targets import Grounding
from finetune.errors import BadSource, Poisoned
from guardrails.guard import Guard


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left, what each step did, and what was dropped for the sake of each evaluation set."""

    examples: list[Example]
    steps: list[dict[str, Any]]
    held_out: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Means:
    """What cleaning needs beside a recipe."""

    guard: Guard
    grounding: Grounding
    held_out: Sequence[HeldOut] = ()
    watch: Watch = unwatched


def clean(gathered: Sequence[Gathered], recipe: Recipe, means: Means) -> Cleaned:
    """Leave out what must not, or need not, be learnt.

    Raises:
        BadSource: nothing is left.
        Poisoned: too much of a file leaks from an evaluation set, or is an attack.
    """
    leaks = Leaks(means.held_out)
    steps: list[Step] = [
        Shape(),
        Duplicates(),
        leaks,
        Languages(recipe.languages),
        Personal(means.guard),
        Hostile(means.guard),
    ]
    drawn = {each.name for each in gathered if each.drawn}
    reports, left = [], [example for each in gathered for example in each.examples]
    for step in steps:
        tally = Tally(step.name, len(left), means.watch)
        before = Counter(example.source for example in left)
        left = step.clean(left, tally)
        reports.append(tally.report())
        _check(before, tally, recipe.tolerated, drawn)
    if not left:
        raise BadSource(f"nothing is left to learn from: {_why(reports)}")
    return Cleaned(left, reports, leaks.report())


def _check(before: Counter[str], tally: Tally, tolerated: float, drawn: Collection[str]) -> None:
    """Raise `Poisoned` if a file is. What we drew ourselves may share questions: they are left out."""
    for source, rows in before.items():
        why = {reason: count for (name, reason), count in tally.grave.items() if name == source}
        bad = sum(why.values())
        if source not in drawn and bad > tolerated * rows:
            told = ", ".join(f"{count} {reason}" for reason, count in why.items())
            raise Poisoned(
                f"{source}: {tally.step} finds {bad} of {rows} questions ({told}), more than the share "
                f"{tolerated:g} that is tolerated: remove them from the file, or leave the file out"
            )


def _why(reports: Sequence[Mapping[str, Any]]) -> str:
    told = [f"{sum(each['dropped'].values())} by {each['step']}" for each in reports if each["dropped"]]
    return ", ".join(told) or "the sources hold no question"
