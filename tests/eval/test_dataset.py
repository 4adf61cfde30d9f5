import json

import pytest

from eval.dataset import Question, Turn, read_dataset, version, write_dataset
from eval.errors import BadQuestions


@pytest.fixture
def file(tmp_path):
    def write(*rows):
        path = tmp_path / "set.jsonl"
        path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
        return path

    return write


def test_the_contracts_fields_are_read(file):
    row = {
        "id": "a",
        "question": "How long?",
        "answers": ["ten years"],
        "answerable": True,
        "documents": ["file:///terms.html"],
        "history": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}],
    }
    [question] = read_dataset(file(row))
    assert question.answers == ("ten years",)
    assert question.history == (Turn(role="user", content="Hello"), Turn(role="assistant", content="Hi"))
    assert question.format == "html"
    assert question.principal.every_group


def test_plain_strings_of_history_are_what_the_user_said(file):
    [question] = read_dataset(file({"id": "a", "question": "And then?", "history": ["First?", "Second?"]}))
    assert [(turn.role, turn.content) for turn in question.history] == [
        ("user", "First?"),
        ("user", "Second?"),
    ]


def test_unknown_fields_are_told_of_once_and_left_out(file):
    told = []
    rows = [{"id": str(n), "question": "?", "anwers": ["x"], "topic": "t"} for n in range(3)]
    questions = read_dataset(file({"id": "first", "question": "?"}, *rows), told.append)
    assert len(questions) == 4
    assert sorted(line.partition(": ")[2] for line in told) == [
        "the field 'anwers' (first in line 2) is not known and was left out",
        "the field 'topic' (first in line 2) is not known and was left out",
    ]


def test_nulls_and_numbers_of_other_peoples_files_are_taken_for_what_they_mean(file):
    [question] = read_dataset(file({"id": 7, "question": "?", "documents": None, "history": None}))
    assert (question.id, question.documents, question.history) == ("7", (), ())


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["{"], "line 1: not JSON"),
        (["[1]"], "line 1: not a JSON object"),
        ([{"id": "a"}], "line 1, field question"),
        ([{"id": "a", "question": "?", "kind": "silly"}], "line 1, field kind"),
        ([{"id": "a", "question": "?"}, {"id": "a", "question": "!"}], "line 2: the id 'a' occurs twice"),
        ([], "holds no question"),
    ],
)
def test_a_wrong_row_is_named(file, rows, told):
    with pytest.raises(BadQuestions, match=told):
        read_dataset(file(*rows))


def test_a_missing_file_is_told_of(tmp_path):
    with pytest.raises(BadQuestions, match="cannot be read"):
        read_dataset(tmp_path / "none.jsonl")


def test_what_is_written_is_read_again_and_its_version_heeds_rows_not_their_order(tmp_path):
    questions = [Question(id="a", question="\u2028?", history=["x"]), Question(id="b", question="!")]
    write_dataset(tmp_path / "set.jsonl", questions)
    assert read_dataset(tmp_path / "set.jsonl") == questions
    assert version(questions) == version(questions[::-1])
    assert version(questions) != version(questions[:1])
