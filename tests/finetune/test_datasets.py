"""`finetune datasets list|show|diff`, and datasets that go on from others."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finetune.__main__ import app
from finetune.datasets.dataset import load
from finetune.datasets.recipe import Recipe
from finetune.errors import BadDataset, BadSource
from finetune.hooks import Hooks
from tests.finetune.making import files, make


def row(number, answer=None):
    built = answer or str(1900 + number)
    return {
        "question": f"In which year was works {number} founded?",
        "answers": [built],
        "passages": [f"Works {number} was founded in {built} by the river {number * 7}."],
        "answerable": True,
        "title": f"Works {number}",
    }


def written(path, *rows):
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.fixture
def built(tmp_path):
    """A dataset `one`, and `two` that goes on from it."""
    first = written(tmp_path / "first.jsonl", *map(row, range(8)))
    more = written(tmp_path / "more.jsonl", *map(row, range(8, 10)))
    make([first], tmp_path / "out" / "one", Recipe(tables=0, rivals=0))
    make([tmp_path / "out" / "one", more], tmp_path / "out" / "two", Recipe(tables=0, rivals=0, seed=8))
    return tmp_path / "out"


def call(*arguments):
    return CliRunner().invoke(app, ["datasets", *map(str, arguments)], env={"COLUMNS": "200"})


def test_a_dataset_that_goes_on_from_another_names_it_and_keeps_its_sides(built):
    one, two = load(built / "one").manifest, load(built / "two").manifest
    assert two["parents"] == [one["hash"]]
    assert [source["kind"] for source in two["sources"]] == ["dataset", "questions"]
    assert (
        json.loads(call("diff", built / "one", built / "two", "--json").stdout)["moved_to_another_side"] == 0
    )


def test_the_list_tells_what_there_is(built):
    (built / "notes").mkdir()
    (built / "notes" / "manifest.json").write_text("{}")
    found = json.loads(call("list", built, "--json").stdout)["datasets"]
    assert {Path(each["path"]).name: each["sources"] for each in found} == {
        "one": ["first.jsonl"],
        "two": ["one", "more.jsonl"],
    }
    shown = call("list", built).stdout
    assert "first.jsonl" in shown
    assert found[0]["hash"][:12] in shown


def test_show_tells_people_and_programs_what_is_in_a_dataset(built):
    told = json.loads(call("show", built / "two", "--json").stdout)
    assert told == load(built / "two").manifest
    shown = call("show", built / "two").stdout
    for words in ("more.jsonl", "duplicates", "decontamination", "train", "answerable", "goes on from"):
        assert words in shown


def test_the_difference_of_two_datasets_is_told(built, tmp_path):
    changed = written(tmp_path / "first.jsonl", row(0, "1999"), *map(row, range(1, 9)))
    make([changed], built / "three", Recipe(tables=0, rivals=0))
    told = json.loads(call("diff", built / "one", built / "three", "--json").stdout)
    assert told["sources"] == {"added": ["first.jsonl"], "removed": ["first.jsonl"]}
    assert (told["added"]["count"], told["removed"]["count"], told["changed"]["count"]) == (2, 1, 0)
    assert "In which year was works 8 founded?" in [each["question"] for each in told["added"]["examples"]]
    onward = call("diff", built / "one", built / "two").stdout
    for words in ("goes on from it", "seed 7 → 8", "2 examples added", "0 examples removed", "more.jsonl"):
        assert words in onward


def test_another_answer_to_the_same_question_is_a_change(tmp_path):
    text = "Works 1 was founded in 1901, some say in 1902."
    for name, answer in (("one", "1901"), ("two", "1902")):
        asked = row(1) | {"answers": [answer], "passages": [text]}
        make([written(tmp_path / "rows.jsonl", asked)], tmp_path / name)
    told = json.loads(call("diff", tmp_path / "one", tmp_path / "two", "--json").stdout)
    assert told["changed"] == {
        "count": 1,
        "examples": [{"question": row(1)["question"], "answer": "1902", "source": "rows.jsonl"}],
        "before": ["1901"],
    }


def test_a_hook_that_fails_on_a_built_dataset_leaves_it_and_ends_with_1(tmp_path, monkeypatch):
    monkeypatch.setattr(Hooks, "installed", lambda: Hooks({"tracker": lambda _: 1 / 0}))
    source, out = written(tmp_path / "rows.jsonl", row(1)), tmp_path / "out"
    told = ["build", "--from", str(source), "--out", str(out), "--language", "any", "--json"]
    done = CliRunner().invoke(app, told, env={"PLUMBLINE_FINETUNE__HELD_OUT": "[]"})
    assert (done.exit_code, "failed on 'dataset built'" in done.stderr) == (1, True)
    assert json.loads(done.stdout)["hash"] == load(out).manifest["hash"]


def test_more_licences_than_sources_are_told_of(tmp_path):
    source = written(tmp_path / "rows.jsonl", row(1))
    told = [
        "build",
        "--from",
        str(source),
        "--out",
        str(tmp_path / "out"),
        "--license",
        "A",
        "--license",
        "B",
    ]
    done = CliRunner().invoke(app, told, env={"PLUMBLINE_FINETUNE__HELD_OUT": "[]"})
    assert (done.exit_code, "--license" in done.stderr) == (2, True)


OLD = {
    "hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "sources": [{"name": "a.jsonl", "sha256": "0" * 64}],
    "recipe": {"rounds": 1},
    "readings": 0,
    "questions": {},
    "licenses": [],
}


def test_a_dataset_from_before_is_loaded_and_shown_but_not_compared(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(OLD))
    (folder / "readings.jsonl").touch()
    assert (load(folder).train, load(folder).pairs) == ([], [])
    assert "a.jsonl" in call("show", folder).stdout
    done = call("diff", folder, folder)
    assert (done.exit_code, "before November 2026" in done.stderr) == (2, True)
    with pytest.raises(BadSource, match="before November 2026"):
        files(folder)[0].gather()


@pytest.mark.parametrize(
    "command", [("show", "nowhere"), ("list", "nowhere"), ("diff", "nowhere", "nowhere")]
)
def test_what_is_not_there_is_named(tmp_path, command):
    name, *places = command
    done = call(name, *(tmp_path / place for place in places))
    assert (done.exit_code, "nowhere" in done.stderr) == (2, True)


def test_a_file_of_a_dataset_that_was_changed_is_named(built):
    with (built / "one" / "examples.jsonl").open("a") as lines:
        lines.write("\n")
    with pytest.raises(BadDataset, match=r"examples\.jsonl was changed"):
        load(built / "one")
