"""Rated answers become rows to learn from: of what was shown, as it stands, to whoever may read it."""

import json
import stat

import pytest

from finetune.datasets.sources import read_source
from ingest.access import Principal
from ingest.memory import MemoryStore
from service.errors import BadRequest
from service.export import CHANGED, ELSEWHERE, NO_ANSWER, NOT_KEPT, export, write
from tests.finetune.making import make
from tests.service.desk import ANNA, LEAVE, Desk

ADMIN = Principal.administrator("acme")
STAFF = Principal("acme", "local", frozenset({"staff"}))
LEAVE_TEXT = "Employees get 27 days\nof paid leave. The notice is three months."
PAY = "How much does Aino earn?"
HANNA = Principal("acme", "hanna", frozenset({"hr"}))


@pytest.fixture
def desk(settings, ledger):
    made = Desk(settings.folder, ledger, lambda *_: MemoryStore(), wait=24)
    made.put("leave.txt", LEAVE_TEXT)
    made.put("pay.txt", "Aino does earn EUR 5,850 a month.", groups=["hr"])
    yield made
    made.close()


def rate(desk, rating="up", correction=None, question=LEAVE, principal=ANNA, **more):
    answer = desk.ask(question, principal, **more)
    desk.ledger.rate(principal, answer.answer_id, rating, correction, "a comment")
    return answer


def exported(desk, reader=ADMIN):
    return export(desk.samples.rated(reader), desk.catalog, reader)


def test_a_good_answer_is_a_row_with_all_that_it_came_from(desk):
    answer = rate(desk)
    done = exported(desk)
    assert done.skipped == {}
    (row,) = done.rows
    assert (row["id"], row["question"], row["answers"]) == (answer.answer_id, LEAVE, ["27 days"])
    assert (row["passages"], row["title"], row["answerable"]) == ([LEAVE_TEXT], "leave.txt", True)
    assert row["feedback"] == {
        "rating": "up",
        "comment": "a comment",
        "at": row["feedback"]["at"],
        "model": "base",
        "policy": answer.policy,
        "chunk_ids": [name for shown in answer.context for name in shown.chunk_ids],
        "titles": ["leave.txt"],
        "documents": ["file:///leave.txt"],
        "rejected": None,
    }
    assert "anna" not in json.dumps(row)


@pytest.mark.parametrize(
    ("rating", "correction", "learnt"),
    [
        ("down", "27 days of PAID leave", "27 days\nof paid leave"),
        ("down", "three months [1].", "three months"),
        ("up", "27 days\nof paid leave", "27 days\nof paid leave"),
    ],
)
def test_a_correction_wins_in_the_words_of_the_passage(desk, rating, correction, learnt):
    rate(desk, rating, correction)
    (row,) = exported(desk).rows
    assert (row["answers"], row["answerable"]) == ([learnt], True)
    assert learnt in row["passages"][0]


@pytest.mark.parametrize(
    ("rating", "correction", "rejected"),
    [
        ("down", "three months", "27 days [1]"),
        ("down", "I don't know", "27 days [1]"),
        ("down", "27 days [1].", None),
        ("up", None, None),
    ],
)
def test_what_was_corrected_is_kept_beside_its_correction(desk, rating, correction, rejected):
    rate(desk, rating, correction)
    (row,) = exported(desk).rows
    assert row["feedback"]["rejected"] == rejected


def test_the_citations_of_what_was_corrected_follow_the_passages(desk):
    desk.put("more.txt", "The notice of employees in Sweden is four months.")
    rate(desk, "down", "four months")
    (row,) = exported(desk).rows
    assert row["feedback"]["titles"] == ["more.txt", "leave.txt"]
    assert row["feedback"]["rejected"] == "27 days [2]"


@pytest.mark.parametrize(
    ("rating", "correction", "question"),
    [("up", None, "Who won the match?"), ("down", "I don't know.", LEAVE)],
)
def test_that_nobody_knows_can_be_learnt_too(desk, rating, correction, question):
    rate(desk, rating, correction, question)
    (row,) = exported(desk).rows
    assert (row["answers"], row["answerable"], row["passages"]) == ([], False, [LEAVE_TEXT])


@pytest.mark.parametrize(
    ("rating", "correction", "reason"),
    [
        ("down", None, NO_ANSWER),
        ("down", " [1]. ", NO_ANSWER),
        ("down", "ninety days", ELSEWHERE),
        ("down", "7 days", ELSEWHERE),
    ],
)
def test_what_says_no_right_answer_is_left_out_and_counted(desk, rating, correction, reason):
    rate(desk, rating, correction)
    done = exported(desk)
    assert (done.rows, done.skipped) == ([], {reason: 1})


CHANGES = {
    "it says something else": lambda desk: desk.put("leave.txt", "Employees get 28 days."),
    "it is deleted": lambda desk: desk.remove("leave.txt"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_answer_is_not_learnt_from_once_its_passage_has_changed(desk, change):
    rate(desk)
    change(desk)
    assert exported(desk).skipped == {CHANGED: 1}


def test_a_passage_that_moved_to_other_readers_is_exported_to_them_alone(desk):
    rate(desk)
    desk.put("leave.txt", LEAVE_TEXT, groups=["board"])
    assert exported(desk, STAFF).skipped == {CHANGED: 1}
    assert len(exported(desk, ADMIN).rows) == 1


def test_what_one_may_not_read_one_cannot_export(desk):
    rate(desk)
    rate(desk, question=PAY, principal=HANNA)
    assert len(exported(desk).rows) == 2
    done = exported(desk, STAFF)
    assert [row["question"] for row in done.rows] == [LEAVE]
    assert "5,850" not in json.dumps(done.rows)
    other = exported(desk, Principal.administrator("other"))
    assert (other.rows, other.skipped) == ([], {})


def test_a_passage_that_a_rail_redacted_is_not_learnt_from(desk):
    desk.put("leave.txt", f"{LEAVE_TEXT} The secret is 1234.")
    rate(desk)
    assert exported(desk).skipped == {CHANGED: 1}


def test_ratings_whose_texts_were_not_kept_are_counted(desk):
    rate(desk, store=False)
    assert exported(desk).skipped == {NOT_KEPT: 1}


def test_what_was_learnt_once_is_not_written_twice(desk):
    first, second = rate(desk), rate(desk)
    assert second.repeats == first.answer_id
    assert [row["id"] for row in exported(desk).rows] == [first.answer_id]


def test_finetune_builds_a_dataset_from_it(desk, tmp_path):
    rate(desk)
    rate(desk, "down", "three months", "How long is the notice?")
    rate(desk, question="Who won the match?")
    rate(desk, question=PAY, principal=HANNA)
    file = tmp_path / "feedback.jsonl"
    write(exported(desk).rows, file)
    paragraphs = {paragraph.article: paragraph for paragraph in read_source(file)}
    assert set(paragraphs) == {"file:///leave.txt", "file:///pay.txt"}
    asked = {question.text: question.answer for question in paragraphs["file:///leave.txt"].questions}
    assert asked == {LEAVE: "27 days", "How long is the notice?": "three months", "Who won the match?": None}
    manifest = make([file], tmp_path / "data")
    assert manifest["questions"]["adversarial"] >= 1
    assert manifest["questions"]["answerable"] >= 3


def test_the_file_is_for_its_owner_alone_and_never_overwritten(tmp_path):
    file = tmp_path / "feedback.jsonl"
    write([{"question": "Wie heißt er?"}], file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text("utf-8") == '{"question": "Wie heißt er?"}\n'
    with pytest.raises(BadRequest, match="--out"):
        write([], file)
    assert [each.name for each in tmp_path.iterdir()] == ["feedback.jsonl"]


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(BadRequest, match=r"nowhere.*--out"):
        write([], tmp_path / "nowhere" / "feedback.jsonl")
