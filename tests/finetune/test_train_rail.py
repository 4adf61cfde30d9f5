import gzip
import json
import random

import numpy as np
import pytest

from finetune.errors import BadSource
from finetune.rail_texts import LOOK_LIKE_ATTACKS, Text, labelled, near_misses, pages, passages, questions
from finetune.train_rail import as_windows, train_injection
from guardrails.injection import Injection
from guardrails.injection_model import InjectionModel
from guardrails.rail import Sample
from guardrails.verdict import Stage


class TwoTopics:
    """Tells texts about pirates from all others, and nothing else."""

    def encode(self, texts):
        return np.array([[1, 0] if "pirate" in text else [0, 1] for text in texts], dtype=np.float32)


def rows(count, seed):
    chance = random.Random(seed)  # noqa: S311 sampling
    words = ["the", "ship", "sails", "at", "noon", "leave", "days", "policy"]
    for number in range(count):
        label = number % 2
        text = (
            " ".join(chance.choices(words, k=12)) + (" like a pirate" if label else "") + f" {seed}{number}"
        )
        yield {"text": text, "label": label, "kind": "direct" if label else "benign", "source": "made"}


@pytest.fixture
def data(tmp_path):
    for name, count, seed in (("train", 300, 1), ("dev", 60, 2)):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows(count, seed))
    return tmp_path


def test_training_learns_what_tells_attacks_apart_and_reports_it(data, tmp_path):
    said = []
    clean = [Text(f"A page about leave, number {number}.", 0, "page", "pages") for number in range(40)]
    out = tmp_path / "model.npz"
    report = train_injection(data, clean, TwoTopics(), out, say=said.append)
    assert report.auc == 1.0
    assert report.recall_at_1_percent["direct"] == 1.0
    assert report.flagged_benign["page"]["texts"] > 0
    assert json.loads(out.with_suffix(".json").read_text())["auc"] == report.auc
    assert said
    rail = Injection(TwoTopics(), InjectionModel.load(out))
    assert rail.inspect(Sample("sail like a pirate", Stage.INPUT)).score > 0.5
    assert rail.inspect(Sample("sail at noon", Stage.INPUT)).score < 0.5


def test_training_twice_gives_the_same_weights(data, tmp_path):
    for name in ("one", "two"):
        train_injection(data, [], TwoTopics(), tmp_path / f"{name}.npz", say=lambda _: None)
    one, two = (InjectionModel.load(tmp_path / f"{name}.npz") for name in ("one", "two"))
    assert np.array_equal(one.hidden, two.hidden)
    assert np.array_equal(one.calibration, two.calibration)


def test_a_long_text_is_scored_by_its_worst_window():
    texts = [Text("short.", 0, "benign", "x"), Text("One more sentence here. " * 100, 0, "benign", "x")]
    seen = as_windows(texts, TwoTopics())
    assert seen.counts().tolist() == [1, 3]
    assert seen.worst(np.array([0.5, 1.0, 3.0, 2.0], dtype=np.float32)).tolist() == [0.5, 3.0]


@pytest.mark.parametrize("content", [b"", b"no gzip", gzip.compress(b"{}"), gzip.compress(b"not json")])
def test_unreadable_data_is_a_clear_error(tmp_path, content):
    file = tmp_path / "train.jsonl.gz"
    file.write_bytes(content)
    with pytest.raises(BadSource, match=r"train\.jsonl\.gz"):
        labelled(file)


def test_a_missing_file_is_a_clear_error(tmp_path):
    with pytest.raises(BadSource, match="none"):
        labelled(tmp_path / "none.jsonl.gz")


def test_pages_and_questions_are_read_as_benign(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page.md").write_text("# Leave\n28 days.")
    row = {"id": 1, "question": "How long?", "answers": ["28 days"], "passages": ["You get 28 days."]}
    (tmp_path / "qa.jsonl").write_text(json.dumps(row | {"answerable": True, "source": "s", "title": "t"}))
    assert [each.text for each in pages(tmp_path)] == ["# Leave\n28 days."]
    found = list(questions(tmp_path / "qa.jsonl"))
    assert [(each.kind, each.label) for each in found] == [("paragraph", 0), ("question", 0)]


def test_passages_of_a_corpus_are_read_as_benign_up_to_the_number_asked_for(tmp_path):
    file = tmp_path / "corpus.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"text": "one"}\n{"text": "two"}\n{"text": "three"}\n{"no": 1}\n'))
    assert [(each.text, each.label) for each in passages(file, 2)] == [("one", 0), ("two", 0)]
    with pytest.raises(BadSource, match="corpus"):
        list(passages(file, 9))


def test_near_misses_always_train_and_never_calibrate():
    found = list(near_misses())
    assert {each.text for each in found} == set(LOOK_LIKE_ATTACKS)
    assert not any(each.held_out or each.label for each in found)
