"""The most memory that a sync takes, its readers included, of few documents and of many.

Each size runs in a process of its own, on made-up text files, as `python -m ingest sync` goes. With `--hash`
an embedder without a model stands in, and no rails: minutes less, and what grows shows all the more.

    .venv/bin/python -m tests.bench.memory --sizes 1000 20000
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from ingest.access import Access
from ingest.embed import SentenceEmbedder
from ingest.folder import Properties
from ingest.hashing import HashEmbedder
from ingest.order import Order
from ingest.scan import Root
from ingest.settings import IngestSettings
from ingest.sync import sync
from tests.bench.ingestion import tools

GOAL = 0.2  # that the most of the many may lie above the most of the few
PAUSE = 0.1
FOLDER = 200  # files in each
KINDS = ("RssAnon", "RssFile", "RssShmem")
WORDS = ("water", "pump", "valve", "leave", "contract", "invoice", "supplier", "error", "month", "travel")


def main() -> None:
    """Measure, and print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--hash", action="store_true", help="no model, no rails")
    parser.add_argument("--docs", help="(used by the program itself)")
    given = parser.parse_args()
    if given.docs:
        _sync(Path(given.docs), real=not given.hash)
        return
    most = []
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder) / "docs", size)
            began = time.monotonic()
            own, resident = _peak(Path(folder) / "docs", ["--hash"] if given.hash else [])
            most.append(own)
            seconds = time.monotonic() - began
        files = f"with mapped files {resident / 2**20:.0f}"
        _tell(f"{size:7} documents  {own / 2**20:7.0f} MiB at most, {files}  {seconds:6.0f} s")
    _tell(f"growth {most[-1] / most[0] - 1:.3f} (goal: at most {GOAL})")


def _sync(docs: Path, *, real: bool) -> None:
    settings = IngestSettings(home=docs.parent / "home")
    embedder = SentenceEmbedder(settings.embedder) if real else HashEmbedder(384)
    with ExitStack() as stack:
        made = tools(stack, settings, embedder, rails=real)
        report = sync(made, Order((Root.of(str(docs)),), Properties(Access("default"))))
        made.library.optimize()
    if report.failed or report.skipped:
        raise SystemExit(f"not taken whole: {report.failed[:3]} {report.skipped[:3]}")


def _write(docs: Path, size: int) -> None:
    dice = random.Random(size)  # noqa: S311  # made-up texts
    for number in range(size):
        file = docs / f"{number // FOLDER:04}" / f"{number:06}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"Note {number % 100}. {' '.join(dice.choices(WORDS, k=60))}.\n")


def _peak(docs: Path, options: list[str]) -> tuple[int, int]:
    """Bytes of the program's process and those below it, at the worst of many looks: own, and all.

    All are also the index's mapped files, which the system keeps in memory as long as it has room.
    """
    program = subprocess.Popen([sys.executable, "-m", "tests.bench.memory", "--docs", str(docs), *options])
    own = resident = 0
    while program.poll() is None:
        looks = [_resident(pid) for pid in _family(program.pid)]
        own = max(own, sum(each for each, _ in looks))
        resident = max(resident, sum(each for _, each in looks))
        time.sleep(PAUSE)
    if program.returncode:
        raise SystemExit(program.returncode)
    return own, resident


def _family(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        below = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended meanwhile
        return []
    return [pid, *(each for child in below for each in _family(child))]


def _resident(pid: int) -> tuple[int, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # as above
        return 0, 0
    told = {name: int(value.split()[0]) * 1024 for name, _, value in map(_parted, lines) if name in KINDS}
    return told.get("RssAnon", 0), sum(told.values())


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a bench prints


if __name__ == "__main__":
    main()
