"""Embedders and rerankers are trained on tiny models: whole or not at all, and a killed run goes on."""

import json
from dataclasses import replace

import pytest
import torch

from eval.collection import Collection, Entry
from finetune.card import read_card
from finetune.errors import BadPlace, BadSource, OtherRun
from finetune.hooks import Hooks
from finetune.retrieval import embedder, reranker
from finetune.retrieval.bench import Bench
from finetune.retrieval.doubts import doubtful, told_apart
from finetune.retrieval.material import Material
from finetune.retrieval.parts import Part, Split
from finetune.retrieval.recipe import Recipe
from finetune.retrieval.run import Run, digest_of
from finetune.retrieval.trainers import Near, train_embedder
from ingest.cross_encoder import PACKED, USE, CrossEncoderReranker
from ingest.embed import SentenceEmbedder
from ingest.shared_words import SharedWords
from tests.retrieval_models import tiny_embedder

WORDS = ("leave", "rent", "travel", "pay", "sick", "lunch", "phones", "bikes")
ENTRIES = tuple(
    Entry(
        f"{word}-{other}",
        f"All about {word} {other}",
        f"The {word} of {other} is a matter of {word} and {other}.",
    )
    for word in WORDS
    for other in WORDS
    if word < other
)
QUERIES = {entry.name: f"what is the {entry.name.replace('-', ' of ')}" for entry in ENTRIES}
MADE = Collection("made", ENTRIES, QUERIES, {name: frozenset({name}) for name in QUERIES})
MATERIAL = Material(MADE, Split(tune=20, held=30))
SOURCES = ({"name": "made", "sha256": "0" * 64},)
FAST = Recipe(learning_rate=1e-3, epochs=1.0, rows=8, tokens=32, keep=2)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Tiny models are no work for two, which would wait for each other."""
    usual = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(usual)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_embedder(tmp_path_factory.mktemp("base"))


def bench(told=None):
    return Bench(SentenceEmbedder, str, hooks=Hooks({"log": (told if told is not None else []).append}))


class Killed(Exception):
    pass


def test_a_killed_run_goes_on_from_its_last_whole_checkpoint(base, tmp_path):
    rows = [
        Near(QUERIES[name], f"{title} {text}", ("nothing of that",)) for name, title, text in ENTRIES[:20]
    ]
    recipe = replace(FAST, rows=1, keep=10)
    steps = []

    def kill(step):
        steps.append((step.step, step.saved))
        if step.step == 20:
            raise Killed

    with pytest.raises(Killed):
        train_embedder(str(base), rows, recipe, tmp_path, kill)
    # Killed while it wrote the last one.
    broken = tmp_path / "checkpoint-999"
    broken.mkdir()
    (broken / "trainer_state.json").write_text('{"glob')
    history = train_embedder(
        str(base), rows, recipe, tmp_path, lambda step: steps.append((step.step, step.saved))
    )
    assert steps == [(10, False), (10, True), (20, False), (20, False), (20, True)]
    assert [each.step for each in history] == [20]
    assert SentenceEmbedder(str(tmp_path / "model")).dimension == 32


def test_an_embedder_is_trained_and_measured_on_documents_that_it_did_not_see(base, tmp_path):
    told, out = [], tmp_path / "embedder"
    order = embedder.Order(str(base), recipe=replace(FAST, epochs=8.0))
    made = embedder.make([MATERIAL], SOURCES, order, out, bench(told))
    card = read_card(out)
    assert card["name"] == made["name"]
    assert card["name"].startswith("embedder-")
    assert (told[-1].name, told[-1].subject) == ("trained", str(out))
    assert {(event.name, event.subject) for event in told[:-1]} == {("epoch ended", f"{out}.run")}
    assert made["changes"].keys() == {"made, dense", "made, hybrid"}
    held = len(MATERIAL.split.only(MADE, Part.HELD).queries)
    for change in made["changes"].values():
        assert change["before"]["n"] == change["after"]["n"] == held
    # Words that it has learnt are found in documents that it has not (by 0.30, within 0.15 and 0.46).
    assert made["changes"]["made, dense"]["difference"]["value"] > 0
    assert "ndcg@10, made, dense" in (out / "card.md").read_text()
    assert not list(tmp_path.glob("*.run"))
    with pytest.raises(BadPlace, match="never changed"):
        embedder.make([MATERIAL], SOURCES, order, out, bench())


def test_documents_without_questions_train_an_embedder_too_and_a_failing_hook_leaves_it(base, tmp_path):
    def fail(event):
        if event.name == "trained":
            raise ValueError("no tracker")

    bare = Material(replace(MADE, queries={}, relevant={}), MATERIAL.split, pieces=True)
    failing = Bench(SentenceEmbedder, str, hooks=Hooks({"tracker": fail}))
    embedder.make([bare], SOURCES, embedder.Order(str(base), recipe=FAST), tmp_path / "out", failing)
    assert "no tracker" in failing.hooks.failed[0]
    assert read_card(tmp_path / "out")["dataset"]["questions"]["rows"] > 0


def test_nothing_to_ask_is_told(base, tmp_path):
    few = Material(Collection("few", (Entry("a", "", "short"),), {}, {}), MATERIAL.split)
    with pytest.raises(BadSource, match="no question can be made"):
        embedder.make([few], SOURCES, embedder.Order(str(base), recipe=FAST), tmp_path / "out", bench())


def test_a_reranker_is_trained_packed_weighed_and_measured(base, tmp_path):
    told, out = [], tmp_path / "reranker"
    order = reranker.Order(str(base), str(base), layers=1, packed=True, recipe=replace(FAST, rows=16))
    order = replace(order, doubts=str(squad(tmp_path / "squad.json")))
    made = reranker.make([MATERIAL], SOURCES, order, out, tmp_path / "cache", bench(told))
    assert read_card(out)["name"] == made["name"]
    assert {file.name for file in out.glob("*.safetensors")} == {PACKED}
    assert json.loads((out / USE).read_text()) == {"weight": made["weight"], "tokens": 32}
    assert made["changes"].keys() == {"made"}
    assert made["told_apart"]["n"] == 2
    assert "AUC" in (out / "card.md").read_text()
    assert told[-1].name == "trained"
    again = CrossEncoderReranker(out, tmp_path / "cache", "torch")
    assert again.scores("leave", ["leave", "rent"]).shape == (2,)


def test_a_run_keeps_its_rows_and_is_not_mixed_with_another(tmp_path):
    out = tmp_path / "out"
    run = Run(out, {"epochs": 1})
    assert run.rows(lambda: [("a", 1)]) == [["a", 1]]
    assert Run(out, {"epochs": 1}).rows(lambda: pytest.fail("made twice")) == [["a", 1]]
    with pytest.raises(OtherRun, match="other options"):
        Run(out, {"epochs": 2})
    assert not out.exists()
    run.model.mkdir()
    run.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_digest_of_a_source_changes_with_any_of_its_files(tmp_path):
    (tmp_path / "a").write_text("a")
    before = digest_of(tmp_path)
    (tmp_path / "b").write_text("b")
    assert len({before, digest_of(tmp_path)}) == 2
    assert digest_of(tmp_path / "a") != digest_of(tmp_path / "b")


def squad(file):
    asked = [
        {"id": "1", "question": "Who wrote the first program?", "answers": [{"text": "Ada"}]},
        {"id": "2", "question": "Which dog barked?", "answers": []},
    ]
    paragraph = {"context": "Ada wrote the first program in the year 1843.", "qas": asked}
    file.write_text(json.dumps({"data": [{"title": "Ada", "paragraphs": [paragraph]}]}))
    return file


def test_questions_that_a_passage_only_seems_to_answer_are_told_apart(tmp_path):
    rows = doubtful(squad(tmp_path / "squad.json"))
    assert told_apart(SharedWords(), rows) == {"auc": 1.0, "n": 2}
