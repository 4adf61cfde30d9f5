"""A server's parts with fakes for what is slow: the pipeline, the embedder, the readers."""

import logging
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient

from guardrails.verdict import Action, Stage
from ingest.access import Access, Principal
from ingest.catalog import Catalog
from ingest.documents import Extract, Mark
from ingest.errors import CorruptFile
from ingest.folder import Properties
from ingest.formats import detect
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.load import Loaded, Part
from ingest.memory import MemoryStore
from ingest.order import Order, Tools
from ingest.scan import Root
from ingest.screen import NO_SCREENS
from ingest.settings import sqlite_url
from ingest.sync import sync
from service.answer import Answer, Ask, Citation, Decision, Delta, Event, Usage
from service.app import create_app
from service.audit import Audit
from service.auth import BearerAuth
from service.conversations import Conversations
from service.counters import Counters
from service.drain import Drain
from service.errors import ContextTooLong, EngineFailed, UnknownModel
from service.jobs import Jobs, Stop
from service.keys import Keyring
from service.ledger import Ledger
from service.quotas import Quotas, Spending
from service.readiness import Pulse, taking
from service.recorder import Recorder
from service.resources import Resources
from service.settings import ServiceSettings
from service.spans import NoTracer
from service.spool import Spool
from service.startup import Startup, Terms
from service.telemetry import Metrics

CITATION = Citation(1, "c-1", "d-1", "file:///a.md", "A", "A > B", None, 3, 9, "30 day", verified=True)
DECISION = Decision("pii", Stage.OUTPUT, Action.REDACT, "default-1", "an e-mail address", span=(0, 4))


class FakePipeline:
    """Says what the question asks it to; puts answers on record as the real one does."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.asked: list[tuple[Principal, Ask]] = []
        self.closed = 0
        self.engine_up = True

    def ready(self) -> bool:
        return self.engine_up

    def models(self) -> list[str]:
        return ["grounded-qa-1"]

    def terms(self, principal: Principal, model: str) -> Terms:
        del principal
        if model not in {"default", *self.models()}:
            raise UnknownModel(f"there is no model {model!r}")
        return Terms("grounded-qa-1", "default-1")

    async def answer(self, principal: Principal, ask: Ask) -> AsyncIterator[Event]:
        self.asked.append((principal, ask))
        question = ask.messages[-1].content
        if ask.model not in {"default", *self.models()}:
            raise UnknownModel(f"there is no model {ask.model!r}")
        if len(question) > 100_000:
            raise ContextTooLong("the question is too long")
        try:
            if question == "break early":
                raise EngineFailed("the engine failed")
            if question == "crash early":
                raise ZeroDivisionError("quotes the secret document")
            answer = replace(self._answer(question, ask.sampling.form), evaluation=ask.evaluation)
            for piece in answer.text.split("|"):
                yield Delta(piece, answer.refused)
            if question == "break late":
                raise EngineFailed("the engine failed")
            if question == "crash late":
                raise ZeroDivisionError("quotes the secret document")
            self.recorder.record(principal, question, answer)
            yield answer
        finally:
            self.closed += 1

    def _answer(self, question: str, form: str | None) -> Answer:
        common: dict[str, Any] = {
            "answer_id": f"ans-{len(self.asked)}",
            "model": "grounded-qa-1",
            "usage": Usage(7, 3),
            "timings_ms": {"total": 5.0, "first_token": 2.0},
        }
        if question == "attack":
            blocked = Decision("injection", Stage.INPUT, Action.BLOCK, "default-1", "looks like an attack")
            return Answer(text="No.", finish_reason="content_filter", decisions=(blocked,), **common)
        if question == "nobody knows":
            return Answer(text="I don't know.", finish_reason="stop", refused=True, **common)
        if question == "too long":
            return Answer(text="You have", finish_reason="length", **common)
        return Answer(
            text='{"days": 30}' if form else "You have |30 days [1].",
            finish_reason="stop",
            citations=(CITATION,),
            decisions=(DECISION,),
            grounded=0.9,
            **common,
        )


class PlainLoader:
    """Reads text files in this process; `DAMAGED` cannot be read."""

    def load(self, data: bytes, name: str) -> Loaded:
        detect(data, name)
        text = data.decode()
        if "DAMAGED" in text:
            raise CorruptFile("damaged", "get another copy")
        return Loaded((Part("", Extract(name, text, (Mark(0, level=1, title=name),), ())),))


@dataclass
class House:
    """A server's parts, and short ways to use them."""

    parts: Resources
    keyring: Keyring
    pipeline: FakePipeline
    client: TestClient
    docs: Path

    def key(self, tenant="default", groups=(), scopes=("chat", "ingest"), name=None) -> dict[str, str]:
        """The headers of a caller."""
        _, key = self.keyring.create(tenant, groups, scopes, name)
        return {"Authorization": f"Bearer {key}"}

    def add(self, name: str, text: str, tenant="default", groups=()) -> None:
        """Index a document."""
        place = self.docs / tenant
        place.mkdir(exist_ok=True)
        (place / name).write_text(text)
        root = Root(place / name, f"file:///{name}")
        sync(self.parts.tools, Order((root,), Properties(Access.of(tenant, groups))))


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """For tests that configure the logs."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(home=tmp_path / "home", max_upload_bytes=10_000, max_upload_files=3)


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with empty databases: copied for each test, since migrations take a while."""
    home = tmp_path_factory.mktemp("fresh") / "home"
    home.mkdir()
    Ledger(sqlite_url(home / "ledger.db")).close()
    Catalog(sqlite_url(home / "catalog.db")).close()
    return home


@pytest.fixture
def home(settings: ServiceSettings, fresh_home: Path) -> Path:
    """The data folder."""
    shutil.copytree(fresh_home, settings.folder)
    return settings.folder


@pytest.fixture
def ledger_url(database: str, home: Path, copy: Callable[[str], str]) -> str:
    return sqlite_url(home / "ledger.db") if database == "sqlite" else copy("ledger")


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    opened = Ledger(ledger_url)
    yield opened
    opened.close()


@pytest.fixture
def tools(
    settings: ServiceSettings, database: str, home: Path, copy: Callable[[str], str]
) -> Iterator[Tools]:
    catalog = Catalog(sqlite_url(home / "catalog.db") if database == "sqlite" else copy("catalog"))
    with Library(settings.folder, catalog, HashEmbedder(), lambda *_: MemoryStore()) as library:
        yield Tools(library, PlainLoader(), NO_SCREENS, batch=4)


@pytest.fixture
def make_parts(settings: ServiceSettings, ledger: Ledger, tools: Tools) -> Callable[..., Resources]:
    def make(**changed: Any) -> Resources:
        stop, metrics = Stop(), Metrics()
        quotas = Quotas(changed.get("settings", settings), Counters())
        given = {
            "settings": settings,
            "tools": tools,
            "ledger": ledger,
            "audit": Audit(ledger.transaction),
            "recording": Pulse(lambda: taking(ledger)),
            "conversations": Conversations(ledger.transaction, days=30, most=50),
            "authenticator": BearerAuth(Keyring(ledger)),
            "quotas": quotas,
            "startup": Startup(lambda: FakePipeline(Spending(ledger, quotas))),
            "jobs": Jobs(ledger, tools, Spool(settings.folder, settings.max_spool_bytes), stop, metrics),
            "metrics": metrics,
            "tracer": NoTracer(),
            "stop": stop,
            "drain": Drain(settings.stop_wait),
            "token": "the-token",
        }
        return Resources(**(given | changed))

    return make


@pytest.fixture
def house(make_parts: Callable[..., Resources], ledger: Ledger, tmp_path: Path) -> Iterator[House]:
    pipeline = FakePipeline(ledger)
    parts = make_parts(startup=Startup(lambda: pipeline))
    docs = tmp_path / "docs"
    docs.mkdir()
    caller = ("127.0.0.1", 50_000)
    with TestClient(create_app(parts), raise_server_exceptions=False, client=caller) as client:
        parts.startup.wait()
        yield House(parts, Keyring(ledger), pipeline, client, docs)
