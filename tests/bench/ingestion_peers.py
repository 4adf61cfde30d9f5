"""Documents in: ours end to end, LangChain's stock way, and the bare embedder, in one run.

    .venv/bin/python tests/bench/ingestion_peers.py --corpus ../shared/data/corpus/handbook [--json]

Ours is `python -m ingest sync` into a fresh data folder, as a user runs it, document rails and all; with the
start of the process (`ours, all`) and as the sync itself tells it (`ours`, models loaded on the way).
The stock way is TextLoader, RecursiveCharacterTextSplitter (the same chunk size), HuggingFaceEmbeddings (the
same model) and QdrantVectorStore on a local path; its loading of the model is left out. The bare embedder
embeds our chunks in one call. All of them take turns, each in a process of its own; medians are told.

The stock way's two packages stand beside the lock file (they ask for an older huggingface_hub than the rest,
and do without): `make bench` puts them into out/bench/peers.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PEERS = ROOT / "out" / "bench" / "peers"


def main() -> None:
    """Measure, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, required=True, help="A folder of Markdown files.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--files", type=int, help="Take this many files, evenly over the corpus (default: all)."
    )
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _copy(given.corpus, place / "corpus", given.files)
        rounds = [_round(place, number) for number in range(given.rounds)]
    names = rounds[0].keys()
    medians = {name: statistics.median(each[name] for each in rounds) for name in names}
    ratios = {
        "ours to LangChain": medians["ours"] / medians["LangChain"],
        "ours to the bare embedder": medians["ours"] / medians["bare embedder"],
    }
    if given.json:
        print(json.dumps({"chunks/s": medians, "ratios": ratios, "rounds": rounds}))  # noqa: T201  # a bench prints
        return
    for name, figure in medians.items():
        print(f"{name:28} {figure:9.1f} chunks/s")  # noqa: T201  # as above
    for name, figure in ratios.items():
        print(f"{name:28} {figure:9.2f}")  # noqa: T201  # as above


def _copy(corpus: Path, to: Path, most: int | None) -> None:
    """The Markdown files, by links: what else lies there is of no concern to the stock way."""
    files = sorted(corpus.rglob("*.md"))
    if not files:
        raise SystemExit(f"no Markdown files in {corpus}")
    for file in files[:: max(1, len(files) // most)][:most] if most else files:
        link = to / file.relative_to(corpus)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.write_bytes(file.read_bytes())


def _round(place: Path, number: int) -> dict[str, float]:
    """Chunks a second of each, one after another."""
    home = place / f"home-{number}"
    began = time.perf_counter()
    report = _ran(["-m", "ingest", "sync", str(place / "corpus"), "--json"], home)
    whole = time.perf_counter() - began
    bare = _ran([str(HERE / "ingestion_bare.py"), str(home)], home)
    stock = _ran([str(HERE / "ingestion_stock.py"), str(place / "corpus"), str(place / "qdrant")], home)
    return {
        "ours": report["chunks"] / report["seconds"],
        "ours, all": report["chunks"] / whole,
        "bare embedder": bare["chunks"] / bare["seconds"],
        "LangChain": stock["chunks"] / stock["seconds"],
    }


def _ran(arguments: list[str], home: Path) -> dict[str, float]:
    """The JSON that a Python process prints last."""
    paths = os.pathsep.join([str(ROOT), str(PEERS)])
    environment = {**os.environ, "PLUMBLINE_HOME": str(home), "PYTHONPATH": paths, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if not done.stdout.strip():
        raise SystemExit(f"{arguments[0]} printed nothing (exit {done.returncode})")
    return json.loads(done.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
