"""Quality by the size of the data: adapters trained on growing parts of a dataset with one budget."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from eval.stats import Figure
from finetune.datasets import dataset as datasets
from finetune.hooks import Hooks
from finetune.training import curve
from finetune.training.progress import Report
from finetune.training.train import Order, train

PICTURE, FOUND = "sizes.png", "sizes.json"
SHOWN = ("answer_f1", "exact_match", "refused_adversarial", "wrongly_refused", "citation_right")
Figures = Mapping[str, Figure]
Measure = Callable[[Path | None], Figures]


def by_size(order: Order, parts: Sequence[float], measure: Measure, report: Report) -> dict[int, Figures]:
    """The figures by the number of questions that were learnt from; 0 is the base model.

    Adapters are trained in `order.out`, with a picture and a table beside them. What an earlier run has
    trained and measured is not done again.

    Raises:
        What `finetune.training.train.train` raises.
    """
    readings = datasets.load(order.dataset).train
    order.out.mkdir(parents=True, exist_ok=True)
    found = {0: _once(order.out / "part-0.json", lambda: measure(None))}
    for part in sorted(parts):
        adapter = order.out / f"part-{part:g}"
        if not adapter.exists():
            train(replace(order, out=adapter, part=part), Hooks(), report)
        learnt = readings[: max(1, round(part * len(readings)))]
        questions = sum(len(reading.asked) for reading in learnt)
        found[questions] = _once(order.out / f"part-{part:g}.json", lambda at=adapter: measure(at))  # type: ignore[misc]  # bound per loop
    values = {size: {name: of[name].value for name in SHOWN if name in of} for size, of in found.items()}
    curve.draw_sizes(values, order.out / PICTURE)
    (order.out / FOUND).write_text(json.dumps({size: _plain(of) for size, of in found.items()}, indent=2))
    return found


def _once(file: Path, measure: Callable[[], Figures]) -> Figures:
    if not file.exists():
        scratch = file.with_suffix(".new")
        scratch.write_text(json.dumps(_plain(measure()), indent=2))
        scratch.replace(file)
    return {name: Figure(**of) for name, of in json.loads(file.read_text()).items()}


def _plain(figures: Figures) -> dict[str, dict[str, float]]:
    return {name: asdict(of) for name, of in figures.items()}
