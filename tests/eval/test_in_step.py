"""Whether the index is in step: files that are gone or changed, and questions whose words have changed."""

import os
from pathlib import Path

import pytest

from eval.corpus import Corpus, Indexed
from eval.dataset import Question
from eval.evidence import evidence
from eval.in_step import out_of_step
from ingest.access import Access, Principal
from ingest.documents import document_id
from ingest.errors import NotIndexed
from ingest.record import FileTrace, Page, Record
from ingest.scan import Root, scan

TEXT = "You get 30 days."


class Shelf:
    """A catalog of files, as they are when it is made."""

    def __init__(self, *uris):
        self.records = {document_id("default", uri): self._record(uri) for uri in uris}
        self.seen = {uri: trace for uri in uris if (trace := seen(uri))}

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

    def traces(self, _tenant, _uri):
        return self.seen


def seen(uri):
    """The trace that a sync leaves of a file; None if there is none."""
    path = Path(uri.removeprefix("file://"))
    if not path.exists():
        return None
    (found,) = scan(Root(path, uri))
    return FileTrace(uri, found.stamp, "c", "r")


def said(shelf, *questions):
    return out_of_step(Corpus(shelf, Principal.administrator()), Indexed(shelf), shelf.traces, questions)


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "leave.md"
    made.write_text(TEXT)
    return made


def test_in_step_there_is_nothing_to_say(file):
    uri = file.as_uri()
    question = Question(id="1", question="?", evidence=(evidence(uri, TEXT, 8, 15),))
    assert said(Shelf(uri), question) == []


def test_files_that_are_gone_or_changed_are_counted_and_not_named(file):
    shelf = Shelf(file.as_uri(), f"{file.parent.as_uri()}/gone.md")
    os.utime(file, (1_900_000_000, 1_900_000_000))
    assert said(shelf) == [
        "Documents gone since the last sync: 1.",
        "Documents changed since the last sync: 1.",
    ]


def test_a_file_that_was_only_touched_is_in_step_after_the_next_sync(file):
    uri = file.as_uri()
    shelf = Shelf(uri)
    os.utime(file, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns + 1))
    assert said(shelf) == ["Documents changed since the last sync: 1."]
    # A sync finds the same content: the document stays as it was published, its trace is refreshed.
    shelf.seen[uri] = seen(uri)
    assert said(shelf) == []


def test_folders_of_other_machines_and_uploads_are_not_looked_at():
    assert said(Shelf("file:///not/mounted/here/a.md", "upload:///b.md")) == []


def test_questions_whose_words_have_changed_are_counted(file):
    uri = file.as_uri()
    old = evidence(uri, "You get 28 days.", 8, 15)
    asked = [Question(id=str(number), question="?", evidence=(old,)) for number in range(5)]
    assert said(Shelf(uri), *asked) == ["Questions about words that have changed: 5."]


def test_an_empty_index_is_said():
    assert "holds no document" in said(Shelf())[0]
