import json

import pytest

from eval.adapter import Reply, ask_all, figures
from eval.errors import BadQuestions
from eval.questions import read_rows
from service.calibration import Calibration
from service.reading import Reader
from service.scripted import ScriptedGenerator
from service.scrutiny import Scrutiny


def paragraph(title, n):
    return {
        "context": f"{title} number {n} weighs {n} kg.",
        "qas": [
            {
                "id": f"{title}{n}",
                "question": f"What does {title} {n} weigh?",
                "answers": [{"text": f"{n} kg"}],
            },
            {"id": f"{title}{n}x", "question": f"Who made {title} {n}?", "answers": []},
        ],
    }


@pytest.fixture
def file(tmp_path):
    articles = [{"title": t, "paragraphs": [paragraph(t, n) for n in range(6)]} for t in ("Pump", "Fan")]
    path = tmp_path / "dev.json"
    path.write_text(json.dumps({"data": articles}))
    return path


def test_rows_hold_the_passage_among_distractors(file):
    rows = read_rows(file, 24, 5)
    among = [row for row in rows if row.kind != "unrelated"]
    assert len(among) == 24
    for row in among:
        assert len(set(row.passages)) == 4
        if row.gold:
            assert row.answers[0] in row.passages[row.gold - 1].text
        else:
            assert row.kind == "adversarial"


def test_unrelated_rows_show_other_articles_only(file):
    unrelated = [row for row in read_rows(file, 4, 5) if row.kind == "unrelated"]
    assert len(unrelated) == 5
    for row in unrelated:
        assert all(passage.heading not in row.question for passage in row.passages)


def test_the_sample_is_the_same_every_time(file):
    assert read_rows(file, 7, 3) == read_rows(file, 7, 3)
    assert read_rows(file, 7, 3) != read_rows(file, 7, 3, seed=8)


def test_a_perfect_model_and_a_refusing_one_get_the_figures_they_deserve(file):
    rows = read_rows(file, 24, 6)
    perfect = [Reply(row, f"{row.answers[0]} [{row.gold}]" if row.gold else "I don't know") for row in rows]
    refusing = [Reply(row, "I don't know") for row in rows]
    best, worst = figures(perfect), figures(refusing)
    assert [best[name].value for name in ("answer_f1", "exact_match", "citation_right")] == [1.0, 1.0, 1.0]
    assert [best[name].value for name in ("wrongly_refused", "refused_adversarial")] == [0.0, 1.0]
    assert [worst[name].value for name in ("answer_f1", "wrongly_refused", "refused_unrelated")] == [
        0.0,
        1.0,
        1.0,
    ]
    assert worst["citation_right"].n == 0


def test_a_wrong_or_additional_citation_is_not_right(file):
    row = next(row for row in read_rows(file, 24, 0) if row.gold)
    assert Reply(row, f"x [{row.gold}]").cites_gold
    assert not Reply(row, f"x [{row.gold % 4 + 1}]").cites_gold
    assert not Reply(row, f"x [{row.gold}][{row.gold % 4 + 1}]").cites_gold
    assert not Reply(row, "x").cites_gold


def test_every_row_is_asked_once_and_progress_is_told(file):
    rows, seen = read_rows(file, 5, 0), []
    engine = ScriptedGenerator({row.question: row.id for row in rows})
    replies = ask_all(Reader(engine, "m", Calibration(), Scrutiny()), rows, seen.append)
    assert [reply.text for reply in replies] == [row.id for row in rows]
    assert seen == [1, 2, 3, 4, 5]


NO_QUESTION = json.dumps(
    {
        "data": [
            {
                "title": "x",
                "paragraphs": [{"context": "x", "qas": [{"id": "a", "question": None, "answers": []}]}],
            }
        ]
    }
)


@pytest.mark.parametrize("content", ["{", "[]", '{"data": [{"title": "x"}]}', NO_QUESTION])
def test_a_file_in_another_layout_is_named(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(BadQuestions, match=r"x\.json: not a SQuAD v2 file"):
        read_rows(tmp_path / "x.json", 1, 1)


def test_exported_feedback_is_read_too(tmp_path):
    path = tmp_path / "rows.jsonl"
    why = {"id": "a", "question": "Why?", "answers": ["rain"], "passages": ["Sun.", "It was rain."]}
    who = {"question": "Who?", "answers": [], "passages": ["Nobody says."], "title": "A_b"}
    rows = [why | {"answerable": True}, who | {"answerable": False}]
    path.write_text("\n".join(map(json.dumps, rows)))
    first, second = sorted(read_rows(path, 9, 0), key=lambda row: row.id)
    assert (first.answers, first.passages[first.gold - 1].text, first.kind) == (
        ("rain",),
        "It was rain.",
        "answerable",
    )
    assert (second.id, second.gold, second.kind) == ("line-2", 0, "adversarial")
    assert "A b" in {passage.heading for passage in second.passages}


def written(path, *rows):
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def found(name, answers, *passages, **more):
    row = {"id": name, "question": f"{name}?", "answers": answers, "passages": passages, "answerable": True}
    return row | more


def test_without_headings_unrelated_passages_are_those_that_hold_no_answer_and_were_not_found(tmp_path):
    rows = [
        found("a", ["9 kg"], "The pump: 9 kg.", "The fan is blue."),
        found("b", ["blue"], "The fan is blue."),
        found("c", ["2009"], "Founded in 2009, with a pump of 9 KG."),
        found("d", ["Oulu"], "The house is in Oulu."),
    ]
    unrelated = [row for row in read_rows(written(tmp_path / "x.jsonl", *rows), 4, 4) if not row.answers]
    shown = {row.id: {passage.text for passage in row.passages} for row in unrelated}
    pump, fan, founded, house = (row["passages"][0] for row in rows)
    assert shown == {
        "a-unrelated": {house},
        "b-unrelated": {pump, founded, house},
        "c-unrelated": {pump, fan, house},
        "d-unrelated": {pump, fan, founded},
    }


def test_headings_tell_articles_apart_where_there_are_some(tmp_path):
    rows = [
        found("a", ["9 kg"], "The pump: 9 kg.", title="Pumps"),
        found("b", ["10 kg"], "Another pump: 10 kg.", title="Pumps"),
        found("c", ["blue"], "The fan is blue, and weighs 9 kg.", title="Fans"),
        found("d", ["Oulu"], "The house is in Oulu."),
    ]
    read = read_rows(written(tmp_path / "x.jsonl", *rows), 4, 4)
    (first,) = (row for row in read if row.id == "a-unrelated")
    assert {passage.text for passage in first.passages} == {rows[2]["passages"][0], rows[3]["passages"][0]}


def test_a_question_that_is_left_without_passages_is_not_asked_as_unrelated(tmp_path):
    rows = [found("a", ["9 kg"], "The pump: 9 kg.", "The fan."), found("b", ["fan"], "The fan.")]
    read = read_rows(written(tmp_path / "x.jsonl", *rows), 2, 2)
    assert [row.id for row in read if row.kind == "unrelated"] == ["b-unrelated"]
    assert all(row.passages for row in read)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"question": "Why?", "answers": [], "answerable": false}', "line 1: no passages"),
        ('{"question": "Why?", "passages": ["x"], "answerable": true}', "line 1: not a question"),
        ("{", "line 1"),
    ],
)
def test_a_line_that_is_no_question_with_passages_is_named(tmp_path, line, said):
    (tmp_path / "x.jsonl").write_text(line)
    with pytest.raises(BadQuestions, match=said):
        read_rows(tmp_path / "x.jsonl", 1, 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (found("a", []), "not a question: answerable, without answers"),
        (found("a", None), "not a question: answerable, without answers"),
        (found("a", "9 kg"), "not a question: answers: "),
        (found("a", ["9 lb"]), "not a question: no passage holds an answer"),
        (found("a", [" "]), "not a question: answers.0: "),
        (found("first", ["9 kg"]), "the id 'first' occurs twice"),
        (found("line-1", ["9 kg"]), "the id 'line-1' occurs twice"),
        (found("a", ["9 kg"], question=None), "not a question: question: "),
        (found("a", ["9 kg"], passages="9 kg"), "not a question: passages: "),
    ],
)
def test_a_question_that_would_be_mistaken_is_refused_with_its_line(tmp_path, row, said):
    first = found("first", ["9 kg"], "It weighs 9 kg.")
    path = written(
        tmp_path / "x.jsonl",
        first | {"id": None},
        first,
        {"passages": ["It weighs 9 kg."]} | {key: value for key, value in row.items() if value != ()},
    )
    with pytest.raises(BadQuestions, match=f"line 3: {said}"):
        read_rows(path, 3, 0)


@pytest.mark.parametrize(
    ("row", "answers", "kind"),
    [
        (found("a", ["no", "9 kg"], "The fan.", "It weighs 9 kg."), ("no", "9 kg"), "answerable"),
        (found("a", [9], "It weighs 9 kg."), ("9",), "answerable"),
        (found("a", ["9 lb"], "It weighs 9 kg.", answerable=False), (), "adversarial"),
        (found("a", None, "It weighs 9 kg.", answerable=False), (), "adversarial"),
    ],
)
def test_questions_that_are_near_to_that_are_read(tmp_path, row, answers, kind):
    (read,) = read_rows(written(tmp_path / "x.jsonl", row), 1, 0)
    assert (read.answers, read.kind) == (answers, kind)
    assert not answers or "9 kg" in read.passages[read.gold - 1].text
