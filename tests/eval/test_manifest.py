import pytest

from eval.dataset import Question, read_dataset, version
from eval.errors import BadQuestions
from eval.manifest import beside, publish, read_manifest

ONE, TWO = Question(id="a", question="?"), Question(id="b", question="!")


def test_a_dataset_knows_its_version_maker_and_parent(tmp_path):
    path = tmp_path / "set.jsonl"
    assert read_manifest(path) is None
    first = publish(path, [ONE], "generate", "c0ffee")
    assert (first.version, first.rows, first.made_by, first.parent) == (version([ONE]), 1, "generate", None)
    second = publish(path, [ONE, TWO], "review")
    assert (second.parent, second.corpus, second.rows) == (first.version, "c0ffee", 2)
    assert read_manifest(path) == second
    assert read_dataset(path) == [ONE, TWO]


def test_the_same_rows_again_keep_their_parent(tmp_path):
    path = tmp_path / "set.jsonl"
    publish(path, [ONE], "generate")
    second = publish(path, [ONE, TWO], "join")
    assert publish(path, [TWO, ONE], "sort").parent == second.parent


def test_what_is_no_manifest_is_told_of(tmp_path):
    path = tmp_path / "set.jsonl"
    beside(path).write_text("{")
    with pytest.raises(BadQuestions, match=r"set\.jsonl\.manifest\.json: not a manifest; remove it"):
        read_manifest(path)
