"""Syncs that are killed: at a random instant of a chosen step, or at any instant at all.

Each runs in a process of its own, on a small folder that goes back and forth between two states; a reader
polls in it for documents that are half there. After the kill the index is looked at, the next run completes
the work, and the index is compared, chunk for chunk, with one that was never disturbed.

    .venv/bin/python -m tests.ingest.chaos --times 100
"""

import argparse
import multiprocessing
import random
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ingest.access import Access, Principal
from ingest.batch import Embedding
from ingest.catalog import Catalog
from ingest.edge import EdgeStore
from ingest.embed import SentenceEmbedder
from ingest.embedder import Embedder
from ingest.facts import STORE
from ingest.folder import Properties
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.load import Loaded, Loader, Part
from ingest.order import Order, Tools
from ingest.publish import Publisher
from ingest.readers import text
from ingest.record import Record
from ingest.scan import Root
from ingest.screen import NO_SCREENS
from ingest.settings import sqlite_url
from ingest.store import Mode, Point, Vectors
from ingest.sync import sync
from ingest.take import Reading

ADMIN = Principal.administrator()
PARTS = 4
STATES = (1, 2)
# Where a process can be killed: class, method.
STEPS: tuple[tuple[type, str], ...] = (
    (EdgeStore, "write"),
    (Catalog, "publish"),
    (Publisher, "sweep"),
    (Catalog, "remove"),
    (EdgeStore, "optimize"),
    (Reading, "__call__"),
    (Embedding, "__call__"),
    (Catalog, "hide"),
    (EdgeStore, "flush"),
    (EdgeStore, "drop"),
    (Catalog, "forget"),
    (Catalog, "trace"),
)
LONGEST = 0.004  # seconds from a step to the kill
SHOWN = re.compile(r"manual (\d+), edition (\d), part (\d)")


@dataclass(frozen=True)
class Contents:
    """All that an index holds and a reader could notice, in an order of its own."""

    records: tuple[Record, ...]
    points: tuple[Point, ...]
    traces: tuple[tuple[str, str], ...]
    vectors: dict[str, Vectors]

    def differs(self, other: "Contents", least: float) -> str:
        """In what; empty if in nothing. Vectors may differ by their batch: `least` is their lowest cosine."""
        for name in ("records", "points", "traces"):
            if getattr(self, name) != getattr(other, name):
                return name
        if self.vectors.keys() != other.vectors.keys():
            return "chunks with vectors"
        cosines = [float(vector @ other.vectors[name]) for name, vector in self.vectors.items()]
        return "" if min(cosines) >= least else "vectors"


@cache
def embedder(*, real: bool) -> Embedder:
    """One for each process."""
    return SentenceEmbedder() if real else HashEmbedder()


class Here:
    """A loader without processes of its own, which start slowly."""

    def load(self, data: bytes, name: str) -> Loaded:
        return Loaded((Part("", text.read(data, name)),))


@dataclass(frozen=True)
class House:
    """A data folder, the folder that is synced into it, and how it embeds and reads."""

    home: Path
    docs: Path
    real: bool

    @contextmanager
    def opened(self) -> Iterator[Tools]:
        self.home.mkdir(parents=True, exist_ok=True)
        catalog = Catalog(sqlite_url(self.home / "catalog.db"))
        with ExitStack() as stack:
            library = stack.enter_context(Library(self.home, catalog, embedder(real=self.real), EdgeStore))
            loader = stack.enter_context(Loader()) if self.real else Here()
            yield Tools(library, loader, NO_SCREENS, batch=3 * PARTS)

    def sync(self, tools: Tools) -> None:
        report = sync(tools, Order((Root.of(str(self.docs)),), Properties(Access("default")), prune=True))
        assert not report.failed, report.failed
        tools.library.optimize()

    def contents(self) -> Contents:
        with self.opened() as tools:
            catalog = tools.library.catalog
            records = [catalog.document(ADMIN, each.document_id) for each in catalog.below(ADMIN, "file:/")]
            hits = tools.library.search(ADMIN, "manual", 1000, Mode.DENSE)
            store = self.home / str(catalog.fact(STORE))
            traces = catalog.traces("default", "file:/").values()
        shard = EdgeStore(store, embedder(real=self.real).dimension)
        points = sorted(shard.points(ADMIN, ()), key=lambda point: point.point_id)
        shard.close()
        return Contents(
            tuple(replace(record, updated_at="") for record in records),
            tuple(points),
            tuple(sorted((trace.uri, trace.content) for trace in traces)),
            {hit.chunk_id: hit.vector for hit in hits if hit.vector is not None},
        )


def write(docs: Path, state: int) -> None:
    """Bring the folder into a state: between the two, files change, come, go, move, or are only touched."""
    docs.mkdir(exist_ok=True)
    names = {1: [*range(9)], 2: [0, 1, 2, 3, 4, 5, 8, 9, 10]}[state]
    wanted = {f"{number}.txt": (number, state if number < 4 else 1) for number in names}
    if state == 2:
        wanted["moved.txt"] = (7, 1)
    for file in docs.iterdir():
        if file.name not in wanted:
            file.unlink()
    for name, (number, edition) in wanted.items():
        filler = "It holds water, pumps and valves. " * 24
        parts = (f"manual {number}, edition {edition}, part {part}. {filler}" for part in range(PARTS))
        (docs / name).write_text("\n\n".join(parts))


def faults(library: Library) -> list[str]:
    """What a reader sees that it must not: parts of documents, two editions at once, none of what stays."""
    seen: dict[str, list[tuple[str, ...]]] = {}
    for hit in library.search(ADMIN, "manual", 1000, Mode.DENSE):
        shown = SHOWN.search(hit.text)
        seen.setdefault(hit.uri, []).append(shown.groups() if shown else ("", "", ""))
    found = [f"{uri}: {parts}" for uri, parts in seen.items() if not _whole(parts)]
    manuals = {parts[0][0] for parts in seen.values()}
    missing = {str(number) for number in (0, 1, 2, 3, 4, 5, 8)} - manuals
    listed = library.documents(ADMIN).records
    return [
        *found,
        *(f"manual {number} is missing" for number in sorted(missing)),
        *(f"{record.uri} is listed with {record.chunks}" for record in listed if record.chunks != PARTS),
    ]


def _whole(parts: Sequence[tuple[str, ...]]) -> bool:
    return len({edition for _, edition, _ in parts}) == 1 and sorted(part for *_, part in parts) == list(
        map(str, range(PARTS))
    )


def _doomed(pipe: Connection, house: House, step: tuple[type, str] | None, number: int) -> None:
    """In the process: sync, tell when the step comes for the n-th time, and wait for the end."""
    if step:
        _announce(pipe, step, number)
    stop = threading.Event()
    with house.opened() as tools:
        tools.library.open()

        def look() -> None:
            while not stop.is_set():
                for fault in faults(tools.library):
                    pipe.send(fault)
                time.sleep(0.002)

        reader = threading.Thread(target=look, daemon=True)
        reader.start()
        pipe.send("begun")
        house.sync(tools)
        pipe.send("done")
        time.sleep(60)


def _announce(pipe: Connection, step: tuple[type, str], number: int) -> None:
    owner, name = step
    real: Callable[..., Any] = getattr(owner, name)
    left = [number]

    def counted(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            pipe.send("step")
        return real(*arguments, **named)

    setattr(owner, name, counted)


class Chaos:
    """Kills, one after the other, on one index."""

    def __init__(self, folder: Path, seed: int, *, real: bool) -> None:
        self._dice = random.Random(seed)  # noqa: S311  # no secret
        # A model's vector depends, a little, on what it was batched with.
        self._least = 0.995 if real else 0.9999
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._house = House(folder / "home", folder / "docs", real)
        self._expected: dict[int, Contents] = {}
        for state in (*STATES, STATES[0]):
            write(self._house.docs, state)
            undisturbed = replace(self._house, home=folder / f"undisturbed-{state}")
            self._complete(undisturbed)
            self._expected[state] = undisturbed.contents()
        began = time.monotonic()
        self._complete(self._house)
        self._seconds = time.monotonic() - began

    def kill(self, turn: int) -> str:
        """Kill one sync; every second one at a step, in turn. Returns what is wrong, or nothing."""
        state = STATES[(turn + 1) % 2]
        write(self._house.docs, state)
        step = STEPS[turn // 2 % len(STEPS)] if turn % 2 == 0 else None
        number = self._dice.randint(1, 3)
        where = f"{step[0].__name__}.{step[1]} {number}" if step else "any instant"
        wrong = self._killed(step, number)
        with self._house.opened() as tools:
            wrong += [f"after it {fault}" for fault in faults(tools.library)]
            self._house.sync(tools)
        differs = self._house.contents().differs(self._expected[state], self._least)
        wrong += [f"after the next run other {differs}"] if differs else []
        return f"killed at {where}: {'; '.join(wrong)}" if wrong else ""

    def _killed(self, step: tuple[type, str] | None, number: int) -> list[str]:
        pipe, other = self._context.Pipe(duplex=False)
        doomed = self._context.Process(target=_doomed, args=(other, self._house, step, number))
        doomed.start()
        other.close()
        told = []
        while (message := pipe.recv()) not in {"step", "done"}:
            if message == "begun" and step is None:
                break
            told += [] if message == "begun" else [message]
        time.sleep(self._dice.uniform(0.0, LONGEST if step else self._seconds))
        doomed.kill()
        doomed.join()
        while pipe.poll():
            try:
                told += [said for said in [pipe.recv()] if said not in {"begun", "step", "done"}]
            except EOFError:
                break
        pipe.close()
        doomed.close()
        return told

    def _complete(self, house: House) -> None:
        with house.opened() as tools:
            house.sync(tools)


def main() -> None:
    """Kill as often as told, with the real embedder; exit 1 if anything was ever wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    given = parser.parse_args()
    _tell(f"seed {given.seed}\n")
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        chaos = Chaos(Path(folder), given.seed, real=True)
        for turn in range(given.times):
            wrong += [told for told in [chaos.kill(turn)] if told]
            _tell(f"\r{turn + 1} killed, {len(wrong)} wrong")
    _tell("\n".join(["", *wrong, ""]))
    sys.exit(bool(wrong))


def _tell(text: str) -> None:
    print(text, end="", flush=True)  # noqa: T201  # what the program is for


if __name__ == "__main__":
    main()
