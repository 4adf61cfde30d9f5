"""`eval gate`, `report`, `history` and `nightly` on the command line: exit codes, JSON, and what they say."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

import eval.commands.means as root
from eval.__main__ import app
from eval.dataset import read_dataset, write_dataset
from eval.errors import TargetFault
from tests.eval.run_folders import Fault, questions, write_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return {
        "good": write_run(folder / "good", times=1, at=at),
        "same": write_run(folder / "same", seed=1, times=1),
        "leaky": write_run(folder / "leaky", Fault(access=1.0), times=1),
        "other": write_run(folder / "other", times=2),
    }


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run a command on a data folder of its own; gives the exit code, stdout and stderr."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))

    def run(*arguments):
        done = CliRunner().invoke(app, [str(each) for each in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, " ".join(done.stderr.split())

    return run


@pytest.fixture
def dataset(tmp_path):
    file = tmp_path / "demo.jsonl"
    write_dataset(file, [*questions(), questions()[0].model_copy(update={"id": "x", "tenant": "other"})])
    return file


@pytest.fixture
def asked(monkeypatch):
    """What the runs of nights were asked; each leaves a made-up run."""
    orders, faults = [], [Fault()]

    def carry_out(order, _place, watch, _report):
        watch("asking", 1, 1)
        orders.append(order)
        if isinstance(faults[0], Exception):
            raise faults[0]
        write_run(order.out, faults[0], times=1)

    monkeypatch.setattr(root, "carry_out", carry_out)
    return orders, faults


@pytest.mark.parametrize(
    ("candidate", "code", "said"),
    [("same", 0, "passes"), ("leaky", 1, "does not pass: leaks"), ("other", 2, "run the baseline again")],
)
def test_the_gate_exits_by_its_verdict(call, runs, candidate, code, said):
    found, _, told = call("gate", "--candidate", runs[candidate], "--baseline", runs["good"])
    assert found == code
    assert said in told


def test_the_gate_gives_one_json_object(call, runs):
    code, told, _ = call("gate", "--candidate", runs["leaky"], "--baseline", runs["good"], "--json")
    found = json.loads(told)
    assert (code, found["passed"], found["regressions"]) == (1, False, ["leaks"])
    (verdict,) = [each for each in found["verdicts"] if each["metric"] == "leaks"]
    assert (verdict["state"], verdict["stops"]) == ("worse", True)


def test_rules_of_ones_own_count(call, runs, tmp_path):
    (tmp_path / "rules.toml").write_text('[[rule]]\nmetric = "leaks"\ngates = false\n')
    both = ("--candidate", runs["leaky"], "--baseline", runs["good"])
    assert call("gate", *both, "--rules", tmp_path / "rules.toml")[0] == 0
    assert call("gate", *both, "--rules", tmp_path / "none.toml")[0] == 2


def test_a_report_is_written_beside_a_run(call, runs):
    code, told, _ = call("report", runs["leaky"], "--baseline", runs["good"], "--json")
    found = json.loads(told)
    assert (code, found["verdict"], found["said"]) == (0, "regression", "Regression: Leaks")
    assert (runs["leaky"] / "report.html").exists()
    assert call("report", runs["leaky"], "--baseline", runs["other"])[1].startswith("Regression: Leaks")
    assert "no finished run" in call("report", runs["leaky"].parent)[2]


def test_a_night_is_made_once_and_stands_in_the_history(call, asked, dataset, tmp_path):
    code, told, _ = call("nightly", "--dataset", dataset, "--date", "2026-11-21", "--json")
    (night,) = json.loads(told)["nights"]
    assert (code, night["verdict"], night["fresh"], night["late"]) == (0, "first", True, True)
    assert (tmp_path / "home/reports/default/2026-11-21/summary.html").exists()
    code, told, _ = call("nightly", "--dataset", dataset, "--date", "2026-11-21")
    assert "was done before" in told
    assert len(asked[0]) == 1
    _, told, _ = call("history", "--json")
    assert [run["night"] for run in json.loads(told)["runs"]] == ["2026-11-21"]
    assert "2026-11-21" in call("history")[1]


@pytest.mark.parametrize("given", ["key", "keys"])
def test_of_a_server_elsewhere_no_local_catalog_tells(call, asked, dataset, tmp_path, monkeypatch, given):
    options = ["--url", "https://elsewhere.example"]
    if given == "key":
        monkeypatch.setenv("PLUMBLINE_EVAL__KEY", "secret")
    else:
        options += ["--keys", tmp_path / "keys.toml"]
    call("nightly", "--dataset", dataset, "--date", "2026-11-21", *options)
    report = (tmp_path / "home/reports/default/2026-11-21/report.html").read_text()
    assert len(asked[0]) == 1
    assert "holds no document" not in report
    assert not list((tmp_path / "home").rglob("catalog*"))


def test_only_the_tenants_own_questions_are_asked(call, asked, dataset):
    call("nightly", "--dataset", dataset, "--tenant", "other", "--date", "2026-11-21")
    ((order,), _) = asked
    # The run wrote where its questions were; the folder has its final name now.
    file = order.out.with_name("2026-11-21") / "questions/demo.jsonl"
    assert [question.id for question in read_dataset(file)] == ["x"]


def test_a_regression_at_night_exits_1_and_a_failed_run_too(call, asked, dataset):
    asked[1][0] = Fault(access=1.0)
    code, told, _ = call("nightly", "--dataset", dataset, "--date", "2026-11-21")
    assert (code, "Regression: Leaks" in told) == (1, True)
    asked[1][0] = TargetFault("nobody listens")
    code, _, told = call("nightly", "--dataset", dataset, "--date", "2026-11-22")
    assert (code, "no report: 2026-11-22: nobody listens" in told) == (1, True)


@pytest.mark.parametrize("broken", ["dataset", "history", "rules", "folder"])
def test_people_are_told_once_of_a_night_that_cannot_begin(
    call, asked, dataset, tmp_path, monkeypatch, broken
):
    sent, home = [], tmp_path / "home"
    monkeypatch.setattr(root, "senders", lambda _settings: [sent.append])
    home.mkdir()
    if broken == "dataset":
        dataset.write_text("{")
    elif broken == "history":
        (home / "evaluation.db").write_text("no database " * 100)
    elif broken == "rules":
        monkeypatch.setenv("PLUMBLINE_EVAL__RULES", str(tmp_path / "none.toml"))
    else:
        (home / "reports").write_text("no folder")
    for _ in range(2):
        assert call("nightly", "--dataset", dataset)[0] == 2
    assert not asked[0]
    assert {notice.kind for notice in sent} == {"failure"}
    # Where nothing can be written, nobody can remember who was told.
    assert len(sent) == (2 if broken == "folder" else 1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "nightly_dataset"),
        (["--dataset", "{dataset}", "--date", "tomorrow"], "YYYY-MM-DD"),
        (["--dataset", "none.jsonl"], "cannot be read"),
        (["--dataset", "{dataset}", "--tenant", "nobody"], "no question of the tenant nobody"),
    ],
)
def test_what_is_missing_is_named_with_exit_2(call, dataset, given, said):
    code, _, told = call("nightly", *(each.format(dataset=dataset) for each in given))
    assert code == 2
    assert said in told
