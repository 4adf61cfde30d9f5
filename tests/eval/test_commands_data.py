"""The commands about datasets, on a real catalog."""

import json

import pytest
import typer
from typer.testing import CliRunner

from eval.commands.data import commands
from eval.dataset import read_dataset
from eval.manifest import read_manifest
from ingest.catalog import Catalog
from ingest.settings import IngestSettings
from tests.eval.shelf import DOCUMENTS, records


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    app = typer.Typer()
    commands(app)

    def run(*arguments, typed=""):
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)

    return run


@pytest.fixture
def indexed(call):
    """Publishes documents, as a sync would."""

    def publish(documents=DOCUMENTS):
        catalog = Catalog(IngestSettings().catalog)
        catalog.publish(records(documents))
        catalog.close()

    publish()
    return publish


def told(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_test_set_is_generated_reviewed_and_checked(call, indexed, tmp_path):
    out = tmp_path / "set.jsonl"
    made = told(call("generate", "--out", out, "--count", "6", "--kinds", "factual,table", "--json"))
    assert (made["added"], made["rows"], made["kinds"]) == (6, 6, {"factual": 3, "table": 3})
    assert made["corpus"]
    questions = read_dataset(out)

    done = call("review", out, typed="a\ne\nBetter?\nyes\nr\nq\n")
    assert done.exit_code == 0, done.stderr
    assert "1 accept, 1 edit, 1 reject, 1 quit; 3 left" in done.stderr
    rows = read_dataset(out)
    assert [row.reviewed for row in rows] == [True, True, False, False, False]
    assert rows[1].question == "Better?"
    manifest = read_manifest(out)
    assert (manifest.made_by, manifest.parent) == ("review", made["version"])

    assert told(call("check", out, "--json"))["stale"] == []
    uri = questions[0].evidence[0].uri
    path = uri.removeprefix("file:///docs/")
    indexed({path: ("New", "Everything is different.", ())})
    checked = call("check", out, "--json")
    assert checked.exit_code == 1
    assert {"id": rows[0].id, "uri": uri, "reason": "changed"} in json.loads(checked.stdout)["stale"]
    assert "says something else there now" in call("check", out).stderr


def test_more_questions_join_and_the_rows_there_stay(call, indexed, tmp_path):
    out = tmp_path / "set.jsonl"
    call("generate", "--out", out, "--count", "3", "--kinds", "factual")
    before = read_dataset(out)
    refused = call("generate", "--out", out)
    assert refused.exit_code == 2
    assert "choose another --out, or add to it with --join" in refused.stderr
    (tmp_path / "more.csv").write_text("id,question\nmine,What else?\n")
    joined = told(call("import", tmp_path / "more.csv", "--out", out, "--join", "--json"))
    assert (joined["format"], joined["added"], joined["rows"]) == ("csv", 1, 4)
    assert told(call("import", tmp_path / "more.csv", "--out", out, "--join", "--json"))["added"] == 0
    assert read_dataset(out)[:3] == before


def test_fewer_questions_than_wanted_are_told_of(call, indexed, tmp_path):
    result = call("generate", "--out", tmp_path / "set.jsonl", "--count", "900", "--groups", "")
    assert result.exit_code == 0
    assert "not 900" in result.stderr
    assert result.stdout == ""


def test_a_set_that_was_edited_by_hand_is_told_of(call, indexed, tmp_path):
    out = tmp_path / "set.jsonl"
    call("generate", "--out", out, "--count", "4")
    out.write_text(out.read_text().replace('"id":"', '"topic":1,"id":"x', 1))
    result = call("check", out)
    assert "the rows were changed since the manifest was written" in result.stderr
    assert "'topic'" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("generate", "--out", "a.jsonl", "--kinds", "silly"),
            "--kinds: cannot make silly; choose of factual",
        ),
        (("generate", "--out", "a.jsonl", "--tenant", "nobody"), "no question can be made"),
        (("import", "none.csv", "--out", "a.jsonl"), "there is no such file"),
        (("check", "none.jsonl"), "cannot be read"),
        (("review", "none.jsonl"), "cannot be read"),
    ],
)
def test_wrong_use_exits_2_with_the_remedy(call, indexed, arguments, message):
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
