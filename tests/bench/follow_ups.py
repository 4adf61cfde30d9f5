"""How well follow-ups find their passages, by how they are put: prints, asserts nothing. Minutes.

Arguments: folders as `multiturn/mtrag_human` of the public data has them, each with `corpus.jsonl.gz`
({_id, text}), `qrels.jsonl` ({query_id, corpus_id}) and `queries.jsonl` ({_id, turns, rewrite}). The
passages are indexed as the service does it, and asked for with the last turn alone, with all turns one
after another, with what `service.rewrite` makes of them, and with the rewriting of a human. Questions
that begin a conversation are left out.
"""

import gzip
import json
import math
import sys
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from eval.stats import figure
from ingest.access import Access, Principal
from ingest.documents import Chunk
from ingest.edge import EdgeStore
from ingest.embed import SentenceEmbedder
from ingest.store import Point, Question, embedded_text
from service.answer import Message
from service.rewrite import exchanges, standalone

K, RECALLED, BATCH = 10, 5, 1_024
READER = Principal("bench", "reader")
Row = dict[str, Any]

FORMS: dict[str, Callable[[Row], str]] = {
    "last turn alone": lambda row: row["turns"][-1],
    "all turns": lambda row: " ".join(row["turns"]),
    "service.rewrite": lambda row: rewritten(row["turns"]),
    "a human's rewriting": lambda row: row["rewrite"],
}


def rewritten(turns: list[str]) -> str:
    """The last turn as the service understands it. The data hold no answers."""
    return standalone(turns[-1], exchanges([Message("user", turn) for turn in turns[:-1]]))


def main(folders: list[Path]) -> None:
    """Measure and print."""
    embedder = SentenceEmbedder()
    scores: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for folder in folders:
        golds = _golds(folder)
        with _indexed(folder, embedder) as search:
            for row in _lines(folder / "queries.jsonl"):
                if len(row["turns"]) > 1:
                    subset = "follow-ups" if rewritten(row["turns"]) != row["turns"][-1] else "others"
                    for form, put in FORMS.items():
                        found = search(put(row))
                        for part in ("all", subset):
                            scores[form, part, "nDCG@10"].append(ndcg(found, golds[row["_id"]]))
                            scores[form, part, "recall@5"].append(recall(found, golds[row["_id"]]))
    table = Table("asked with", *(f"{part}, {metric}" for part in PARTS for metric in METRICS))
    for form in FORMS:
        table.add_row(
            form, *(str(figure(scores[form, part, metric])) for part in PARTS for metric in METRICS)
        )
    Console(width=200).print(table)


PARTS, METRICS = ("all", "follow-ups"), ("nDCG@10", "recall@5")


def ndcg(found: list[str], gold: set[str]) -> float:
    """Of the first `K`, with relevance 0 or 1."""
    gain = sum(1 / math.log2(rank + 2) for rank, name in enumerate(found[:K]) if name in gold)
    return gain / sum(1 / math.log2(rank + 2) for rank in range(min(K, len(gold))))


def recall(found: list[str], gold: set[str]) -> float:
    """The share of the gold passages among the first `RECALLED`."""
    return len(gold & set(found[:RECALLED])) / len(gold)


def _golds(folder: Path) -> dict[str, set[str]]:
    """The gold passages of each query, as far as the corpus holds them."""
    held = {row["_id"] for row in _lines(folder / "corpus.jsonl.gz")}
    golds: dict[str, set[str]] = defaultdict(set)
    for row in _lines(folder / "qrels.jsonl"):
        if row["corpus_id"] in held:
            golds[row["query_id"]].add(row["corpus_id"])
    return golds


@contextmanager
def _indexed(folder: Path, embedder: SentenceEmbedder) -> Iterator[Callable[[str], list[str]]]:
    """A search over the folder's passages; gives their ids, best first."""
    points = [_point(row) for row in _lines(folder / "corpus.jsonl.gz")]
    with tempfile.TemporaryDirectory() as place:
        store = EdgeStore(Path(place) / "shard", embedder.dimension)
        for start in range(0, len(points), BATCH):
            batch = points[start : start + BATCH]
            store.write(batch, embedder.encode([embedded_text(point) for point in batch]))

        def search(text: str) -> list[str]:
            question = Question(text, embedder.encode_query(text), K)
            return [found.uri for found in store.search(READER, question, ())]

        yield search
        store.close()


def _point(row: Row) -> Point:
    name = str(uuid.uuid5(uuid.NAMESPACE_URL, row["_id"]))
    chunk = Chunk(name, name, 0, row["text"], 0, len(row["text"]), "", None)
    return Point("1", chunk, row["_id"], row.get("title") or "", Access(READER.tenant))


def _lines(file: Path) -> Iterator[Row]:
    data = file.read_bytes()
    lines = (gzip.decompress(data) if file.suffix == ".gz" else data).decode().strip().split("\n")
    yield from (json.loads(line) for line in lines)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
