"""Where nothing can be made every command says so in a line, and no two processes make one thing."""

import json
import re

import pytest
from typer.testing import CliRunner

from finetune.__main__ import app
from finetune.errors import BadPlace
from finetune.place import claimed, fresh
from tests.finetune.registries import adapter

ROW = {"question": "When?", "answers": ["1843"], "passages": ["It was in 1843."], "answerable": True}
COMMANDS = (
    "build --from rows.jsonl",
    "train --dataset data",
    "prefer --dataset data --from parent",
    "blend parent child",
    "search --dataset data",
    "sizes --dataset data --questions rows.jsonl",
    "distill --from rows.jsonl --url http://127.0.0.1:9/v1",
    "embedder --data rows.jsonl",
    "reranker --data rows.jsonl",
    "rail grounding --data .",
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW))
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.partition(" ")[0])
def test_a_place_that_cannot_be_written_is_a_line_of_every_command(here, command):
    done = CliRunner().invoke(app, [*command.split(), "--out", "file/out"], env={"COLUMNS": "200"})
    assert done.exit_code == 2, done.output
    assert re.search(r"file/out\S* cannot be written \(.+\): choose another --out", done.stderr)
    assert {path.name for path in here.iterdir()} == {"rows.jsonl", "file"}


def test_no_two_make_one_thing_and_what_is_there_stays(here):
    with fresh(here / "out"):
        with pytest.raises(BadPlace, match="out is being made by another process"), claimed(here / "out"):
            pass
        with fresh(here / "other"):
            (here / "out").touch()
    with pytest.raises(BadPlace, match="never changed"), fresh(here / "out"):
        pass
    assert {path.name for path in here.iterdir()} == {"rows.jsonl", "file", "out"}


def test_a_card_that_cannot_be_written_is_a_line_too(here):
    told = {
        "intended_use": "",
        "limits": "",
        "dataset": {},
        "hyperparameters": {},
        "revision": "",
        "hardware": "",
    }
    folder = adapter(here / "adapter", "weights", **told)
    (folder / "card.json.new").mkdir()
    (here / "metrics.json").write_text("{}")
    done = CliRunner().invoke(app, ["card", str(folder), "--figures", "metrics.json"])
    assert done.exit_code == 2
    assert "card.json.new: Is a directory" in done.stderr


@pytest.mark.parametrize("out", [".", "..", "/", "", "n" * 256])
def test_a_place_without_a_fitting_name_is_told_too(here, out):
    with pytest.raises(BadPlace), fresh(here / out):
        pass
