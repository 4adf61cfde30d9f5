"""What an evaluation adds to the service's own time: `make bench`. Prints, asserts nothing.

A run's time less the time of its answers, as the service measures it: keeping rows, looking citations up,
and one search a question. Over a scripted engine, in process and over HTTP; and of a real run, if its folder
is given: `python tests/bench/evaluation.py out/eval/latest`.
"""

import json
import sys
import tempfile
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from eval.audience import Audience  # noqa: E402  # found once the line above has run
from eval.connection import connected  # noqa: E402  # as above
from eval.dataset import Question, write_dataset  # noqa: E402  # as above
from eval.in_process import InProcess  # noqa: E402  # as above
from eval.over_http import OverHttp  # noqa: E402  # as above
from eval.run import Order, Stages, evaluate  # noqa: E402  # as above
from eval.scoring import score  # noqa: E402  # as above
from service.telemetry import configure_logging  # noqa: E402  # as above
from tests.service.scripted_house import LEAVE, scripted_house  # noqa: E402  # as above

ROWS = 200
EVERYBODY = Audience("default", frozenset())


@asynccontextmanager
async def in_process(house, run):
    """The pipeline in this process."""
    yield InProcess(house.parts, [EVERYBODY], run, "default")


@asynccontextmanager
async def over_http(house, run):
    """The same by its URL."""
    async with connected(house.url, run, 60.0) as connection:
        yield OverHttp(connection, {EVERYBODY: house.key("chat", "eval")}, "default")


def main() -> None:
    """Measure and print."""
    configure_logging(50)
    table = Table("run", "questions", "service, ms each", "evaluation adds, ms each", "of the service's time")
    with tempfile.TemporaryDirectory() as place, scripted_house(Path(place)) as house:
        for opened in (in_process, over_http):
            table.add_row(
                f"scripted engine, {opened.__name__}", *figures(scripted(house, opened, Path(place)))
            )
    for folder in sys.argv[1:]:
        table.add_row(folder, *figures(Path(folder)))
    Console().print(table)


def scripted(house, opened, place: Path) -> Path:
    """A run of `ROWS` questions, one after another; returns its folder."""
    dataset, out = place / "set.jsonl", place / opened.__name__
    write_dataset(dataset, [Question(id=f"q-{n}", question=LEAVE, groups=()) for n in range(ROWS)])
    stages = Stages(partial(opened, house), lambda rows: score(rows, []), lambda _: None, lambda *_: None)
    evaluate(Order(dataset, out), stages)
    return out


def figures(folder: Path) -> tuple[str, str, str, str]:
    """Of a run that asked one question after another."""
    seconds = json.loads((folder / "run.json").read_text())["seconds"]
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    service = sum(row["timings_ms"].get("total", row["total_ms"]) for row in rows) / 1_000
    added = seconds - service
    each = 1_000 / len(rows)
    return str(len(rows)), f"{service * each:.1f}", f"{added * each:.1f}", f"{added / service:.1%}"


if __name__ == "__main__":
    main()
