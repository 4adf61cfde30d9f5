"""The rail for leakage: what it catches and flags by mistake on a corpus of which a quarter is closed, how
long a look takes (in processor time), and what fingerprints weigh.

    PYTHONPATH=. .venv/bin/python tests/bench/leakage.py --corpus FOLDER [--chunks 100000]

Sentences are copied from closed documents, reworded (a fifth of their long words replaced, function words
changed, halves swapped), or made of rows of their tables; beside them stand the same of open documents, and
sentences of a quarter that is neither: these may share boilerplate with what is closed.
"""

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from guardrails.leakage import Leakage
from guardrails.rail import Sample
from guardrails.sentences import sentences
from guardrails.shingles import asked, kept, tokens
from guardrails.verdict import Stage
from ingest.access import Access, Principal
from ingest.fingerprint import Seal
from ingest.holdings import Holdings

FUNCTION_WORDS = ["the", "a", "an", "of", "to", "in", "on", "for", "with", "and", "is", "are", "this"]
THRESHOLD = 0.5
READER = Principal("t", "reader")


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Closed:
    """Withholds what some texts say and others do not."""

    key = "bench"

    def __init__(self, closed: list[str], readable: list[str]) -> None:
        self._seal = Seal(b"bench")
        hr, everybody = Access.of("t", ["hr"]), Access("t")
        self.holdings = Holdings.of(
            [(hr, self._seal.fingerprint(text).hashes) for text in closed],
            [(everybody, self._seal.fingerprint(text).hashes) for text in readable],
        )
        self._mask = self.holdings.closed_to(READER)

    def among(self, shingles: set[int]) -> list[int]:
        values = list(shingles)
        return [values[at] for at in self.holdings.among(self._seal.hashes(values), self._mask)]


def said(texts: list[str], least: int) -> list[str]:
    found = [text[a:b].strip() for text in texts for a, b in sentences(text)]
    return [sentence for sentence in found if len(tokens(sentence)) >= least]


def reworded(sentence: str, words: list[str], chance: random.Random) -> str:
    out = []
    for word in sentence.split():
        if word.lower() in FUNCTION_WORDS:
            out += [chance.choice(FUNCTION_WORDS)] if chance.random() < 0.5 else []
        elif len(word) > 4 and not re.search(r"\d", word) and chance.random() < 0.2:
            out.append(chance.choice(words))
        else:
            out.append(word)
    half = len(out) // 2
    return " ".join(out[half:] + out[:half] if len(out) > 8 and chance.random() < 0.5 else out)


def rows(texts: list[str]) -> Iterator[str]:
    for text in texts:
        tabled = [line.strip("| ").split("|") for line in text.split("\n") if "|" in line]
        lines = [[cell.strip() for cell in cells] for cells in tabled]
        for head, row in pairwise(lines):
            numbers = [at for at, cell in enumerate(row) if at and re.search(r"\d\d", cell)]
            if len(head) == len(row) > 1 and numbers:
                yield f"The {head[numbers[0]]} of {row[0]} is {row[numbers[0]]}."


def quality(corpus: Path) -> None:
    chance = random.Random(5)  # noqa: S311  # made-up texts
    files = sorted(corpus.rglob("*.md"))
    chance.shuffle(files)
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    quarter = len(texts) // 4
    closed, readable, other = texts[:quarter], texts[quarter : 3 * quarter], texts[3 * quarter :]
    words = re.findall(r"[a-z]{5,}", " ".join(readable[:200]))
    withheld, rail = Closed(closed, readable), Leakage()

    def share(name: str, found: list[str], take: Callable[[str], str] = str) -> None:
        chosen = [take(each) for each in chance.sample(found, min(len(found), 1_000))]
        caught = [
            rail.inspect(Sample(text, Stage.OUTPUT, withheld=withheld)).score >= THRESHOLD for text in chosen
        ]
        tell(f"{name:42s} n={len(chosen):5d}  {sum(caught) / max(1, len(caught)):.3f}")

    everything_open = set().union(*map(kept, readable))

    def new(sentence: str) -> bool:
        said_by_it = kept(sentence)
        return len(said_by_it - everything_open) > len(said_by_it) / 2

    def change(sentence: str) -> str:
        return reworded(sentence, words, chance)

    secret = [sentence for sentence in said(closed, 5) if new(sentence)]
    share("closed, copied, 5 to 9 words", [s for s in secret if len(tokens(s)) < 10])
    share("closed, copied, 10 words and more", [s for s in secret if len(tokens(s)) >= 10])
    share("closed, reworded, 5 to 9 words", [s for s in secret if len(tokens(s)) < 10], change)
    share("closed, reworded, 10 words and more", [s for s in secret if len(tokens(s)) >= 10], change)
    share("closed, rows made sentences", [row for row in rows(closed) if new(row)])
    share("open, copied", said(readable, 1))
    share("open, reworded", said(readable, 1), change)
    share("open, rows made sentences", list(rows(readable)))
    share("of documents unknown to both", said(other, 1))
    characters = sum(map(len, texts))
    weight = sum(len(Seal(b"bench").fingerprint(text).hashes) for text in texts)
    tell(f"bytes a page of 3,000 characters: {3_000 * weight / characters:.0f}")


def speed(chunks: int, corpus: Path) -> None:
    """With made-up hashes, as many as chunks of 900 characters have; a tenth of them restricted."""
    chance = np.random.default_rng(1)
    count = int(chunks * 900 * 0.107)
    hashes = np.sort(chance.integers(0, 2**64, count, dtype=np.uint64)).astype(">u8")
    shares = np.array_split(chance.permutation(hashes), max(1, chunks // 10))
    held = [(Access.of("t", [f"g{at % 20}"]), np.sort(each).tobytes()) for at, each in enumerate(shares)]
    tenth = len(held) // 10
    began = time.thread_time()
    holdings = Holdings.of(held[:tenth], held[tenth:])
    tell(f"read anew, {chunks} chunks: {time.thread_time() - began:.2f} s, without the database")
    every = Holdings.of(held, [])
    seal, mask = Seal(b"bench"), every.closed_to(READER)
    files = sorted(corpus.rglob("*.md"))[:40]
    texts = said([file.read_text("utf-8", "replace") for file in files], 3)[:1_000]
    looked, told = [], []
    for text in texts:
        values = {shingle.value for shingle in asked(tokens(text))}
        began = time.thread_time()
        every.among(seal.hashes(values), mask)
        looked.append(time.thread_time() - began)
        began = time.thread_time()
        asked(tokens(text))
        told.append(time.thread_time() - began)
    for name, times in (("look", looked), ("shingles", told)):
        middle, most = (np.quantile(times, share) * 1e6 for share in (0.5, 0.99))
        tell(f"{name} a sentence: p50 {middle:.0f} µs, p99 {most:.0f} µs")
    for name, kind in (("a tenth restricted", holdings), ("all restricted", every)):
        tell(f"memory, {name}: {(kind.hashes.nbytes + kind.classes.nbytes) / 2**20:.0f} MiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--chunks", type=int, default=100_000)
    options = parser.parse_args()
    quality(options.corpus)
    speed(options.chunks, options.corpus)
