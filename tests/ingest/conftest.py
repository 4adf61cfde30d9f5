"""A small index in a temporary folder, with fakes for what is slow: the reader processes and the model."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guardrails.verdict import Action, Finding, Stage, Verdict
from ingest.access import Access
from ingest.catalog import Catalog
from ingest.documents import Extract, Mark
from ingest.errors import CorruptFile, EmptyFile, UnsupportedFile
from ingest.folder import Properties
from ingest.globs import Globs
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.load import Loaded, Part, Rejected
from ingest.memory import MemoryStore
from ingest.order import Order, Tools
from ingest.report import Report
from ingest.scan import Root
from ingest.screen import NO_SCREENS
from ingest.settings import sqlite_url
from ingest.sync import sync


class PlainLoader:
    """Reads text files; `== name` lines begin members, `DAMAGED` cannot be read, `LEFT OUT` is noted."""

    def load(self, data: bytes, name: str) -> Loaded:
        if name.endswith(".bin"):
            raise UnsupportedFile("no reader for .bin files")
        head, *members = data.decode().split("== ")
        parts, rejected = [Part("", self._extract(head, name))], []
        for member in members:
            member_name, _, text = member.partition("\n")
            try:
                parts.append(Part(member_name, self._extract(text, member_name)))
            except (CorruptFile, EmptyFile) as error:
                rejected.append(Rejected(member_name, error))
        return Loaded(tuple(parts), tuple(rejected))

    def _extract(self, text: str, name: str) -> Extract:
        if not text.strip():
            raise EmptyFile("empty")
        if "DAMAGED" in text:
            raise CorruptFile("damaged", "get another copy")
        notes = ("a page is left out",) if "LEFT OUT" in text else ()
        return Extract(name, text, (Mark(0, level=1, title=name),), notes=notes)


class WordScreen:
    """Blocks texts that say `attack`, redacts `secret`, flags `mail`."""

    def screen(self, stage: Stage, text: str) -> Verdict:
        assert stage is Stage.DOCUMENT
        for word, action in (("attack", Action.BLOCK), ("secret", Action.REDACT), ("mail", Action.FLAG)):
            start = text.find(word)
            if start >= 0:
                found = Finding("words", word, action, 1.0, start, start + len(word), "a word", "[gone]")
                text = text.replace(word, "[gone]", 1) if action is Action.REDACT else text
                return Verdict(action, text, (found,))
        return Verdict(Action.ALLOW, text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    made.mkdir()
    return made


@pytest.fixture(scope="session")
def blank_catalog(tmp_path_factory) -> Path:
    """A migrated database without rows: migrating one for each test would take a minute."""
    file = tmp_path_factory.mktemp("blank") / "catalog.db"
    Catalog(sqlite_url(file)).close()
    return file


@pytest.fixture
def catalog_url(database: str, tmp_path: Path, blank_catalog: Path, copy: Callable[[str], str]) -> str:
    """The URL of a migrated database without rows."""
    if database == "sqlite":
        return sqlite_url(shutil.copy(blank_catalog, tmp_path / "catalog.db"))
    return copy("catalog")


@pytest.fixture
def catalog(catalog_url: str) -> Iterator[Catalog]:
    opened = Catalog(catalog_url)
    yield opened
    opened.close()


@pytest.fixture
def open_library(tmp_path: Path, catalog_url: str) -> Iterator[Callable[..., Library]]:
    """Opens the same data folder as often as it is called, as processes one after another do."""
    stores: dict[Path, MemoryStore] = {}
    opened: list[Library] = []

    def open_store(place: Path, _dimension: int) -> MemoryStore:
        place.mkdir(parents=True, exist_ok=True)
        return stores.setdefault(place, MemoryStore())

    def make(embedder: HashEmbedder | None = None) -> Library:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        opened.append(Library(home, Catalog(catalog_url), embedder or HashEmbedder(), open_store))
        return opened[-1]

    yield make
    for library in opened:
        library.close()


@pytest.fixture
def library(open_library: Callable[..., Library]) -> Library:
    return open_library()


@pytest.fixture
def tools(library: Library) -> Tools:
    return Tools(library, PlainLoader(), NO_SCREENS, batch=4)


@pytest.fixture
def word_screen() -> WordScreen:
    return WordScreen()


@pytest.fixture
def synced(tools: Tools, folder: Path) -> Callable[..., Report]:
    """Syncs the folder, with other tools, groups or options if told so."""

    def run(*, using: Tools = tools, tenant="default", groups=(), base=None, watch=None, **order) -> Report:
        properties = Properties(Access.of(tenant, groups))
        only = Globs.of(order.pop("include", ()), order.pop("exclude", ()))
        made = Order((Root.of(str(folder), base),), properties, only=only, **order)
        return sync(using, made, watch) if watch else sync(using, made)

    return run
