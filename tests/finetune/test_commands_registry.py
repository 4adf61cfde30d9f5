"""`finetune promote|rollback|list|compare`: what they print, and how they exit."""

import json
import os
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

import finetune.commands.compare
import finetune.commands.promote
import finetune.commands.rail_models
from eval.rails.figures import Goal, Line
from eval.stats import Figure
from finetune.__main__ import app
from finetune.commands.registry import who
from finetune.commands.sources import Wish, opened
from finetune.hooks import DONE, Hooks
from ingest.access import Principal
from tests.finetune.registries import BASE, Scripted, adapter, name, stages

SQUAD = {
    "data": [
        {
            "title": f"Room {room}",
            "paragraphs": [
                {
                    "context": f"The code of room {room} is {room * 7}.",
                    "qas": [
                        {"id": f"a{room}", "question": f"Code {room}?", "answers": [{"text": f"{room * 7}"}]},
                        {"id": f"n{room}", "question": f"Who {room}?", "answers": []},
                    ],
                }
            ],
        }
        for room in range(30)
    ]
}


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A registry with `old` live, `new` as good and `worse` beside it; and a file of questions."""
    at = stages(tmp_path, Scripted({name("worse"): 0.2}))
    for weights in ("old", "new", "worse"):
        adapter(tmp_path / weights, weights)
    at.registry.point(at.registry.admit(tmp_path / "old"))
    (tmp_path / "dev.json").write_text(json.dumps(SQUAD))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLUMBLINE_SERVICE__ADAPTERS", str(at.registry.folder))
    monkeypatch.setenv("PLUMBLINE_SERVICE__MODEL", BASE)
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))

    @contextmanager
    def examiner():
        yield at.examiner

    for module in (finetune.commands.promote, finetune.commands.compare):
        monkeypatch.setattr(module, "examiner", examiner)
    return at.registry


def call(*arguments):
    asked = ("--questions", "dev.json") if arguments[0] in {"promote", "compare"} else ()
    return CliRunner().invoke(app, [*arguments, *asked], env={"COLUMNS": "200"})


def told(*arguments):
    done = call(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_promoted_rolled_back_and_listed(house):
    assert told("promote", "new")["outcome"] == "promoted"
    assert [(each["name"], each["mark"]) for each in told("list")["adapters"]] == [
        (name("new"), "promoted"),
        (name("old"), ""),
    ]
    assert told("rollback") == {"live": name("old"), "before": name("new"), "canary_ended": None}
    done = call("rollback")
    assert done.exit_code == 2
    assert "nothing was live before" in done.stderr


def test_a_hook_that_fails_on_what_is_done_ends_the_command_with_1_once_it_has_said_what(house, monkeypatch):
    def down(event):
        if event.name in DONE:
            raise ValueError("no [tracker]")

    monkeypatch.setattr(Hooks, "installed", lambda: Hooks({"tracker": down}))
    for command, event, live in (("promote new", "promoted", "new"), ("rollback", "rolled back", "old")):
        done = call(*command.split(), "--json")
        assert done.exit_code == 1
        assert name("new") in json.loads(done.stdout).values()
        assert f"done, but the hook 'tracker' failed on '{event}': no [tracker]; {name(live)}" in done.stderr
        assert house.live() == name(live)


def test_a_refusal_exits_with_1_and_shows_the_figures(house):
    done = call("promote", "worse")
    assert done.exit_code == 1
    for words in ("answer_f1", "worse: stops it", "difference"):
        assert words in done.stdout
    assert f"{name('old')} stays" in done.stderr
    assert house.live() == name("old")
    refused = json.loads(call("promote", name("worse"), "--json").stdout)
    assert (refused["outcome"], "answer_f1" in refused["failed"]) == ("refused", True)


@pytest.mark.parametrize(("file", "text"), [("dev.json", '{"data": []}'), ("none.jsonl", "\n")])
def test_a_file_without_a_question_promotes_nothing(house, tmp_path, file, text):
    (tmp_path / file).write_text(text)
    done = CliRunner().invoke(app, ["promote", "new", "--questions", file], env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert f"{file}: holds no question" in done.stderr
    assert house.live() == name("old")


def test_forcing_needs_a_reason_and_is_recorded(house):
    for wrong in (["--force"], ["--reason", "because"], ["--force", "--reason", " "]):
        assert call("promote", "worse", *wrong).exit_code == 2
    assert told("promote", "worse", "--force", "--reason", "a customer's name")["outcome"] == "promoted"
    entry = house.history.entries()[-1]
    assert (entry.forced, "@" in entry.by) == ("a customer's name", True)


def test_nothing_to_promote_is_no_failure(house):
    assert told("promote", "old")["outcome"] == "live already"
    assert "nothing to promote" in call("promote", "old").stderr


@pytest.mark.parametrize(("share", "taken"), [("10%", 0.1), ("0.25", 0.25), ("100%", 1.0)])
def test_a_canary_begins_with_its_share_and_ends(house, share, taken):
    assert told("promote", "new", "--canary", share)["outcome"] == "canary begun"
    assert house.canary().share == taken
    assert [each["mark"] for each in told("list")["adapters"]] == ["promoted", f"canary {taken:.0%}"]
    assert told("promote", "--canary", "0") == {"canary_ended": name("new")}
    assert told("promote", "--canary", "0%") == {"canary_ended": None}


@pytest.mark.parametrize("share", ["10", "-1%", "101%", "a tenth", "nan"])
def test_a_share_that_is_none_is_wrong_use(house, share):
    done = call("promote", "new", "--canary", share)
    assert done.exit_code == 2
    assert house.canary() is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["promote", "gone"], "no readable card.json"),
        (["promote"], "name the adapter"),
        (["rollback", "--to", "qa-000000000000"], "was never live"),
        (["compare", "gone", "default"], "there is no model 'gone'"),
        (["compare", "default"], "name two adapters"),
    ],
)
def test_what_is_not_there_is_wrong_use(house, arguments, said):
    done = call(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_without_questions_there_is_no_gate(house):
    done = CliRunner().invoke(app, ["promote", "new"])
    assert done.exit_code == 2
    assert "finetune.gate_questions" in done.stderr


def test_a_server_that_is_deaf_to_the_pointer_is_told_of(house, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_SERVICE__DEFAULT_ADAPTER", name("old"))
    assert "service.default_adapter" in call("promote", "new").stderr


def test_two_adapters_are_compared_by_the_questions_that_changed(house):
    house.admit(house.folder.parent / "worse")
    compared = told("compare", "default", name("worse"))
    assert (compared["live"], compared["adapter"]) == (name("old"), name("worse"))
    assert {each["way"] for each in compared["changed"]} == {"worse"}
    assert "The moon [2]" in call("compare", "default", name("worse")).stdout


def test_the_arms_of_a_comparison_are_those_of_the_ledger(house):
    assert told("compare", "--live") == {"arms": []}
    assert "nothing was compared yet" in call("compare", "--live").stderr


@pytest.fixture
def rail_models(tmp_path, monkeypatch):
    """A shipped model of a rail in a folder of its own, and one as good; what is measured is their text."""
    shipped = tmp_path / "models" / "grounding.json"
    shipped.parent.mkdir()
    shipped.write_text("0.95")
    for text in ("0.96", "0.5"):
        (tmp_path / text).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("guardrails.grounding.DEFAULT_MODEL", shipped)

    def measured(rail, file, data, most, watch):
        value = float(file.read_text())
        figure = Figure(value, value - 0.02, value + 0.02, 100)
        return [Line(str(rail), "caught", figure, goal=Goal("at least", 0.9))]

    monkeypatch.setattr(finetune.commands.rail_models, "_measured", measured)
    return shipped


def rail(command, *arguments):
    return CliRunner().invoke(app, [command, *arguments, "--rail", "grounding"], env={"COLUMNS": "200"})


def test_a_rails_model_goes_the_same_way(rail_models):
    refused = rail("promote", "0.5", "--data", ".")
    assert (refused.exit_code, rail_models.read_text()) == (1, "0.95")
    assert "misses a goal that the shipped one meets" in refused.stdout
    done = rail("promote", "0.96", "--data", ".", "--json")
    assert (done.exit_code, json.loads(done.stdout)["promoted"]) == (0, True)
    assert rail_models.read_text() == "0.96"
    assert "load already" in rail("promote", "0.96", "--data", ".").stderr
    assert rail("rollback").exit_code == 0
    assert rail_models.read_text() == "0.95"
    assert rail("promote", "0.96").exit_code == 2  # without data


@pytest.mark.parametrize(
    "arguments",
    [
        ["promote", "0.96", "--data", ".", "--canary", "10%"],
        ["promote", "0.96", "--data", ".", "--canary", "0"],
        ["promote", "0.96", "--data", ".", "--questions", "dev.json"],
        ["rollback", "--to", "grounding-000000000000"],
    ],
)
def test_what_a_rail_does_not_know_is_wrong_use(rail_models, arguments):
    done = rail(*arguments)
    assert (done.exit_code, rail_models.read_text()) == (2, "0.95")
    assert "--rail" in done.stderr
    assert arguments[-2] in done.stderr


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 1234"), OSError("No username set")])
def test_a_user_without_a_name_is_told_by_the_number(monkeypatch, error):
    def getuser():
        raise error

    monkeypatch.setattr("getpass.getuser", getuser)
    assert who().startswith(f"{os.getuid()}@")


@pytest.mark.parametrize("text", [None, "{", "7"])
def test_figures_that_cannot_be_read_are_wrong_use(tmp_path, text):
    folder = adapter(tmp_path / "new", "new")
    file = tmp_path / "metrics.json"
    if text is not None:
        file.write_text(text)
    before = (folder / "card.json").read_text()
    done = CliRunner().invoke(app, ["card", str(folder), "--figures", str(file)], env={"COLUMNS": "400"})
    assert (done.exit_code, (folder / "card.json").read_text()) == (2, before)
    assert "metrics.json cannot be read" in done.stderr


def test_every_source_has_its_licence(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    names = ["feedback", "corpus", "dev.json"]
    with opened(Wish(names, ["A", "B", "C"], Principal.administrator(), 1, 7)) as sources:
        assert [source.license for source in sources] == ["A", "B", "C"]


def test_the_data_folder_is_made_for_its_user_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    with opened(Wish(["corpus"], [], Principal("default", "anna", frozenset()), 1, 7)):
        assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
