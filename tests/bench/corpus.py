"""Ten thousand chunks for `serving.py`, made up by rule, and the questions that they answer.

A document is a manual of twenty machines, a section (a chunk) each; a third of the documents is for `staff`,
a third for `hr`. The index is built once, as `python -m ingest sync` builds it, only without document rails
(what they cost is paid at ingestion), and kept below `out/bench`, with its vectors beside it for `plain.py`.

    .venv/bin/python tests/bench/corpus.py --chunks 10000
"""

import argparse
import hashlib
import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingest.access import Access
from ingest.catalog import Catalog
from ingest.edge import EdgeStore
from ingest.embedder import Embedder
from ingest.embedders import configured
from ingest.folder import Properties
from ingest.library import Library
from ingest.load import Loader
from ingest.order import Order, Tools
from ingest.scan import Root
from ingest.screen import NO_SCREENS
from ingest.settings import IngestSettings
from ingest.store import Vectors
from ingest.sync import sync

OUT = Path(__file__).resolve().parents[2] / "out" / "bench"
SECTIONS, TOLD = 20, 4
GROUPS = ("", "staff", "hr")
SYLLABLES = ("bar", "den", "fol", "gis", "hol", "kem", "lun", "mar", "nor", "pel", "ros", "tav", "ulm", "vex")
MACHINES = (
    "pump",
    "boiler",
    "conveyor",
    "compressor",
    "press",
    "mixer",
    "crane",
    "turbine",
    "furnace",
    "lathe",
)
PLACES = (
    "north hall",
    "boiler house",
    "paint shop",
    "harbour depot",
    "test field",
    "old foundry",
    "cold store",
)
# What is told of a machine, and how it is asked for. `{n}` is a number.
FACTS = (
    ("The {name} moves {n} litres of water an hour when all of its valves are open.",
     "How many litres an hour does the {name} move?"),
    ("Its filter has to be changed every {n} weeks, or sooner if the water from the river is muddy.",
     "Every how many weeks is the filter of the {name} changed?"),
    ("The {name} stands in the {place} beside the workbench, and weighs {n} kilograms without its frame.",
     "How much does the {name} weigh?"),
    ("A crew of {n} people was trained on it by the maker, and each of them may switch it off at any time.",
     "How many people were trained on the {name}?"),
    ("Before it is started in the morning the oil is checked and the panel is wiped with a dry cloth.", ""),
    ("When the warning lamp blinks, the crew waits for {n} minutes and reads the gauge a second time.",
     "How many minutes does the crew wait when the lamp of the {name} blinks?"),
    ("Spare parts are kept on shelf {n} of the store, and the store is open on all working days.",
     "On which shelf are spare parts of the {name} kept?"),
)  # fmt: skip


def questions(chunks: int, count: int, *, seed: int = 0) -> list[str]:
    """`count` different questions (or all there are) that a member of `staff` finds answered."""
    asked = [
        question.format(name=_name(number))
        for number in range(chunks)
        if GROUPS[number // SECTIONS % len(GROUPS)] != "hr"
        for _, question in _told(number)
        if question
    ]
    return random.Random(seed).sample(asked, min(count, len(asked)))  # noqa: S311  # no secret


def prepared(chunks: int) -> Path:
    """The folder with `home` (a data folder), `vectors.npz` and `texts.json`; made if it is not there."""
    version = hashlib.sha256("".join(map(_section, range(SECTIONS))).encode()).hexdigest()[:8]
    folder = OUT / f"corpus-{chunks}-{version}"
    if not (folder / "texts.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _write(folder / "files", chunks)
        _index(folder)
    return folder


class _Recorded:
    """The embedder, and what it made of which text."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self.name = embedder, embedder.name
        self.texts: list[str] = []
        self.vectors: list[Vectors] = []

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        self.vectors.append(self._embedder.encode(texts))
        return self.vectors[-1]

    def encode_query(self, text: str) -> Vectors:
        return self._embedder.encode_query(text)


def _index(folder: Path) -> None:
    settings = IngestSettings(home=folder / "home")
    settings.folder.mkdir(parents=True)
    embedder = _Recorded(configured(settings))
    catalog = Catalog(settings.catalog)
    with Library(settings.folder, catalog, embedder, EdgeStore) as library, Loader() as loader:
        order = Order((Root.of(str(folder / "files")),), Properties(Access("default")))
        report = sync(Tools(library, loader, NO_SCREENS), order, _tell)
        library.optimize()
    if report.failed or report.skipped:
        raise SystemExit(f"the bench's corpus was not taken whole: {report.failed} {report.skipped}")
    np.savez(folder / "vectors.npz", vectors=np.concatenate(embedder.vectors))
    (folder / "texts.json").write_text(json.dumps(embedder.texts))


def _write(folder: Path, chunks: int) -> None:
    for group in GROUPS:
        (folder / (group or "all")).mkdir(parents=True)
        (folder / (group or "all") / ".plumbline.yaml").write_text(f"groups: [{group}]\n")
    for start in range(0, chunks, SECTIONS):
        document = start // SECTIONS
        sections = (_section(number) for number in range(start, min(start + SECTIONS, chunks)))
        file = folder / (GROUPS[document % len(GROUPS)] or "all") / f"manual-{document:05}.md"
        file.write_text(f"# Manual {document}\n\n" + "\n".join(sections))


def _section(number: int) -> str:
    dice, place = random.Random(number), PLACES[number % len(PLACES)]  # noqa: S311  # no secret
    told = [
        fact.format(name=_name(number), n=dice.randint(11, 989), place=place) for fact, _ in _told(number)
    ]
    return f"## {_name(number)}\n\n{' '.join(told)}\n"


def _told(number: int) -> list[tuple[str, str]]:
    """The facts of a section."""
    return random.Random(number).sample(FACTS, TOLD)  # noqa: S311  # no secret


def _name(number: int) -> str:
    """Of a machine; no two are alike."""
    parts, rest = [], number * 7_919 % 537_824  # a step that visits all names before it repeats
    for _ in range(5):
        rest, place = divmod(rest, len(SYLLABLES))
        parts.append(SYLLABLES[place])
    return f"{''.join(parts).capitalize()} {MACHINES[number % len(MACHINES)]}"


def _tell(done: int, of: int) -> None:
    if done % 50 == 0:
        print(f"indexing the bench's corpus, once: {done} of {of} documents", flush=True)  # noqa: T201  # a bench prints


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the index that serving.py works on.")
    parser.add_argument("--chunks", type=int, default=10_000)
    print(prepared(parser.parse_args().chunks))  # noqa: T201  # see above
