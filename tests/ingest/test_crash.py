"""A real index on disk whose process is killed, and read while it changes."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingest.access import Access, Principal
from ingest.catalog import Catalog
from ingest.edge import EdgeStore
from ingest.folder import Properties
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.load import Loader
from ingest.order import Order, Tools
from ingest.scan import Root
from ingest.screen import NO_SCREENS
from ingest.settings import sqlite_url
from ingest.store import Mode
from ingest.sync import sync

ADMIN = Principal.administrator()
ORDER = Properties(Access.of("default", ()))
# Syncs as the command line does, and kills itself the n-th time that it comes to a step.
PROGRAM = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, os.getcwd())
home, docs, module, owner, method, when, number = sys.argv[1:]
import importlib
target = getattr(importlib.import_module(module), owner)
real, left = getattr(target, method), [int(number)]
def dying(self, *arguments, **more):
    left[0] -= 1
    if when == "before" and not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(self, *arguments, **more)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(target, method, dying)
from ingest.access import Access
from ingest.catalog import Catalog
from ingest.edge import EdgeStore
from ingest.folder import Properties
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.load import Loader
from ingest.order import Order, Tools
from ingest.scan import Root
from ingest.screen import NO_SCREENS
from ingest.settings import sqlite_url
from ingest.sync import sync
library = Library(Path(home), Catalog(sqlite_url(Path(home) / "catalog.db")), HashEmbedder(), EdgeStore)
tools = Tools(library, Loader(), NO_SCREENS, batch=3)
sync(tools, Order((Root.of(docs),), Properties(Access.of("default", ()))))
"""


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.txt").write_text(f"words about {number}\n")
    return folder


@pytest.fixture
def open_tools(tmp_path):
    (tmp_path / "home").mkdir()
    opened = []

    def make():
        catalog = Catalog(sqlite_url(tmp_path / "home" / "catalog.db"))
        library = Library(tmp_path / "home", catalog, HashEmbedder(), EdgeStore)
        opened.append(Tools(library, Loader(), NO_SCREENS, batch=3))
        return opened[-1]

    yield make
    for tools in opened:
        tools.library.close()
        tools.loader.close()


@pytest.mark.parametrize(
    ("step", "when", "number"),
    [
        ("ingest.edge EdgeStore write", "after", 1),
        ("ingest.edge EdgeStore write", "after", 2),
        ("ingest.catalog Catalog publish", "before", 2),
        ("ingest.catalog Catalog publish", "after", 2),
        ("ingest.edge EdgeStore drop", "after", 1),
        ("ingest.catalog Catalog remove", "after", 1),
    ],
)
def test_a_sync_killed_outright_is_completed_by_the_next(docs, open_tools, tmp_path, step, when, number):
    first = open_tools()
    sync(first, Order((Root.of(str(docs)),), ORDER))
    first.library.close()
    for changed in range(5):
        (docs / f"{changed}.txt").write_text(f"words about {changed}, revised\n")
    (docs / "7.txt").unlink()
    arguments = [str(tmp_path / "home"), str(docs), *step.split(), when, str(number)]
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL

    survivor = open_tools()
    halfway = [hit.uri for hit in survivor.library.search(ADMIN, "words", 99, Mode.DENSE)]
    assert len(halfway) == len(set(halfway)) >= 7
    sync(survivor, Order((Root.of(str(docs)),), ORDER))
    found = sorted(hit.text for hit in survivor.library.search(ADMIN, "words", 99, Mode.DENSE))
    assert found == [
        *(f"words about {number}, revised" for number in range(5)),
        "words about 5",
        "words about 6",
    ]
    assert sync(survivor, Order((Root.of(str(docs)),), ORDER)).unchanged == 7


def test_no_reader_ever_sees_a_mixture_or_nothing(docs, open_tools):
    tools = open_tools()
    big = docs / "0.txt"
    order = Order((Root.of(str(big)),), ORDER)

    def write(name):
        big.write_text("\n\n".join(f"{name} words {number} " + "x " * 400 for number in range(6)))
        sync(tools, order)

    write("v0")
    seen, stop = [], threading.Event()

    def look():
        while not stop.is_set():
            hits = tools.library.search(ADMIN, "words", 99, Mode.DENSE)
            seen.append((len(hits), len({hit.chunk_id for hit in hits}), len({hit.text[:2] for hit in hits})))

    reader = threading.Thread(target=look)
    reader.start()
    for version in range(1, 8):
        write(f"v{version}")
    stop.set()
    reader.join()
    assert len(seen) > 7
    assert set(seen) == {(6, 6, 1)}
