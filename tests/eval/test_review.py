"""A review: what becomes of a row at each decision, and that it goes on where it ended."""

import io

import pytest
from rich.console import Console

from eval.dataset import Question, Turn, read_dataset, write_dataset
from eval.desk import Terminal
from eval.evidence import evidence
from eval.review import review, shown

TERMS = "Terms. The warranty lasts ten years. The end."


class Texts:
    def text(self, _tenant, uri):
        return {"terms.md": TERMS, "changed.md": "Else."}.get(uri)


def row(name, **fields):
    return Question(id=name, question=f"Question {name}?", **fields)


ROWS = [
    row("a", answers=("ten years",), evidence=(evidence("terms.md", TERMS, 7, 36),)),
    row("b", reviewed=True),
    row("c", answerable=False, forbidden=("secret",), groups=()),
    row("d", history=(Turn(role="user", content="Before?"),), groups=("hr",)),
]


@pytest.fixture
def go(tmp_path, monkeypatch):
    path = tmp_path / "set.jsonl"
    write_dataset(path, ROWS)

    def run(*typed):
        screen = io.StringIO()
        lines = iter(typed)

        def answer(*_, **__):
            try:
                return next(lines)
            except StopIteration:
                raise EOFError from None

        console = Console(file=screen, width=100)
        monkeypatch.setattr(console, "input", answer)
        return review(path, Terminal(console), Texts()), read_dataset(path), screen.getvalue()

    return run


def test_accepted_rows_are_reviewed_and_rejected_ones_are_gone(go):
    done, rows, _ = go("a", "r", "s")
    assert done == {"accept": 1, "reject": 1, "skip": 1}
    assert [(question.id, question.reviewed) for question in rows] == [("a", True), ("b", True), ("d", False)]


def test_an_edited_row_has_another_question_and_other_answers(go):
    _, rows, _ = go("e", "How long is the warranty?", "ten years | 10 years", "e", "", "q")
    assert (rows[0].question, rows[0].answers) == ("How long is the warranty?", ("ten years", "10 years"))
    assert rows[0].reviewed
    assert rows[2].question == "Question c?"
    assert rows[2].reviewed


def test_a_review_goes_on_where_it_ended(go):
    go("a", "q")
    done, rows, screen = go("a", "a")
    assert done == {"accept": 2}
    assert "Question a?" not in screen
    assert all(question.reviewed for question in rows)


def test_the_end_of_the_input_and_quit_change_nothing(go):
    for typed in ((), ("q",), ("nonsense", "q")):
        done, rows, _ = go(*typed)
        assert done == {"quit": 1}
        assert rows == ROWS


def test_the_person_sees_evidence_history_and_what_must_not_come_out(go):
    _, _, screen = go("s", "s", "s")
    assert "terms.md" in screen
    assert "Terms. The warranty lasts ten years. The end." in screen
    assert "secret" in screen
    assert "must not be answered" in screen
    assert "Before?" in screen
    assert "no group" in screen


def test_stale_evidence_is_marked():
    question = row("a", evidence=(evidence("changed.md", TERMS, 0, 4), evidence("gone.md", TERMS, 0, 4)))
    changed, gone = shown(question, Texts())
    assert (changed.words, changed.stale) == ("Else", True)
    assert (gone.words, gone.stale) == ("", True)
