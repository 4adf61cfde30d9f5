"""How long 1,000 rows take to be scored by every deterministic and embedding metric, and in what memory.

    python -m tests.bench.scoring [--rows 1000]

The rows are made up: ten passages of 120 words each, answers of 3 to 40 words, a tenth of them refusals.
"""

import argparse
import json
import random
import resource
import time

from eval.dataset import Question
from eval.metrics.cost import Prices
from eval.metrics.table import metrics
from eval.outcome import Cited, Outcome, Passage
from eval.scoring import score
from ingest.embed import SentenceEmbedder

KINDS = ("factual", "table", "multi_passage", "follow_up", "unanswerable", "attack", "benign", "user")
FORMATS = ("pdf", "md", "html", "csv", "docx")
WORDS = [
    f"{first}{second}" for first in ("pump", "leave", "valve", "form", "year") for second in "abcdefghij"
]


def rows(count: int) -> list[Outcome]:
    """The same rows every time."""
    dice = random.Random(7)  # noqa: S311  # a reproducible sample, not a secret
    return [_row(number, dice) for number in range(count)]


def _row(number: int, dice: random.Random) -> Outcome:
    kind = KINDS[number % len(KINDS)]
    uri = f"docs/{number % 97}.{FORMATS[number % len(FORMATS)]}"
    answer = _words(dice, dice.randint(3, 40))
    question = Question(
        id=str(number),
        question=_words(dice, 9),
        answers=(answer, _words(dice, 4)),
        answerable=kind != "unanswerable",
        documents=(uri,),
        kind=kind,
        tenant=("default", "other")[number % 2],
        forbidden=("zebra-77",) if kind == "attack" else (),
        pair=str(number // 2) if kind in {"factual", "table"} else "",
        group=("f", "m")[number % 2],
    )
    passages = tuple(_passage(f"docs/{dice.randrange(97)}.pdf", _words(dice, 120)) for _ in range(10))
    cited = Cited(n=1, chunk_id="c", document_id="d", uri=uri, start=0, end=9, quote=answer, verified=True)
    said = " ".join(dice.sample(answer.split(), k=max(1, len(answer.split()) - 2)))
    return Outcome(
        question=question,
        answer=f"{said} [1]",
        refused=number % 10 == 0,
        grounded=dice.random(),
        retrieved=passages,
        shown=passages[:4],
        citations=(cited,),
        prompt_tokens=900,
        completion_tokens=30,
        first_token_ms=dice.uniform(200, 900),
        total_ms=dice.uniform(900, 4_000),
    )


def _passage(uri: str, text: str) -> Passage:
    return Passage(chunk_id=uri, document_id=uri, uri=uri, text=text, start=0, end=len(text))


def _words(dice: random.Random, count: int) -> str:
    return " ".join(dice.choices(WORDS, k=count))


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000)
    made = rows(parser.parse_args().rows)
    encoder = SentenceEmbedder()
    began = time.monotonic()
    encoder.encode(["loaded before"])
    loaded, before = time.monotonic() - began, _megabytes()
    table = metrics(encoder=encoder, prices=Prices(1.0, 2.0))
    began = time.monotonic()
    score(made, table)
    told = {
        "rows": len(made),
        "metrics": len(table),
        "scoring_s": round(time.monotonic() - began, 1),
        "embedder_loaded_s": round(loaded, 1),
        "peak_mb": round(_megabytes()),
        "added_mb": round(_megabytes() - before),
    }
    slowest = {}
    for metric in table:
        began = time.monotonic()
        metric.scores(made)
        slowest[metric.name] = round(time.monotonic() - began, 2)
    top = sorted(slowest.items(), key=lambda item: item[1], reverse=True)[:8]
    print(json.dumps(told | {"slowest_s": dict(top)}, indent=2))  # noqa: T201  # what the benchmark is for


if __name__ == "__main__":
    main()
