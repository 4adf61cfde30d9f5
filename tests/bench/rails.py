"""What the shipped rails cost, beyond the question's own embedding: `make bench`. Prints, asserts nothing.

    python tests/bench/rails.py --data ../shared/data [--policy balanced] [--rounds 200] [--peers PYTHON]

Texts are real ones, clean and dirty. A time is a wall clock's, the median of many texts; beside it stands the
process's own time on the processors, which a busy machine does not stretch. Memory is of a fresh process.
`--peers` names an interpreter that has other guardrails installed (see rails_peers.py).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from guardrails.build import build_guard  # noqa: E402  # as above
from guardrails.guard import Guard  # noqa: E402  # as above
from guardrails.policy import Policy  # noqa: E402  # as above
from guardrails.policy_file import load_policy  # noqa: E402  # as above
from guardrails.rail import Embedded  # noqa: E402  # as above
from guardrails.verdict import Stage  # noqa: E402  # as above
from ingest.embed import SentenceEmbedder  # noqa: E402  # as above
from tests.bench.rails_texts import Texts, read_texts  # noqa: E402  # found once the line above has run
from tests.bench.rails_times import Cost, Stopwatch, Streaming, costs, stream  # noqa: E402  # as above

WARM = 10  # texts of each kind that are screened before anything is measured


def main() -> None:
    """Measure and print."""
    given = arguments()
    if given.memory:
        print(json.dumps(memory(load_policy(given.policy), given.data)))  # noqa: T201  # to the process that asked
        return
    if not given.data.is_dir():
        print(f"rails: no public data in {given.data}: name its folder (make bench DATA=...)")  # noqa: T201  # a bench prints
        return
    policy, embedder = load_policy(given.policy), SentenceEmbedder()
    texts, watch = read_texts(given.data, given.rounds), Stopwatch()
    guard = build_guard(policy, embedder, watch=watch)
    vectors = {text: Embedded(embedder.encode_query(text), embedder.name) for text in texts.questions}
    warm(guard, texts)
    found = measured(guard, texts, vectors, watch)
    streaming = stream(guard, texts.answers)
    show(policy, found, streaming, resident(given), peers(given, texts))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="What the rails cost.")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="public data")
    parser.add_argument("--policy", default="balanced")
    parser.add_argument("--rounds", type=int, default=200, help="texts of each kind")
    parser.add_argument("--peers", help="interpreter with other guardrails")
    parser.add_argument("--memory", action="store_true", help="measure memory alone, in this process")
    return parser.parse_args()


def warm(guard: Guard, texts: Texts) -> None:
    """Load every model, and give each kind of text its first, slow turns."""
    for kind in (texts.questions, texts.passages, texts.pages):
        for stage in (Stage.INPUT, Stage.PASSAGE, Stage.DOCUMENT):
            for text in kind[:WARM]:
                guard.screen(stage, text)
    for answer in texts.answers[:WARM]:
        for sentence in answer.sentences:
            guard.screen(Stage.OUTPUT, sentence, context=answer.passages)


def measured(guard: Guard, texts: Texts, vectors: dict[str, Any], watch: "Stopwatch") -> dict[str, Cost]:
    """By the stage: each text once, in turn."""
    said = [(sentence, answer.passages) for answer in texts.answers for sentence in answer.sentences]
    return {
        "input, 200 characters": costs(
            [lambda t=t: guard.screen(Stage.INPUT, t, vector=vectors[t]) for t in texts.questions], watch
        ),
        "output, a sentence": costs(
            [lambda s=s, c=c: guard.screen(Stage.OUTPUT, s, context=c) for s, c in said], watch
        ),
        "passage, 1,000 characters": costs(
            [lambda t=t: guard.screen(Stage.PASSAGE, t) for t in texts.passages],
            watch,
            [len(text) / 1_000 for text in texts.passages],
        ),
        "document, a page of 4,000": costs(
            [lambda t=t: guard.screen(Stage.DOCUMENT, t) for t in texts.pages], watch
        ),
    }


def resident(given: argparse.Namespace) -> dict[str, float]:
    """Memory of a process of its own."""
    command = [sys.executable, __file__, "--memory", "--data", str(given.data), "--policy", given.policy]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def memory(policy: Policy, data: Path) -> dict[str, float]:
    """In MB of 10^6 bytes: with the embedder alone, with the rails built, with them warm."""
    texts, embedder = read_texts(data, WARM), SentenceEmbedder()
    embedder.encode_query(texts.questions[0])
    # Both copies of its weights, in the shapes that rails ask for too.
    embedder.encode([*texts.passages, *texts.pages])
    embedder.encode(texts.questions)
    told = {"embedder": megabytes()}
    guard = build_guard(policy, embedder)
    told["built"] = megabytes()
    warm(guard, texts)
    return told | {"warm": megabytes()}


def megabytes() -> float:
    """Resident memory of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1_024 / 1e6 for line in lines if line.startswith("VmRSS:"))


def peers(given: argparse.Namespace, texts: Texts) -> list[dict[str, Any]]:
    """Other guardrails on the same questions, each in a process of its own."""
    told = []
    for python in [sys.executable, *([given.peers] if given.peers else [])]:
        command = [python, str(HERE / "rails_peers.py")]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, input=json.dumps(texts.questions)
        )
        told += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return list({each["name"]: each for each in told}.values())


GOALS = {
    "input, 200 characters": "p50 ≤ 8 ms, p99 ≤ 25 ms",
    "output, a sentence": "≤ 10 ms",
}


def show(
    policy: Policy,
    found: dict[str, Cost],
    streaming: Streaming,
    resident_mb: dict[str, float],
    others: list[dict[str, Any]],
) -> None:
    """Print what was measured beside its goals."""
    table = Table("figure", "p50 ms", "p99 ms", "processor, median ms", "texts", "goal", title=policy.version)
    for name, cost in found.items():
        table.add_row(name, *cost.cells(), GOALS.get(name, ""))
        for rail, part in cost.rails.items():
            table.add_row(f"  {rail}", *part.cells(), "")
    table.add_row("stream: last token to release", *streaming.release.cells(), "")
    table.add_row("stream: between tokens", *streaming.between.cells(), "")
    first = f"{streaming.late} of {streaming.answers} after more than a sentence"
    table.add_row("stream: first words come", first, "", "", "", "after one sentence at most")
    rails = {name: resident_mb[name] - resident_mb["embedder"] for name in ("built", "warm")}
    held = f"{rails['built']:.0f} MB built, {rails['warm']:.0f} MB warm"
    table.add_row(
        "memory above the embedder's", held, "", f"{resident_mb['embedder']:.0f} MB", "", "≤ 600 MB"
    )
    ours = found["input, 200 characters"]
    for each in others:
        if "error" in each:
            table.add_row(each["name"], each["error"])
        else:
            ratio = f"{each['p50'] / ours.wall.p50:.1f} times ours"
            cells = (f"{each['p50']:.2f}", f"{each['p99']:.2f}", f"{each['cpu']:.2f}", str(each["n"]), ratio)
            table.add_row(f"{each['name']}, the same questions", *cells)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
