"""What search finds in test collections, from their files to the figures."""

import gzip
import json
from math import log2

import pytest
from typer.testing import CliRunner

import eval.commands.retrieval as command
from eval.__main__ import app
from eval.collection import Collection, Entry, collections
from eval.errors import BadQuestions
from eval.retrieval import METRICS, RERANKED, measure
from ingest.catalog import Catalog
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.memory import MemoryStore
from ingest.reranker import Reranked
from ingest.settings import sqlite_url
from ingest.shared_words import SharedWords
from ingest.store import Mode

CORPUS = [
    {"_id": "leave", "title": "Leave", "text": "parental leave lasts weeks"},
    {"_id": "rent", "title": "Rent", "text": "rent is paid monthly"},
    {"_id": "empty", "title": "Nothing", "text": ""},
    {"_id": "pay", "text": "pay comes monthly"},
]
QUERIES = [{"_id": "1", "text": "parental leave"}, {"_id": "2", "text": "monthly"}, {"_id": "3", "text": "x"}]
QRELS = [
    {"query_id": "1", "corpus_id": "leave", "score": 1},
    {"query_id": "2", "corpus_id": "rent", "score": 2},
    {"query_id": "2", "corpus_id": "absent", "score": 1},
    {"query_id": "3", "corpus_id": "pay", "score": 0},
]


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, rows in {"corpus": CORPUS, "queries": QUERIES, "qrels": QRELS, **files}.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_a_collection_is_what_can_be_judged_of_its_files(tmp_path):
    folder = write(tmp_path / "made")
    plain = folder / "corpus.jsonl"
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    read = Collection.read(folder)
    assert [entry.name for entry in read.entries] == ["leave", "rent", "pay"]
    assert read.entries[2] == Entry("pay", "", "pay comes monthly")
    assert read.queries == {"1": "parental leave", "2": "monthly"}
    assert read.relevant == {"1": {"leave"}, "2": {"rent", "absent"}}


def test_a_folder_of_collections_is_read_by_name(tmp_path):
    for name in ("b", "a"):
        write(tmp_path / name)
    (tmp_path / "other").mkdir()
    assert [each.name for each in collections(tmp_path)] == ["a", "b"]
    assert [each.name for each in collections(tmp_path / "b")] == ["b"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"corpus": [{"title": "x", "text": "y"}]}, "corpus.jsonl: a row without '_id'"),
        ({"queries": [{"_id": "1"}]}, "queries.jsonl: a row without 'text'"),
        ({"qrels": [{"query_id": "1", "score": 1}]}, "qrels.jsonl: a row without 'corpus_id'"),
        ({"qrels": []}, "no question has a relevant document"),
    ],
)
def test_what_is_wrong_with_a_collection_is_told(tmp_path, files, told):
    with pytest.raises(BadQuestions, match=told):
        collections(write(tmp_path / "made", **files))


def test_no_collection_at_all_is_told(tmp_path):
    with pytest.raises(BadQuestions, match="no collection in it"):
        collections(tmp_path)


def test_a_document_stands_where_its_best_chunk_does(tmp_path):
    long = "\n\n".join(f"Part {n}: beta " + "word " * 150 for n in range(4))
    entries = (Entry("long", "Long", long), Entry("short", "Short", "beta gamma"))
    made = Collection("made", entries, {"q": "beta"}, {"q": frozenset({"short", "gone"})})
    catalog = Catalog(sqlite_url(tmp_path / "catalog.db"))
    with Library(tmp_path, catalog, HashEmbedder(), lambda *_: MemoryStore()) as library:
        measured = measure(library, made)
    assert (measured.documents, measured.chunks) == (2, 5)
    scores = {name: values["q"] for name, values in measured.found[Mode.SPARSE].scores.items()}
    place = {1: (1, 1.0), 2: (1 / log2(3), 0.5)}[round(1 / scores["mrr@10"])]
    assert scores["ndcg@10"] == pytest.approx(place[0] / (1 + 1 / log2(3)))
    assert scores["recall@10"] == 0.5
    single, gain = measured.gain("recall@10")
    assert single in {Mode.DENSE, Mode.SPARSE}
    assert gain.difference.value == 0.0


def test_the_command_tells_the_figures_of_every_mode(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "configured", lambda *_: HashEmbedder(64))
    write(tmp_path / "made")
    result = CliRunner().invoke(
        app, ["retrieval", "--data", str(tmp_path), "--out", str(tmp_path / "out"), "--json"]
    )
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert json.loads((tmp_path / "out" / "retrieval.json").read_text()) == told
    [made] = told["collections"]
    assert (made["name"], made["documents"], set(made["modes"])) == ("made", 3, set(Mode))
    for figures in made["modes"].values():
        assert set(figures) == set(METRICS)
        assert all(
            0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1 for figure in figures.values()
        )
        assert figures["ndcg@10"]["n"] == 2
    assert set(made["hybrid_against_better"]) == set(METRICS)


def test_a_conversations_question_is_its_rewrite(tmp_path):
    asked = [{"_id": "1", "rewrite": "How long is parental leave?", "lastturn": "How long?"}]
    assert Collection.read(write(tmp_path / "made", queries=asked)).queries == {"1": asked[0]["rewrite"]}


def test_what_a_reranker_makes_of_the_hybrid_search_is_measured_beside_it(tmp_path):
    made = Collection(
        "made",
        (Entry("often", "", "leave leave leave leave of all kinds"), Entry("right", "", "the leave of dogs")),
        {"q": "the leave of dogs"},
        {"q": frozenset({"often"})},
    )
    with Library(
        tmp_path, Catalog(sqlite_url(tmp_path / "c.db")), HashEmbedder(), lambda *_: MemoryStore()
    ) as library:
        measured = measure(library, made, order=Reranked(SharedWords(weight=20.0)))
    assert set(measured.found) == {*Mode, RERANKED}
    assert measured.found[RERANKED].scores["mrr@10"]["q"] == 0.5
    assert measured.change("mrr@10", Mode.HYBRID, RERANKED).difference.n == 1


def test_the_command_tells_what_a_reranker_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "configured", lambda *_: HashEmbedder(64))
    monkeypatch.setattr("ingest.cross_encoder.CrossEncoderReranker", lambda *_: SharedWords())
    write(tmp_path / "made")
    asked = ["retrieval", "--data", str(tmp_path), "--reranker", "some"]
    told = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert told["reranker"] == "some"
    [made] = told["collections"]
    assert set(made["modes"]) == {*Mode, RERANKED}
    assert set(made["rerank_against_hybrid"]) == set(METRICS)
    monkeypatch.setenv("COLUMNS", "200")
    assert "reranking's gain" in CliRunner().invoke(app, asked).stdout


def test_the_command_names_what_it_cannot_read(tmp_path):
    result = CliRunner().invoke(app, ["retrieval", "--data", str(tmp_path)])
    assert result.exit_code == 2
    assert "no collection in it" in result.stderr
