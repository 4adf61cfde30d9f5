"""One contract for every reranker: the fake, and a cross-encoder by torch, by OpenVINO, and packed."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from finetune.retrieval.packing import pack
from ingest.cross_encoder import USE, CrossEncoderReranker
from ingest.documents import Passage
from ingest.errors import RerankerUnavailable
from ingest.rerankers import ordered
from ingest.settings import IngestSettings
from ingest.shared_words import SharedWords
from tests.retrieval_models import tiny_reranker

TEXTS = [
    "paid leave of parents",
    "rent",
    "a much longer text about leave and holidays " * 30,
    "",
    "paid leave",
]
QUESTION = "how long is the paid leave?"


def passage(name):
    return Passage(name, name, f"file:///{name}", "T", "", f"leave {name}", 0, 7, None, 0.5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_reranker(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def packed(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("packed") / "reranker"
    shutil.copytree(folder, place)
    pack(place)
    return place


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def rerankers(folder, packed, cache):
    return {
        "shared words": SharedWords(),
        "torch": CrossEncoderReranker(folder, cache, "torch"),
        "openvino": CrossEncoderReranker(folder, cache),
        "packed": CrossEncoderReranker(packed, cache, "torch"),
    }


@pytest.fixture(params=["shared words", "torch", "openvino", "packed"])
def reranker(request, rerankers):
    return rerankers[request.param]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_each_text_has_a_score_from_nought_to_one(reranker, count):
    scores = reranker.scores(QUESTION, TEXTS[:count])
    assert (scores.shape, scores.dtype) == ((count,), np.float32)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_scores_come_back_in_the_order_of_the_texts(reranker):
    scores = reranker.scores(QUESTION, TEXTS)
    alone = [reranker.scores(QUESTION, [text])[0] for text in TEXTS]
    assert np.allclose(scores, alone, atol=0.02)
    assert np.allclose(reranker.scores(QUESTION, TEXTS[::-1]), scores[::-1], atol=0.02)
    assert len({round(float(score), 2) for score in scores}) > 1


@pytest.mark.parametrize("text", ["", "\x00", "\U0001f600" * 50, "word " * 5000])
def test_odd_texts_have_a_score_too(reranker, text):
    assert np.isfinite(reranker.scores(text, [text])).all()


def test_threads_may_share_one(reranker):
    wanted = [reranker.scores(QUESTION, [text])[0] for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: reranker.scores(QUESTION, [text])[0], TEXTS * 3))
    assert np.allclose(found, wanted * 3, atol=0.02)


def test_openvino_and_packed_weights_say_what_torch_says(rerankers, cache):
    wanted = rerankers["torch"].scores(QUESTION, TEXTS)
    assert np.abs(rerankers["openvino"].scores(QUESTION, TEXTS) - wanted).max() < 0.05
    assert np.abs(rerankers["packed"].scores(QUESTION, TEXTS) - wanted).max() < 0.1
    assert len(list((cache / "openvino").glob("*.xml"))) == 1
    assert len(list((cache / "rerankers").iterdir())) == 1


def test_the_name_changes_with_the_weights_and_with_how_they_are_used(folder, packed, tmp_path):
    used = tmp_path / folder.name
    shutil.copytree(folder, used)
    (used / USE).write_text(json.dumps({"weight": 2.5, "tokens": 64}))
    made = [CrossEncoderReranker(each, tmp_path) for each in (folder, packed, used)]
    assert len({one.name for one in made}) == 3
    assert [one.weight for one in made] == [1.0, 1.0, 2.5]


def test_a_model_that_cannot_be_loaded_is_told_with_the_remedy(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("nobody/nothing", tmp_path / "empty"):
        with pytest.raises(RerankerUnavailable, match="RERANKER"):
            CrossEncoderReranker(name, tmp_path).scores("q", ["text"])
    (tmp_path / "empty" / USE).write_text("{")
    with pytest.raises(RerankerUnavailable, match=r"reranker\.json cannot be read"):
        CrossEncoderReranker(tmp_path / "empty", tmp_path)


def test_the_setting_names_a_reranker_or_none(folder, tmp_path):
    settings = IngestSettings(home=tmp_path, cache=tmp_path, runtime="torch")
    found = [passage(name) for name in "ab"]
    assert ordered("", settings).best("q", 2, lambda _: found) == found
    made = ordered(str(folder), settings)
    assert {one.chunk_id for one in made.best("q", 2, lambda _: found)} == {"a", "b"}
    with pytest.raises(RerankerUnavailable):
        ordered("nobody/nothing", settings)
