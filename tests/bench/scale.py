"""Search in 10^4, 10^5 and 10^6 chunks of 20 tenants, with groups: `make bench-scale`. Asserts nothing.

    .venv/bin/python tests/bench/scale.py --source HANDBOOK [--sizes 1e4,1e5,1e6] [--keep out/scale] [--json]

Each size is built once (the largest in about a quarter of an hour) and kept below `--keep`: a run that was
stopped goes on with the size that it was building. Every size is measured in a process of its own, as one
that has just opened the index: questions of held-out documents, one at a time, through the access filter of
a member of two groups. Recall is that of the ten nearest vectors, by exact search outside the engine.
"""

import argparse
import json
import multiprocessing
import resource
import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scale_corpus import Rows, asker, corpus  # noqa: E402  # found once the line above has run
from scale_handbook import Handbook, handbook  # noqa: E402  # as above

from ingest.edge import EdgeStore  # noqa: E402  # as above
from ingest.store import Mode, Question  # noqa: E402  # as above

K = 10
ROUNDS = 3
GOAL_RECALL, GOAL_GROWTH = 0.97, 3.0
Figures = dict[str, Any]
err = Console(stderr=True, highlight=False)


class Nearest:
    """The `K` chunks nearest to each question that its asker may read, found by looking at all."""

    def __init__(self, book: Handbook) -> None:
        self._book = book
        self._scores = np.full((len(book.asked), K), -np.inf, np.float32)
        self.names = np.full((len(book.asked), K), "", "U36")

    def look(self, rows: Rows) -> None:
        """Take some more chunks into account."""
        tenants = np.array([point.access.tenant for point in rows.points])
        for number, asked in enumerate(self._book.asked):
            who = asker(number)
            mine = np.flatnonzero(tenants == who.tenant)
            places = [place for place in mine if who.may_read(rows.points[place].access)]
            scores = np.append(self._scores[number], rows.vectors[places] @ asked)
            ids = [rows.points[place].chunk.chunk_id for place in places]
            names = np.append(self.names[number], np.array(ids, "U36"))
            best = np.argsort(-scores)[:K]
            self._scores[number], self.names[number] = scores[best], names[best]


def main() -> None:
    """Build what is lacking, measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--source", type=Path, required=True, help="a folder of Markdown files")
    parser.add_argument("--sizes", default="1e4,1e5,1e6")
    parser.add_argument("--keep", type=Path, default=Path("out/scale"))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    book = handbook(given.source, given.keep / "handbook.npz")
    found = []
    for size in (int(float(size)) for size in given.sizes.split(",")):
        built = _built(book, size, given.keep / str(size))
        alone = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, alone) as process:
            found.append(built | process.submit(_measured, book, given.keep / str(size)).result())
    if given.json:
        print(json.dumps({"sizes": found}))  # noqa: T201  # a bench prints
    else:
        _show(found)


def _built(book: Handbook, size: int, folder: Path) -> Figures:
    """What building it took; built now, unless it was before. Written and not indexed, it is only indexed."""
    written, built = folder / "written.json", folder / "built.json"
    if not written.exists():
        err.print(f"writing {size:,} chunks to {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        written.write_text(json.dumps({"chunks": size, "writing_s": _write(book, size, folder)}))
    if not built.exists():
        err.print(f"indexing {size:,} chunks")
        store = EdgeStore(folder / "shard", book.asked.shape[1])
        begin = time.perf_counter()
        store.optimize()
        store.close()
        spent = round(time.perf_counter() - begin, 1)
        built.write_text(json.dumps(json.loads(written.read_text()) | {"indexing_s": spent}))
    return dict(json.loads(built.read_text()))


def _write(book: Handbook, size: int, folder: Path) -> float:
    """Write all chunks, and what is nearest to each question; returns the seconds of the store's part."""
    store, nearest, spent = EdgeStore(folder / "shard", book.asked.shape[1]), Nearest(book), 0.0
    for rows in corpus(book, size):
        begin = time.perf_counter()
        store.write(rows.points, rows.vectors)
        store.flush()  # as every publication does
        spent += time.perf_counter() - begin
        nearest.look(rows)
    store.close()
    np.save(folder / "nearest.npy", nearest.names)
    return round(spent, 1)


def _measured(book: Handbook, folder: Path) -> Figures:
    nearest = np.load(folder / "nearest.npy")
    before = _resident()
    store = EdgeStore(folder / "shard", book.asked.shape[1])
    opened = _resident()
    modes = {mode.value: _asked(store, book, nearest, mode) for mode in Mode}
    files = [file for file in (folder / "shard").rglob("*") if file.is_file()]
    sizes = {
        "disk_mb": sum(file.stat().st_blocks for file in files) * 512 / 2**20,
        "opened_mb": (opened - before) / 2**20,
        "resident_mb": (_resident() - before) / 2**20,
    }
    store.close()
    return {**modes, **{name: round(value) for name, value in sizes.items()}}


def _asked(store: EdgeStore, book: Handbook, nearest: np.ndarray, mode: Mode) -> Figures:
    """All questions in one mode: the first round warms up."""
    times, hits = [], []
    for turn in range(1 + ROUNDS):
        for number, text in enumerate(book.questions):
            question = Question(text, book.asked[number], K, mode)
            begin = time.perf_counter()
            found = store.search(asker(number), question, ())
            if turn:
                times.append(1_000 * (time.perf_counter() - begin))
                hits.append(len({hit.chunk_id for hit in found} & set(nearest[number])) / K)
    p50, p99 = np.percentile(times, [50, 99])
    figures = {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}
    return figures | ({"recall": round(float(np.mean(hits)), 4)} if mode is Mode.DENSE else {})


def _resident() -> int:
    """Bytes in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _show(found: list[Figures]) -> None:
    title = "Search with the access filter on, k = 10; milliseconds"
    columns = ("dense p50", "p99", "recall@10", "words p50", "p99", "hybrid p50", "p99")
    table = Table("chunks", *columns, "disk", "resident", "written in", "indexed in", title=title)
    for row in found:
        dense, sparse, hybrid = (row[mode] for mode in ("dense", "sparse", "hybrid"))
        times = [dense["p50_ms"], dense["p99_ms"], dense["recall"]]
        times += [figure for side in (sparse, hybrid) for figure in (side["p50_ms"], side["p99_ms"])]
        sizes = (f"{row['disk_mb']} MB", f"{row['resident_mb']} MB")
        spent = (f"{row['writing_s']} s", f"{row['indexing_s']} s")
        table.add_row(f"{row['chunks']:,}", *map(str, times), *sizes, *spent)
    out = Console(width=150)
    out.print(table)
    out.print(
        f"goals: recall >= {GOAL_RECALL}; p50 of the largest <= {GOAL_GROWTH:g} times that of the smallest"
    )
    for mode in Mode:
        growth = found[-1][mode.value]["p50_ms"] / found[0][mode.value]["p50_ms"]
        out.print(f"{mode.value}: {growth:.2f} times")


if __name__ == "__main__":
    main()
