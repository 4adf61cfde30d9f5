"""`python -m service feedback export`: rated answers leave as rows, and exit codes say how it went."""

import json

import pytest
from typer.testing import CliRunner

import finetune.__main__ as finetuning
import service.__main__ as command_line
from ingest.memory import MemoryStore
from service.export import NOT_KEPT
from tests.service.desk import ANNA, Desk
from tests.service.engines import FakeEngine


@pytest.fixture
def desk(settings, ledger, monkeypatch):
    """A desk whose data folder is the command line's too, as a running server's would be."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(settings.folder))
    monkeypatch.chdir(settings.folder.parent)
    made = Desk(settings.folder, ledger, lambda *_: MemoryStore(), wait=24)
    made.put("leave.txt", "Employees get 27 days of paid leave.")
    yield made
    made.close()


def call(*arguments):
    return CliRunner().invoke(command_line.app, ["feedback", "export", *map(str, arguments)])


def rate(desk, **more):
    answer = desk.ask(**more)
    desk.ledger.rate(ANNA, answer.answer_id, "up", None, None)


def built(out, *arguments):
    told = ["build", *map(str, arguments), "--out", str(out), "--tenant", "acme", "--json"]
    done = CliRunner().invoke(finetuning.app, told)
    return done, json.loads(done.stdout) if done.stdout else {}


class Point:
    """An entry point: the team's own tracker."""

    name = "tracker"

    def __init__(self):
        self.told = []

    def load(self):
        return self.told.append


def test_finetune_reads_rated_answers_and_documents_without_a_file_between(desk, tmp_path, monkeypatch):
    tracker = Point()
    monkeypatch.setattr("finetune.hooks._points", lambda: [tracker])
    desk.put("notice.txt", "Notice\n\nThe notice is three months for all. Kuitti means receipt in Finnish.")
    answer = desk.ask()
    desk.ledger.rate(ANNA, answer.answer_id, "down", "paid leave", None)
    done, manifest = built(tmp_path / "data", "--from", "feedback", "--from", "corpus")
    assert done.exit_code == 0, done.stderr
    assert [source["kind"] for source in manifest["sources"]] == ["feedback", "corpus"]
    assert manifest["pairs"] == 1
    assert [each["name"] for each in manifest["held_out"]] == ["evaluation.jsonl"]
    told = (tmp_path / "data" / "examples.jsonl").read_text()
    assert "Kuitti" in told
    assert "anna" not in told
    (event,) = tracker.told
    assert (event.name, event.subject) == ("dataset built", str(tmp_path / "data"))
    assert event.facts["hash"] == manifest["hash"]


def test_a_teacher_writes_the_questions_of_documents_where_there_is_one(desk, tmp_path, monkeypatch):
    desk.put(
        "notice.txt", "The notice period is three months for all. " * 2 + "Nobody has to wait for it. " * 6
    )
    told = {"pairs": [{"question": "How long is the notice period?", "answer": "three months"}]}
    with FakeEngine(otherwise=json.dumps(told)).running() as engine:
        monkeypatch.setenv("PLUMBLINE_FINETUNE__TEACHER_URL", engine.url)
        done, manifest = built(tmp_path / "data", "--from", "corpus")
    assert done.exit_code == 0, done.stderr
    assert manifest["balance"]["origins"] == {"teacher": 1.0}
    assert "three months for all" in engine.asked[0]["messages"][0]["content"]


def test_without_ratings_or_with_a_wrong_source_finetune_says_so(desk, tmp_path):
    done, _ = built(tmp_path / "data", "--from", "feedback")
    assert (done.exit_code, "nothing is left to learn from" in " ".join(done.stderr.split())) == (2, True)
    done, _ = built(tmp_path / "data", "--from", "fedback")
    assert (done.exit_code, "fedback" in done.stderr) == (2, True)
    assert not (tmp_path / "data").exists()


def test_rated_answers_are_written_tenant_by_tenant(desk, tmp_path):
    rate(desk)
    files = {tenant: tmp_path / f"{tenant}.jsonl" for tenant in ("acme", "other")}
    for tenant, count in (("acme", 1), ("other", 0)):
        done = call("--out", files[tenant], "--tenant", tenant, "--json")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout) == {"rows": count, "skipped": {}, "out": str(files[tenant])}
        assert len(files[tenant].read_text().splitlines()) == count


@pytest.mark.parametrize(("groups", "rows"), [("staff,hr", 1), ("", 0)])
def test_a_reader_of_some_groups_gets_what_they_may_read(desk, tmp_path, groups, rows):
    desk.put("leave.txt", "Employees get 27 days of paid leave.", groups=["staff"])
    rate(desk)
    done = call("--out", tmp_path / "rows.jsonl", "--tenant", "acme", "--groups", groups, "--json")
    assert json.loads(done.stdout)["rows"] == rows


def test_where_nothing_was_kept_it_says_which_setting_would(desk, tmp_path):
    rate(desk, store=False)
    done = call("--out", tmp_path / "rows.jsonl", "--tenant", "acme")
    assert done.exit_code == 0
    assert f"1 left out: {NOT_KEPT}" in done.stderr
    assert "service.feedback_wait" in done.stderr


def test_an_export_deletes_nothing_that_the_servers_settings_keep(desk, tmp_path, monkeypatch):
    answer = desk.ask()
    monkeypatch.setenv("PLUMBLINE_SERVICE__FEEDBACK_WAIT", "0")
    assert call("--out", tmp_path / "none.jsonl", "--tenant", "acme").exit_code == 0
    desk.ledger.rate(ANNA, answer.answer_id, "up", None, None)
    done = call("--out", tmp_path / "rows.jsonl", "--tenant", "acme", "--json")
    assert json.loads(done.stdout)["rows"] == 1


def test_a_file_that_is_there_is_wrong_use(desk, tmp_path):
    (tmp_path / "rows.jsonl").write_text("")
    done = call("--out", tmp_path / "rows.jsonl")
    assert done.exit_code == 2
    assert "choose another --out" in done.stderr
