import json

import pytest
from typer.testing import CliRunner

from finetune.__main__ import app
from finetune.datasets.dataset import load
from finetune.datasets.distill import CUT_OFF, WOULD_NOT
from finetune.datasets.targets import CITES_NO_PASSAGE, OWN_WORDS
from tests.finetune.making import make
from tests.service.engines import FakeEngine

LEAVE = "Everybody gets 27 days of leave a year. The notice period is three months."
SCRIPT = {
    "How many days of leave are there?": "27 days [1]",
    "How long is the notice period?": "Three months [1].",
    "Who is the director?": "I don't know",
    "How much leave is that in weeks?": "about five weeks [1]",
    "Is there any leave?": "27 days",
}


@pytest.fixture
def questions(tmp_path):
    rows = [
        {"question": q, "answers": [], "passages": [LEAVE], "answerable": False, "title": "Leave"}
        for q in SCRIPT
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


@pytest.fixture
def engine():
    with FakeEngine(SCRIPT).running() as running:
        yield running


def call(engine, questions, out, *more, **env):
    arguments = [
        "distill",
        "--from",
        questions,
        "--url",
        engine.url,
        "--model",
        "big",
        "--out",
        out,
        "--json",
        *more,
    ]
    settings = {"PLUMBLINE_FINETUNE__TEACHER_TIMEOUT": "5", **env}
    return CliRunner().invoke(app, list(map(str, arguments)), env=settings)


def test_short_cited_grounded_answers_are_kept_and_the_others_counted(engine, questions, tmp_path):
    done = call(engine, questions, tmp_path / "taught.jsonl")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == {
        "rows": 3,
        "skipped": {OWN_WORDS: 1, CITES_NO_PASSAGE: 1},
        "failed": 0,
        "out": str(tmp_path / "taught.jsonl"),
    }
    rows = [json.loads(line) for line in (tmp_path / "taught.jsonl").read_text().splitlines()]
    assert [row["answers"] for row in rows] == [["27 days"], ["three months"], []]
    assert {row["teacher"] for row in rows} == {"big"}
    make([tmp_path / "taught.jsonl"], tmp_path / "data")
    told = {
        asked.question: asked.reply for reading in load(tmp_path / "data").train for asked in reading.asked
    }
    assert told["How long is the notice period?"].startswith("three months [")


def test_it_is_asked_as_the_adapter_will_be(engine, questions, tmp_path):
    call(engine, questions, tmp_path / "taught.jsonl")
    asked = engine.asked[0]
    assert (asked["model"], asked["temperature"]) == ("big", 0)
    assert f"[1] Leave\n{LEAVE}\n\nQuestion: " in asked["messages"][1]["content"]


def test_a_run_goes_on_where_it_was_stopped(engine, questions, tmp_path):
    out, part = tmp_path / "taught.jsonl", tmp_path / "taught.jsonl.part"
    lines = questions.read_text().splitlines()
    questions.write_text("\n".join(lines[:2]))
    engine.mood = 503
    done = call(engine, questions, out)
    assert (done.exit_code, "run the same command again" in " ".join(done.stderr.split())) == (2, True)
    assert not out.exists()
    engine.mood = "well"
    questions.write_text("\n".join(lines[:3]))
    call(engine, questions, tmp_path / "first.jsonl")
    kept = len(engine.asked)
    # Killed amid the writing of a line.
    known = [["unknown", "a reason"]]
    part.write_text("".join(json.dumps(each) + "\n" for each in known) + '["half')
    done = call(engine, questions, out)
    assert json.loads(done.stdout)["rows"] == 3
    assert len(engine.asked) == kept + 3
    assert not part.exists()


def test_what_was_answered_before_is_not_asked_again(engine, questions, tmp_path, monkeypatch):
    out = tmp_path / "taught.jsonl"
    monkeypatch.setattr("finetune.datasets.distill._Notes.publish", lambda *_: None)
    call(engine, questions, out)
    assert len(engine.asked) == len(SCRIPT)
    monkeypatch.undo()
    assert json.loads(call(engine, questions, out).stdout)["rows"] == 3
    assert len(engine.asked) == len(SCRIPT)


@pytest.mark.parametrize(("mood", "why"), [("overflow", WOULD_NOT), (400, WOULD_NOT)])
def test_what_the_teacher_will_never_answer_is_left_out(engine, questions, tmp_path, mood, why):
    engine.mood = mood
    assert json.loads(call(engine, questions, tmp_path / "taught.jsonl").stdout)["skipped"] == {why: 5}


def test_an_answer_that_was_cut_off_is_left_out(questions, tmp_path):
    with FakeEngine(otherwise="word " * 300).running() as engine:
        done = call(engine, questions, tmp_path / "taught.jsonl")
    assert json.loads(done.stdout)["skipped"] == {CUT_OFF: 5}


def test_no_more_questions_are_under_way_than_allowed(engine, questions, tmp_path):
    done = call(engine, questions, tmp_path / "taught.jsonl", "--concurrency", 1)
    asked = [each["messages"][1]["content"].rpartition("Question: ")[2] for each in engine.asked]
    assert (done.exit_code, asked) == (0, list(SCRIPT))


def test_a_wrong_call_is_told_with_its_remedy(engine, questions, tmp_path):
    questions.with_name("there.jsonl").touch()
    done = call(engine, questions, questions.with_name("there.jsonl"))
    assert (done.exit_code, "choose another --out" in done.stderr) == (2, True)
    done = CliRunner().invoke(app, ["distill", "--from", str(questions), "--out", str(tmp_path / "x")])
    assert (done.exit_code, "teacher_url" in done.stderr) == (2, True)
