"""Quality by the size of the data: adapters trained on growing parts of a dataset with one budget."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from eval.stats import Figure
from finetune.datasets import dataset as datasets
from finetune.hooks import Hooks
from finetune.training import curve, origin
from finetune.training.progress import Report
from finetune.training.train import Order, train

PICTURE, FOUND, ORDER = "sizes.png", "sizes.json", "order.json"
SHOWN = ("answer_f1", "exact_match", "refused_adversarial", "wrongly_refused", "citation_right")
Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Measure:
    """How an adapter is measured, or None: the base model. `by` is all that decides it, as plain values."""

    figures: Callable[[Path | None], Figures]
    by: Mapping[str, Any]


def by_size(order: Order, parts: Sequence[float], measure: Measure, report: Report) -> dict[int, Figures]:
    """The figures by the number of questions that were learnt from; 0 is the base model.

    Adapters are trained in the folder `order.out`, with a picture and a table beside them. What an earlier
    run has trained and measured is not done again.

    Raises:
        OtherRun: what an earlier run has made there was ordered or measured differently.
        What `finetune.training.train.train` raises.
    """
    data = datasets.load(order.dataset)
    order.out.mkdir(parents=True, exist_ok=True)
    told = {**order.origin(data.manifest), **measure.by}
    origin.check(order.out, _once(order.out / ORDER, lambda: told), told)
    found = {0: _measured(order.out / "part-0", None, measure)}
    for part in sorted(parts):
        adapter = order.out / f"part-{part:g}"
        if not adapter.exists():
            train(replace(order, out=adapter, part=part), Hooks(), report)
        learnt = data.train[: max(1, round(part * len(data.train)))]
        found[sum(len(reading.asked) for reading in learnt)] = _measured(adapter, adapter, measure)
    values = {size: {name: of[name].value for name in SHOWN if name in of} for size, of in found.items()}
    curve.draw_sizes(values, order.out / PICTURE)
    (order.out / FOUND).write_text(json.dumps({size: _plain(of) for size, of in found.items()}, indent=2))
    return found


def _measured(place: Path, adapter: Path | None, measure: Measure) -> Figures:
    """The figures of an adapter, kept beside it."""
    file = place.with_name(f"{place.name}.json")
    return {name: Figure(**of) for name, of in _once(file, lambda: _plain(measure.figures(adapter))).items()}


def _once(file: Path, make: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What the file holds; at first what is made, and put there."""
    if not file.exists():
        scratch = file.with_name(f"{file.name}.new")
        scratch.write_text(json.dumps(make(), indent=2))
        scratch.replace(file)
    return dict(json.loads(file.read_text()))


def _plain(figures: Figures) -> dict[str, dict[str, float]]:
    return {name: asdict(of) for name, of in figures.items()}
