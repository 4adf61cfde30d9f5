"""What becomes of every file of a corpus of formats: outcomes, speed and memory of the readers, by format.

A format is a folder of the corpus. A page is a page, slide or sheet that the reader marks, or else 3,000
characters. Each file is loaded alone, by one warm worker, as `sync` loads it; nothing is embedded.

    .venv/bin/python tests/bench/formats.py --data ../shared/data [--json] [--write ingest/FORMATS.md]
"""

import argparse
import json
import os
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from ingest.errors import IngestError, UnsupportedFile
from ingest.load import Loaded, Loader

PAGE = 3_000  # characters
BEGIN, END = "<!-- outcomes: made by tests/bench/formats.py -->", "<!-- end of outcomes -->"
LONGEST_REASON = 70
FIGURES = ("files", "indexed", "skipped", "failed", "members", "files/s", "pages/s", "slowest", "peak")


@dataclass
class Outcomes:
    """Of one format: files by outcome, what was inside them, why others were not read, and the costs."""

    files: int = 0
    indexed: int = 0
    skipped: int = 0
    failed: int = 0
    members: int = 0
    members_not_read: int = 0
    pages: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    peak_mib: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)

    def take(self, loaded: Loaded) -> None:
        """Count a file that was read."""
        self.indexed += bool(loaded.parts)
        self.failed += not loaded.parts
        self.members += sum(1 for part in loaded.parts if part.member)
        self.members_not_read += len(loaded.rejected)
        self.reasons.update(_reason(rejected.error) for rejected in loaded.rejected)
        for part in loaded.parts:
            marked = sum(1 for mark in part.extract.marks if mark.page is not None)
            self.pages += marked or -(-len(part.extract.text) // PAGE)

    def refuse(self, error: IngestError) -> None:
        """Count a file that was not read."""
        skipped = isinstance(error, UnsupportedFile)
        self.skipped += skipped
        self.failed += not skipped
        self.reasons[_reason(error)] += 1


def _reason(error: IngestError) -> str:
    text = re.sub(r"\d+(\.\d+)?", "N", error.message)
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def measure(folder: Path) -> Outcomes:
    """Load every file of one format."""
    outcomes = Outcomes()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with Loader() as loader:
        with suppress(IngestError):  # the start of a worker is no part of a file's time
            loader.load(files[0].read_bytes(), files[0].name)
        for file in files:
            began = time.perf_counter()
            try:
                outcomes.take(loader.load(file.read_bytes(), file.name))
            except IngestError as error:
                outcomes.refuse(error)
            spent = time.perf_counter() - began
            outcomes.files += 1
            outcomes.seconds += spent
            outcomes.slowest = max(outcomes.slowest, spent)
            outcomes.peak_mib = max(outcomes.peak_mib, _workers_peak())
    return outcomes


def _workers_peak() -> float:
    """The most memory that a reader process alive has held, in MiB; 0 where the system does not say."""
    try:
        children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
        states = [Path(f"/proc/{child}/status").read_text() for child in children.split()]
    except OSError:
        return 0.0
    peaks = [int(line.split()[1]) for state in states for line in state.splitlines() if line[:5] == "VmHWM"]
    return max(peaks, default=0) / 1024


def table(measured: dict[str, Outcomes]) -> str:
    """The outcomes as a Markdown table."""
    lines = [f"| folder | {' | '.join(FIGURES)} | not read, and why |", f"|---|{'--:|' * len(FIGURES)}---|"]
    for name, one in measured.items():
        why = "; ".join(f"{count} x {reason}" for reason, count in one.reasons.most_common())
        members = f"{one.members} of {one.members + one.members_not_read}" if one.members else ""
        files, pages = (_rate(amount / max(one.seconds, 1e-9)) for amount in (one.files, one.pages))
        counts = f"{one.files} | {one.indexed} | {one.skipped} | {one.failed} | {members}"
        speeds = f"{files} | {pages} | {one.slowest:.2f} s | {one.peak_mib:.0f} MiB"
        lines.append(f"| {name} | {counts} | {speeds} | {why.replace('|', '/')} |")
    return "\n".join(lines)


def _rate(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or not value else f"{value:.2g}"  # two digits


def write(page: Path, made: str) -> None:
    """Put the table between the marks of a page of the documentation."""
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(f"{head}{BEGIN}\n{made}\n{END}{tail}", encoding="utf-8")


def main() -> None:
    """Measure, then print a table or JSON."""
    parser = argparse.ArgumentParser(description="Outcomes, speed and memory by format.")
    parser.add_argument("--data", required=True, type=Path, help="folder that holds corpus/formats")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write", type=Path, help="page of the documentation to put the table into")
    given = parser.parse_args()
    corpus = given.data / "corpus" / "formats"
    measured = {folder.name: measure(folder) for folder in sorted(corpus.iterdir()) if folder.is_dir()}
    if given.write:
        write(given.write, table(measured))
    if given.json:
        print(json.dumps({name: asdict(one) for name, one in measured.items()}))  # noqa: T201  # a bench prints
    else:
        print(table(measured))  # noqa: T201  # a bench prints


if __name__ == "__main__":
    main()
