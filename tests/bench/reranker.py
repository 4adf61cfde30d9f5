"""How long a reranker takes for the 20 passages that a question finds, on the questions of a collection.

    .venv/bin/python tests/bench/reranker.py --reranker FOLDER --data FOLDER [--count 100] [--json]

`--data` is a folder with corpus, queries and qrels.jsonl. Times are of two threads, without the search.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))

from eval.collection import Collection  # after the path is set
from finetune.retrieval.index import indexed  # as above
from ingest.cross_encoder import CrossEncoderReranker  # as above
from ingest.embed import SentenceEmbedder  # as above
from ingest.reranker import DEPTH, shown  # as above
from ingest.settings import IngestSettings  # as above

THREADS = 2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--reranker", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(THREADS)
    cache = IngestSettings().cache
    reranker = CrossEncoderReranker(given.reranker, cache)
    collection = Collection.read(given.data)
    taken = []
    with indexed([collection], SentenceEmbedder(converted=cache / "openvino")) as [index]:
        for text in list(collection.queries.values())[: given.count]:
            passages = [shown(passage) for passage in index.found(text, DEPTH)]
            began = time.perf_counter()
            reranker.scores(text, passages)
            taken.append(1000 * (time.perf_counter() - began))
    taken = taken[5:]  # the first load and compile
    told = {
        "reranker": reranker.name,
        "questions": len(taken),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1),
    }
    text = json.dumps(told) if given.json else "\n".join(f"{name}: {value}" for name, value in told.items())
    print(text)  # noqa: T201  # a bench prints


if __name__ == "__main__":
    main()
