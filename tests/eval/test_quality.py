"""What an adapter's quality is measured on, and what is left to choose its constants on."""

import json

import pytest
from typer.testing import CliRunner

import eval.commands.adapter as measuring
import finetune.commands.card as calibrating
from eval.__main__ import app
from eval.adapter import Reply
from eval.errors import BadQuestions
from eval.quality import fewer, measured_rows, unmeasured_rows
from eval.questions import Text, read_rows
from eval.settings import EvalSettings
from finetune.__main__ import app as tuning
from ingest.hashing import HashEmbedder

THINGS = ("Pump", "Fan", "Rotor")
ASKED = EvalSettings(questions=30, unrelated=12)


def paragraph(thing, n):
    asked = [
        {"question": f"What does {thing} {n} weigh?", "answers": [{"text": f"{n} kg"}]},
        {"question": f"Who made {thing} {n}?", "answers": []},
    ]
    ids = ({"id": f"{thing}-{n}-{place}"} | one for place, one in enumerate(asked))
    return {"context": f"{thing} {n} weighs {n} kg, more than {thing} {n - 1}.", "qas": list(ids)}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "dev.json"
    told = [{"title": thing, "paragraphs": [paragraph(thing, n) for n in range(12)]} for thing in THINGS]
    path.write_text(json.dumps({"data": told}))
    return path


def measured(file, settings=ASKED):
    return measured_rows(file, settings, HashEmbedder())


def left(file, count, settings=ASKED):
    return unmeasured_rows(file, count, settings, HashEmbedder())


def own(row):
    thing, number, *_ = row.id.split("-")
    return Text(thing, paragraph(thing, int(number))["context"])


def test_a_row_shows_its_own_passage_once_among_four_hard_distractors(file):
    rows = [row for row in [*measured(file), *left(file, 20)] if row.kind != "unrelated"]
    assert len(rows) == 50
    for row in rows:
        assert len(row.passages) == len(set(row.passages)) == 5
        assert row.passages.count(own(row)) == 1
        assert row.gold == (row.passages.index(own(row)) + 1 if row.kind == "answerable" else 0)
        assert bool(row.answers) is (row.kind == "answerable")


def test_distractors_are_nearer_to_the_question_than_random_ones(file):
    def of_its_article(rows):
        return sum(passage.heading == own(row).heading for row in rows for passage in row.passages)

    hard = [row for row in measured(file) if row.kind != "unrelated"]
    drawn = read_rows(file, 30, 0, 4)
    assert [row.id for row in hard] == [row.id for row in drawn]
    assert of_its_article(hard) > 1.5 * of_its_article(drawn)


def test_an_unrelated_row_shows_five_passages_and_none_of_its_article(file):
    rows = [row for row in measured(file) if row.kind == "unrelated"]
    assert len(rows) == 12
    for row in rows:
        assert (len(set(row.passages)), row.gold, row.answers) == (5, 0, ())
        assert own(row).heading not in {passage.heading for passage in row.passages}


def test_the_place_of_the_own_passage_tells_nothing(file):
    rows = [row for row in measured(file, EvalSettings(questions=72, unrelated=0)) if row.gold]
    assert {row.gold for row in rows} == {1, 2, 3, 4, 5}
    assert max(sum(row.gold == place for row in rows) for place in range(1, 6)) < len(rows) / 2


def test_the_rows_are_the_same_every_time(file):
    assert measured(file) == measured(file)
    assert left(file, 9) == left(file, 9)


@pytest.mark.parametrize("questions", [1, 30, 60])
@pytest.mark.parametrize("unrelated", [0, 12, 36])
def test_nothing_that_is_measured_is_left_to_choose_on(file, questions, unrelated):
    settings = EvalSettings(questions=questions, unrelated=unrelated)
    asked = {row.question for row in measured(file, settings)}
    rows = left(file, 1_000, settings)
    assert not {row.question for row in rows} & asked
    assert len(rows) == 72 - len(asked)
    assert "unrelated" not in {row.kind for row in rows}


@pytest.mark.parametrize("count", [1, 20])
def test_as_many_are_left_as_are_wanted(file, count):
    assert len({row.id for row in left(file, count)}) == count


def test_where_all_are_measured_the_remedy_is_named(file):
    with pytest.raises(BadQuestions, match=r"dev\.json: .* lower eval\.questions"):
        left(file, 5, EvalSettings(questions=72))


@pytest.mark.parametrize(("count", "unrelated"), [(0, 0), (7, 2), (30, 10), (99, 12)])
def test_fewer_are_the_first_of_the_same_rows(file, count, unrelated):
    rows = measured(file)
    some = fewer(rows, count)
    assert some == [*rows[: min(count, 30)], *rows[30 : 30 + unrelated]]


def test_a_thousand_questions_are_asked_unless_it_is_set():
    assert EvalSettings().questions == 1_000


def set_up(monkeypatch, **asked):
    for name, value in asked.items():
        monkeypatch.setenv(f"PLUMBLINE_EVAL__{name.upper()}", str(value))
    for command in (measuring, calibrating):
        monkeypatch.setattr(command, "configured", lambda _: HashEmbedder())


def test_the_command_asks_the_measured_rows_and_the_base_model_the_first_of_them(file, monkeypatch):
    told = []

    def refused(_reader, rows, watch):
        told.append(list(rows))
        watch(len(rows))
        return [Reply(row, "I don't know") for row in rows]

    set_up(monkeypatch, questions=30, unrelated=12, base_questions=6)
    monkeypatch.setattr(measuring, "ask_all", refused)
    done = CliRunner().invoke(app, ["adapter", "--questions", str(file), "--json"])
    assert done.exit_code == 0, done.output
    of_adapter, of_base, of_few_shot, _by_group = told
    assert of_adapter == measured(file)
    assert of_base == of_few_shot == fewer(of_adapter, 6)
    shares = [model["refused_unrelated"] for model in json.loads(done.stdout).values()]
    assert [(share["value"], share["n"]) for share in shares] == [(1.0, 12), (1.0, 2), (1.0, 2)]


def test_calibration_is_refused_where_it_would_use_what_is_measured(file, tmp_path, monkeypatch):
    set_up(monkeypatch, questions=72)
    done = CliRunner().invoke(tuning, ["calibrate", str(tmp_path), "--questions", str(file)])
    assert done.exit_code == 2
    assert "lower eval.questions" in " ".join(done.stderr.split())
