"""Whether the index is in step: files that are gone or newer, and questions whose words have changed."""

import os

import pytest

from eval.corpus import Corpus, Indexed
from eval.dataset import Question
from eval.evidence import evidence
from eval.in_step import out_of_step
from ingest.access import Access, Principal
from ingest.documents import document_id
from ingest.errors import NotIndexed
from ingest.record import Page, Record

TEXT = "You get 30 days."


class Shelf:
    """A catalog of files, indexed at noon."""

    def __init__(self, *uris):
        self.records = {document_id("default", uri): self._record(uri) for uri in uris}

    def _record(self, uri):
        return Record(
            document_id=document_id("default", uri),
            uri=uri,
            file=uri,
            version="1",
            title="",
            content_hash="h",
            access=Access.of("default", ()),
            chunks=1,
            updated_at="2026-11-20T12:00:00+00:00",
            text=TEXT,
        )

    def documents(self, _principal, _limit=100, _cursor=None):
        return Page(tuple(self.records.values()), None)

    def document(self, _principal, name):
        if name not in self.records:
            raise NotIndexed(name, "")
        return self.records[name]


def said(shelf, *questions):
    return out_of_step(Corpus(shelf, Principal.administrator()), Indexed(shelf), questions)


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "leave.md"
    made.write_text(TEXT)
    os.utime(made, (1_763_000_000, 1_763_000_000))  # 2025
    return made


def test_in_step_there_is_nothing_to_say(file):
    uri = file.as_uri()
    question = Question(id="1", question="?", evidence=(evidence(uri, TEXT, 8, 15),))
    assert said(Shelf(uri), question) == []


def test_files_that_are_gone_or_newer_are_counted_and_not_named(file):
    shelf = Shelf(file.as_uri(), f"{file.parent.as_uri()}/gone.md")
    os.utime(file, (1_900_000_000, 1_900_000_000))
    assert said(shelf) == [
        "Documents gone since the last sync: 1.",
        "Documents changed since the last sync: 1.",
    ]


def test_folders_of_other_machines_and_uploads_are_not_looked_at():
    assert said(Shelf("file:///not/mounted/here/a.md", "upload:///b.md")) == []


def test_questions_whose_words_have_changed_are_counted(file):
    uri = file.as_uri()
    old = evidence(uri, "You get 28 days.", 8, 15)
    asked = [Question(id=str(number), question="?", evidence=(old,)) for number in range(5)]
    assert said(Shelf(uri), *asked) == ["Questions about words that have changed: 5."]


def test_an_empty_index_is_said():
    assert "holds no document" in said(Shelf())[0]
