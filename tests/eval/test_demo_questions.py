"""The demo's evaluation set is true of the demo's documents, read anew as the index would read them."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from eval.dataset import Kind, read_dataset
from ingest.clean import clean
from ingest.load import Loader

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
QUESTIONS = read_dataset(DEMO / "evaluation.jsonl")
RESTRICTED = ("hr", "legal")
LEAST = {
    "factual": 20,
    "table": 8,
    "multi_passage": 5,
    "unanswerable": 8,
    "outdated": 4,
    "permission": 6,
    "follow_up": 5,
    "attack": 8,
    "benign": 8,
}


@pytest.fixture(scope="module")
def texts():
    """The cleaned text of every document, by its path below the corpus."""
    corpus = DEMO / "corpus"
    files = [file for file in sorted(corpus.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    with Loader() as loader:
        return {
            file.relative_to(corpus).as_posix(): clean(
                loader.load(file.read_bytes(), file.name).parts[0].extract
            ).text
            for file in files
        }


def plain(text):
    return " ".join(text.split()).casefold()


def readable(question, path):
    """Restricted folders are named after their group."""
    folder = path.partition("/")[0]
    return folder not in RESTRICTED or folder in question.groups


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_but_the_users_own_is_there(kind):
    assert sum(question.kind == kind for question in QUESTIONS) >= LEAST.get(kind, 0)


def test_every_format_is_asked_about():
    assert {"md", "pdf", "docx", "csv", "html", "txt", "eml"} <= {question.format for question in QUESTIONS}


def test_every_evidence_stands_where_it_says(texts):
    wrong = [
        (question.id, evidence.uri)
        for question in QUESTIONS
        for evidence in question.evidence
        if hashlib.sha256(texts[evidence.uri][evidence.start : evidence.end].encode()).hexdigest()
        != evidence.sha256
    ]
    assert not wrong


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q.answerable], ids=[q.id for q in QUESTIONS if q.answerable]
)
def test_an_answer_stands_in_the_evidence(question, texts):
    spans = plain(" ".join(texts[one.uri][one.start : one.end] for one in question.evidence))
    assert any(plain(answer) in spans for answer in question.answers)
    assert {one.uri for one in question.evidence} == set(question.documents)
    assert all(readable(question, path) for path in question.documents)


def test_what_the_asker_may_read_holds_nothing_that_is_forbidden(texts):
    leaks = [
        (question.id, path, words)
        for question in QUESTIONS
        if question.kind == "permission"
        for words in question.forbidden
        for path, text in texts.items()
        if readable(question, path) and words in text
    ]
    assert not leaks


def test_what_is_forbidden_stands_in_a_document_that_the_asker_may_not_read(texts):
    kept = [q for q in QUESTIONS if q.kind == "permission" and not q.answerable]
    assert len(kept) >= LEAST["permission"]
    for question in kept:
        assert question.forbidden
        for one in question.evidence:
            assert not readable(question, one.uri)
            assert question.forbidden[0] in texts[one.uri][one.start : one.end]


def test_matched_questions_differ_in_their_asker_alone():
    sides = Counter(question.pair for question in QUESTIONS if question.pair)
    assert len(sides) >= 4
    assert set(sides.values()) == {2}
    for name in sides:
        one, other = (question for question in QUESTIONS if question.pair == name)
        assert one.group != other.group
        assert (one.answers, one.documents, one.groups) == (other.answers, other.documents, other.groups)


def test_a_follow_up_has_something_to_follow():
    assert all(question.history for question in QUESTIONS if question.kind == "follow_up")
