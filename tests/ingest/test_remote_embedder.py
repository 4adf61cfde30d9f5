"""What only an embedder behind an endpoint has to keep; the rest is the contract of all."""

import json

import numpy as np
import pytest

from ingest import remote_embedder
from ingest.embedders import configured
from ingest.errors import EmbedderUnavailable
from ingest.recipe import Recipe
from ingest.settings import IngestSettings
from tests.ingest.embedding_endpoint import KEY, embedding_endpoint

SECRET = "the secret plan"


@pytest.fixture
def endpoint(monkeypatch):
    monkeypatch.setattr(remote_embedder, "FIRST_WAIT", 0)
    with embedding_endpoint() as running:
        yield running


def body(*rows):
    return json.dumps({"data": [{"index": place, "embedding": row} for place, row in rows]}).encode()


def test_texts_go_in_batches_by_count_and_by_characters(endpoint, monkeypatch):
    monkeypatch.setattr(remote_embedder, "TEXTS", 3)
    monkeypatch.setattr(remote_embedder, "CHARACTERS", 10)
    texts = ["a", "b", "c", "d", "x" * 25, "y" * 6, "z" * 5]
    with endpoint.embedder() as embedder:
        rows = embedder.encode(texts)
    assert endpoint.asked == [["a", "b", "c"], ["d"], ["x" * 25], ["y" * 6], ["z" * 5]]
    assert np.allclose(rows, endpoint.model.encode(texts), atol=1e-6)


def test_the_dimension_is_learnt_once(endpoint):
    with endpoint.embedder() as embedder:
        assert embedder.name == "remote/org/hash"
        assert endpoint.asked == []
        assert [embedder.dimension, embedder.dimension] == [64, 64]
        assert len(endpoint.asked) == 1


def test_prompts_and_a_dimension_are_seen_to_here(endpoint):
    with endpoint.embedder(Recipe("query: ", "passage: ", 16)) as embedder:
        [row] = embedder.encode(["leave"])
        assert embedder.encode_query("leave").shape == (16,)
    assert endpoint.asked == [["passage: leave"], ["query: leave"]]
    whole = endpoint.model.encode_query("passage: leave")[:16]
    assert np.allclose(row, whole / np.linalg.norm(whole), atol=1e-6)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_asked_again(endpoint, status):
    endpoint.faults = [status]
    with endpoint.embedder() as embedder:
        assert embedder.encode_query("leave").shape == (64,)
        endpoint.faults = [status] * 4
        assert embedder.encode(["leave"]).shape == (1, 64)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (503, "status 503"),
        (400, "status 400"),
        (401, "EMBEDDER_KEY"),
        (404, "EMBEDDER a model there"),
        (413, "CHUNK_TARGET"),
        (302, "status 302"),
        (b"<html>", "no vectors"),
        (b"[]", "no vectors"),
        (b'{"data": []}', "no vectors"),
        (body((0, [])), "no vectors"),
        (body((0, [0.0, 0.0])), "no vectors"),
        (body((0, [float("nan"), 1.0])), "no vectors"),
        (body((1, [1.0])), "no vectors"),
        (body((0, [1.0]), (1, [1.0])), "no vectors"),
        (body((0, "text")), "no vectors"),
        (body((0, [[1.0]])), "no vectors"),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy_and_without_text_or_key(endpoint, fault, told):
    endpoint.faults = [fault] * 9
    with endpoint.embedder() as embedder, pytest.raises(EmbedderUnavailable, match=told) as refused:
        embedder.encode_query(SECRET)
    assert "PLUMBLINE_INGEST__" in refused.value.remedy
    assert not any(word in str(refused.value) for word in (SECRET, KEY))


def test_nobody_there_is_told(endpoint):
    endpoint.url = "http://127.0.0.1:9"
    with endpoint.embedder() as embedder, pytest.raises(EmbedderUnavailable, match="ConnectError"):
        embedder.encode([SECRET])


def test_vectors_of_another_length_are_not_taken_for_the_models(endpoint):
    with endpoint.embedder() as embedder:
        assert embedder.dimension == 64
        endpoint.faults = [body((0, [1.0, 0.0]))]
        with pytest.raises(EmbedderUnavailable, match=r"2 numbers now, not 64: .*reindex"):
            embedder.encode(["leave"])
    with endpoint.embedder(Recipe(dimension=65)) as embedder, pytest.raises(EmbedderUnavailable, match="65"):
        embedder.encode_query("leave")


def test_settings_name_the_endpoint_and_the_model_there():
    settings = IngestSettings(embedder_url="http://127.0.0.1:9/v1", embedder="org/m", embedder_key=KEY)
    assert configured(settings).name == "remote/org/m"
    assert KEY not in repr(settings)
