"""The pipeline over a real catalog and store; its model follows a script, its rails know a word each."""

import asyncio
from datetime import UTC, datetime

from guardrails.guard import Guard
from guardrails.policy import Policy, Rule
from guardrails.rail import Inspection
from guardrails.verdict import Action, Finding, Stage
from ingest.access import Access, Principal
from ingest.catalog import Catalog
from ingest.documents import Extract, Mark
from ingest.folder import Properties
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.load import Loaded, Part
from ingest.order import Order, Tools
from ingest.scan import Root
from ingest.screen import NO_SCREENS
from ingest.settings import sqlite_url
from ingest.sync import sync
from service.adapters import AdapterRegistry
from service.answer import Answer, Ask, Message, Sampling
from service.conversations import Conversations
from service.dialogue import Dialogue
from service.guards import OneGuard
from service.ledger import Ledger
from service.memory_cache import Limits, MemoryCache
from service.pipeline import Pipeline
from service.retrieve import Retriever
from service.samples import Samples
from service.scripted import ScriptedGenerator
from service.settings import ServiceSettings

ANNA = Principal("acme", "anna", frozenset({"staff"}))
LEAVE = "How many days of paid leave do employees get?"
SCRIPT = {
    LEAVE: "27 days [1]",
    "How many hours do contractors work?": "40 hours [1]",
    "How much does Aino earn?": "EUR 5,850 [1]",
}


class Word:
    """A rail that finds one word, and breaks at the stages that it is told."""

    def __init__(self, name, word):
        self.name, self.word, self.broken = name, word, set()

    def inspect(self, sample):
        if sample.stage in self.broken:
            raise ZeroDivisionError
        start = sample.text.find(self.word)
        found = Finding(
            self.name, self.word, Action.FLAG, 1.0, start, start + len(self.word), "a word", "***"
        )
        return Inspection((found,) if start >= 0 else ())


def rails():
    """`attack` blocks, `secret` is redacted; what a rail fails to judge passes."""
    actions = {"injection": Action.BLOCK, "secrets": Action.REDACT}
    every = {name: Rule(action=action, fail="open") for name, action in actions.items()}
    stages = dict.fromkeys((Stage.INPUT, Stage.PASSAGE, Stage.OUTPUT), every)
    return Policy(name="test", message="That is not answered here.", stages=stages)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self):
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self):
        return self.now


class Plain:
    """Reads text files in this process."""

    def load(self, data, name):
        return Loaded((Part("", Extract(name, data.decode(), (Mark(0, level=1, title=name),), ())),))


class Desk:
    """Where documents are put and questions asked, by anybody."""

    def __init__(self, folder, ledger: Ledger, open_store, wait=0):
        self.folder, self.ledger, self.clock = folder, ledger, Clock()
        self.catalog = Catalog(sqlite_url(folder / "catalog.db"))
        self.library = Library(folder, self.catalog, HashEmbedder(), open_store)
        self.told = []
        self.attacks, self.secrets = Word("injection", "attack"), Word("secrets", "secret")
        self.generator = ScriptedGenerator(dict(SCRIPT))
        self.adapters = folder / "adapters"
        self.samples = Samples(ledger.transaction, wait, 30, self.clock)
        self.conversations = Conversations(ledger.transaction, 30, 50, self.clock, self.catalog.readable)
        cache = MemoryCache(self.library.generation, Limits(600, 100, 10**6), self.told.append)
        guard = Guard(rails(), [self.attacks, self.secrets])
        self.pipeline = Pipeline(
            OneGuard(guard),
            Retriever(self.library),
            self.generator,
            AdapterRegistry(self.adapters, "base", "base"),
            lambda messages: sum(len(message["content"].split()) for message in messages),
            ledger,
            Dialogue(self.conversations, self.samples),
            ServiceSettings(home=folder),
            cache,
        )

    def close(self):
        self.library.close()

    def put(self, name, text, tenant="acme", groups=()):
        """Index a document; another text under the same name takes its place."""
        place = self.folder / "docs" / tenant
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
        self._sync(Root(place / name, f"file:///{name}"), tenant, groups)

    def remove(self, name, tenant="acme"):
        """Delete a document from the index."""
        records = self.catalog.held_in(Principal.administrator(tenant), f"file:///{name}")
        assert records
        self.library.remove(Principal.administrator(tenant), records)

    def ask(self, question=LEAVE, principal=ANNA, conversation_id=None, before=(), **more) -> Answer:
        """Ask; the answer's pieces must make up its text."""
        sampling = Sampling(**more.pop("sampling", {}))
        messages = (*before, Message("user", question))
        asked = Ask(messages, "default", sampling, conversation_id, **more)

        async def collect():
            return [event async for event in self.pipeline.answer(principal, asked)]

        *pieces, answer = asyncio.run(collect())
        assert "".join(piece.text for piece in pieces) == answer.text
        return answer

    @property
    def answered(self):
        """How many answers the model was asked for."""
        return len(self.generator.prompts)

    def _sync(self, root, tenant, groups):
        tools = Tools(self.library, Plain(), NO_SCREENS)
        report = sync(tools, Order((root,), Properties(Access.of(tenant, groups))))
        assert not report.failed
