import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ingest.hashing import HashEmbedder
from ingest.vector_cache import FILE, CachedEmbedder

ROOT = Path(__file__).parents[2]
# Embeds without end, and says so each time.
PROGRAM = """
import sys
from itertools import count
from pathlib import Path
from ingest.hashing import HashEmbedder
from ingest.vector_cache import CachedEmbedder
cached = CachedEmbedder(HashEmbedder(), Path(sys.argv[1]), 2**20)
for number in count():
    cached.encode([f"{number} {place}" for place in range(40)])
    print(number, flush=True)
"""
TEXTS = ["leave", "rent", "pay day", "leave"]


class Counted(HashEmbedder):
    """Notes what it embeds."""

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.seen = []

    def encode(self, texts):
        self.seen += texts
        return super().encode(texts)


@pytest.fixture
def embedder():
    return Counted()


def test_what_is_known_is_not_embedded_again_and_comes_back_bit_for_bit(tmp_path, embedder):
    first = CachedEmbedder(embedder, tmp_path, 2**20).encode(TEXTS)
    again = CachedEmbedder(embedder, tmp_path, 2**20).encode([*reversed(TEXTS), "new"])
    assert embedder.seen == ["leave", "rent", "pay day", "new"]
    assert np.array_equal(first, HashEmbedder().encode(TEXTS))
    assert np.array_equal(again[:4], first[::-1])


@pytest.mark.parametrize("other", [Counted(16), Counted(64, "other")])
def test_another_embedder_finds_nothing(tmp_path, embedder, other):
    CachedEmbedder(embedder, tmp_path, 2**20).encode(TEXTS)
    assert np.array_equal(CachedEmbedder(other, tmp_path, 2**20).encode(TEXTS), other.encode(TEXTS))
    assert other.seen[:3] == TEXTS[:3]


def test_neither_text_nor_its_plain_hash_is_in_the_file(tmp_path, embedder):
    CachedEmbedder(embedder, tmp_path, 2**20).encode(["a secret plan"])
    kept = b"".join(file.read_bytes() for file in tmp_path.glob(f"{FILE}*"))
    assert b"secret plan" not in kept
    assert (tmp_path / "fingerprint-key").stat().st_mode & 0o077 == 0


def test_it_stays_within_its_bytes_and_forgets_what_was_longest_unused(tmp_path, embedder, monkeypatch):
    now = iter(range(1, 10_000))
    monkeypatch.setattr("ingest.vector_cache.time.time", lambda: next(now))
    cached = CachedEmbedder(embedder, tmp_path, 200_000)
    for number in range(600):
        cached.encode(["kept", f"text {number}"])
    embedder.seen.clear()
    cached.encode(["kept", "text 599", "text 0"])
    assert embedder.seen == ["text 0"]
    assert (tmp_path / FILE).stat().st_size < 250_000


def test_a_damaged_file_is_set_aside_and_fails_nothing(tmp_path, embedder, caplog):
    CachedEmbedder(embedder, tmp_path, 2**20).encode(TEXTS)
    for file in tmp_path.glob(f"{FILE}-*"):
        file.unlink()
    (tmp_path / FILE).write_bytes(b"no database at all, but long enough for a head" * 9)
    with caplog.at_level(logging.WARNING):
        rows = CachedEmbedder(embedder, tmp_path, 2**20).encode(TEXTS)
    assert np.array_equal(rows, HashEmbedder().encode(TEXTS))
    assert "set aside" in caplog.text
    assert (tmp_path / f"{FILE}.damaged").exists()


def test_a_killed_process_leaves_whole_vectors_and_nothing_damaged(tmp_path, embedder, caplog):
    running = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(running, cwd=ROOT, stdout=subprocess.PIPE) as process:
        for _ in range(5):
            process.stdout.readline()
        process.kill()  # amid the next ones
        told = 5 + len(process.stdout.readlines())
    texts = [f"{number} {place}" for number in range(told) for place in range(40)]
    rows = CachedEmbedder(embedder, tmp_path, 2**20).encode(texts)
    assert np.array_equal(rows, HashEmbedder().encode(texts))
    assert embedder.seen == []
    assert caplog.text == ""
