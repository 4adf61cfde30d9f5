"""The demo company as it is evaluated: real documents, index, embedder, rails and records; the model quotes.

A test puts one part out of order, and sees what the gate says of it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from eval.audience import audiences
from eval.dataset import Question, read_dataset, write_dataset
from eval.gate import Judgement, judge
from eval.in_process import InProcess
from eval.metrics.table import metrics
from eval.report import Occasion, write_report
from eval.rules import read_rules
from eval.run import Order, Stages, evaluate
from eval.scoring import score
from ingest.access import Access
from ingest.folder import Properties
from ingest.order import Order as SyncOrder
from ingest.scan import Root
from ingest.sync import sync
from service import wiring
from service.adapters import AdapterRegistry
from service.engines import Engines
from service.resources import Resources
from service.settings import ServiceSettings
from tests.journeys.quoting import QuotingGenerator

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "deploy/demo/corpus"
QUESTIONS = ROOT / "deploy/demo/evaluation.jsonl"


def sampled(most: int) -> list[Question]:
    """The demo's questions, up to `most` of each kind."""
    kinds: dict[str, list[Question]] = {}
    for question in read_dataset(QUESTIONS):
        kinds.setdefault(question.kind, []).append(question)
    return [question for each in kinds.values() for question in each[:most]]


def quoting(delay: float = 0.0) -> Callable[[object], Engines]:
    """In place of `open_engines`: what quotes, and nothing to load."""
    engines = Engines(
        QuotingGenerator(delay),
        AdapterRegistry(ROOT / "no-adapters", "quoting", "quoting"),
        lambda messages: sum(len(message["content"].split()) for message in messages),
    )
    return lambda _site: engines


@contextmanager
def opened(settings: ServiceSettings) -> Iterator[Resources]:
    """The real parts over a data folder, once they are ready."""
    failures: list[Exception] = []
    with wiring.opened(settings, None, failures.append) as parts:
        parts.startup.start()
        parts.startup.wait()
        assert not failures, failures
        yield parts


def index(settings: ServiceSettings) -> None:
    """Put the demo's documents into the data folder."""
    with opened(settings) as parts:
        everyone = Properties(Access("default"))
        assert not sync(parts.tools, SyncOrder((Root.of(str(CORPUS), None),), everyone)).failed


@dataclass(frozen=True)
class House:
    """A data folder with the demo's documents, and the questions that it is asked."""

    settings: ServiceSettings
    dataset: Path
    runs: Path

    def run(self, name: str, model: str = "default") -> Path:
        """Open the service as it is now, evaluate it, and return the run's folder."""
        with opened(self.settings) as parts:
            return self.evaluated(parts, name, model)

    def evaluated(self, parts: Resources, name: str, model: str = "default") -> Path:
        """As `run`, of what is open already."""
        asking = audiences(read_dataset(self.dataset))

        @asynccontextmanager
        async def target(run: str):
            yield InProcess(parts, asking, run, model)

        folder = self.runs / name
        stages = Stages(
            target,
            partial(score, metrics=metrics()),
            lambda _: None,
            lambda *_: None,
        )
        finished = evaluate(Order(self.dataset, folder), stages)
        assert not finished.failed
        return folder

    def judged(self, candidate: Path, baseline: Path) -> Judgement:
        """The gate's word by the rules that ship, and the report that says it."""
        judgement = judge(candidate, baseline, read_rules())
        write_report(candidate, Occasion("default", "2026-11-22", judgement))
        return judgement


def house(folder: Path, questions: Sequence[Question], **changed: object) -> House:
    """An empty data folder below `folder`, and what it will be asked; `changed` are settings."""
    settings = ServiceSettings(home=folder / "home", **changed)
    return asking(House(settings, folder, folder), questions, folder)


def asking(known: House, questions: Sequence[Question], folder: Path) -> House:
    """The same data folder, asked other questions; they and the runs lie in `folder`."""
    dataset = folder / "questions.jsonl"
    write_dataset(dataset, questions)
    return House(known.settings, dataset, folder / "runs")
