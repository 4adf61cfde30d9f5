"""What commands examine adapters with: the real engine, embedder and rails."""
# ruff: noqa: PLC0415 what takes seconds to import is imported where it is used: --help waits for none of it

import hashlib
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from eval.errors import BadQuestions
from eval.questions import Row, read_rows
from eval.settings import EvalSettings
from finetune.commands.terminal import console
from finetune.settings import FinetuneSettings
from service.adapters import AdapterRegistry
from service.settings import ServiceSettings

if TYPE_CHECKING:
    from eval.adapter import Reply
    from finetune.promotion.examination import Examiner, Questions

# The code that makes a reply of what the weights say: another one, and kept replies are asked anew.
# By name: to import them takes seconds.
_WAY = (
    "eval.adapter",
    "guardrails.answerability",
    "guardrails.classifier",
    "guardrails.sentences",
    "guardrails.tokens",
    "guardrails.transformer",
    "service.calibration",
    "service.chat",
    "service.citations",
    "service.embedded",
    "service.generate",
    "service.models",
    "service.prompts",
    "service.reading",
    "service.scrutiny",
)

RULES = Path(__file__).parents[1] / "promotion" / "gate.toml"

Asked = Annotated[
    Path | None,
    typer.Option("--questions", help="SQuAD v2 JSON, or JSON lines. Default: finetune.gate_questions."),
]
Count = Annotated[
    int | None, typer.Option("--count", min=1, help="Questions of the file. Default: finetune.gate_count.")
]


def questions(file: Path | None, count: int | None) -> "Questions":
    """The fixed set, with random distractors: it compares adapters with each other, and is soon made.

    Raises `BadQuestions` where none is named, it holds none, or it cannot be read.
    """
    from finetune.promotion.examination import Questions

    finetune = FinetuneSettings()
    file = file or finetune.gate_questions
    if file is None:
        raise BadQuestions("no questions to judge by: name them with --questions, or finetune.gate_questions")
    most = count or finetune.gate_count
    rows = read_rows(file, most, min(EvalSettings().unrelated, max(1, most // 3)))
    if not rows:
        raise BadQuestions(f"{file}: holds no question; thirty or more tell adapters apart")
    return Questions(file.name, tuple(rows), hashlib.sha256(file.read_bytes()).hexdigest())


@contextmanager
def examiner() -> Iterator["Examiner"]:
    """The real one, with progress on the terminal."""
    from eval.adapter import ask
    from finetune.promotion.examination import Examiner, Rails
    from guardrails.build import build_guard
    from guardrails.policy_file import load_policy
    from guardrails.settings import GuardrailsSettings
    from ingest.embedders import fitted
    from ingest.settings import IngestSettings
    from service.embedded import EmbeddedEngine
    from service.models import load_adapted
    from service.reading import Reader
    from service.scrutiny import Scrutiny

    service, ingest = ServiceSettings(), IngestSettings()
    registry = AdapterRegistry(service.adapters, service.model)
    engine = EmbeddedEngine(
        lambda wanted: load_adapted(service.model, service.cache, registry.path(wanted)), service.threads
    )
    scrutiny = Scrutiny()
    rails = Rails(build_guard(load_policy(GuardrailsSettings().policy), fitted(ingest)))

    def asked(name: str, row: Row) -> "Reply":
        return ask(Reader(engine, name, registry.calibration(name), scrutiny), row)

    base = _base(service.model)

    def manner(name: str) -> str:
        used = json.dumps(asdict(registry.calibration(name)))
        return f"{base}\n{scrutiny.model}\n{used}\n{_way()}"

    with _watched() as watch:
        yield Examiner(asked, manner, rails, service.cache / "replies", watch)
    engine.close()


def _base(model: str) -> str:
    """The base model's name, which changes with its weights where it is a folder."""
    from ingest.embed import digest

    return f"{model}@{digest(Path(model))}" if Path(model).is_dir() else model


def _way() -> str:
    specs = [importlib.util.find_spec(name) for name in _WAY]
    code = b"".join(Path(spec.origin).read_bytes() for spec in specs if spec and spec.origin)
    return hashlib.sha256(code).hexdigest()


@contextmanager
def _watched() -> Iterator["Watch"]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        yield Watch(progress)


class Watch:
    """A bar for each adapter that is asked."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._tasks = progress, dict[str, TaskID]()

    def __call__(self, adapter: str, done: int, total: int) -> None:
        """`done` of `total` rows."""
        if adapter not in self._tasks:
            self._tasks[adapter] = self._progress.add_task(adapter, total=total)
        self._progress.update(self._tasks[adapter], completed=done)
