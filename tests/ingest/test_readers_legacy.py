import json

import pytest
from office_oxide import OfficeOxideError

from ingest.errors import CorruptFile, EncryptedFile, NoTextFound
from ingest.formats import detect
from ingest.readers import legacy
from ingest.readers.legacy import read

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SLIDES = OLE + bytes(504) + "PowerPoint Document".encode("utf-16-le")


def text(words):
    return {"type": "text", "text": words}


def paragraph(*words):
    return {"type": "paragraph", "content": [text(word) for word in words]}


def cell(words, span=1):
    return {"content": [paragraph(words)] if words else [], "col_span": span, "row_span": 1}


def table(*rows):
    return {"type": "table", "rows": [{"cells": list(row)} for row in rows]}


class Parsed:
    """Stands in for office-oxide's document, which only old Office itself can write."""

    def __init__(self, sections, metadata):
        self.content = {"metadata": metadata, "sections": sections}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def to_ir_json(self):
        return json.dumps(self.content)


@pytest.fixture
def parsed(monkeypatch):
    """What office-oxide is to say of any file: sections of elements, and metadata."""

    def say(*sections, **metadata):
        document = Parsed(sections, metadata)
        monkeypatch.setattr(legacy.Document, "from_bytes", lambda *_: document, raising=False)

    class Double:
        pass

    monkeypatch.setattr(legacy, "Document", Double)
    return say


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (paragraph("two ", "parts"), "two parts"),
        (paragraph("field\x13 mark\x15"), "field mark"),
        ({"type": "heading", "level": 2, "content": [text("Costs")]}, "Costs"),
        (
            {
                "type": "list",
                "ordered": True,
                "items": [
                    {"content": [paragraph("one")], "nested": {"items": [{"content": [paragraph("dot")]}]}},
                    {"content": [paragraph("two")]},
                ],
            },
            "1. one\n  - dot\n2. two",
        ),
        (
            table(
                (cell("Plan"), cell("Price"), cell("Users")),
                (cell("Pro"), cell("5 EUR", span=2)),
            ),
            "Plan: Pro | Price: 5 EUR | Users: 5 EUR",
        ),
        ({"type": "image"}, ""),
    ],
)
def test_elements_become_blocks(parsed, element, expected):
    parsed({"elements": [element, paragraph("end")]})
    assert read(OLE, "file.doc").text.removesuffix("end").strip() == expected


def test_every_slide_is_a_page_and_notes_say_that_they_are(parsed):
    parsed(
        {"elements": [{"type": "heading", "level": 1, "content": [text("Costs")]}]},
        {"elements": [paragraph("words")], "speaker_notes": [paragraph("slowly")]},
    )
    extract = read(SLIDES, "deck.ppt")
    assert extract.text == "Costs\n\nwords\n\nNotes: slowly"
    assert [(mark.start, mark.page) for mark in extract.marks if mark.page] == [(0, 1), (7, 2)]


def test_properties_give_title_and_day(parsed):
    parsed({"elements": [paragraph("x")]}, title="Guide", created="2001-02-03T00:00:00Z", modified=None)
    extract = read(OLE, "file.doc")
    assert (extract.title, extract.dated) == ("Guide", "2001-02-03")


def test_an_empty_document_is_a_clear_error(parsed):
    parsed({"elements": []})
    with pytest.raises(NoTextFound, match="no text"):
        read(OLE, "file.doc")


@pytest.mark.parametrize(("data", "kind"), [(OLE + bytes(3000), ".docx"), (SLIDES, ".pptx")])
def test_damage_is_a_clear_error_that_says_what_to_save_it_as(data, kind):
    with pytest.raises(CorruptFile, match=f"save it as {kind}"):
        read(data, "file.doc")


def test_a_password_is_a_clear_error(monkeypatch):
    def refuse(*_):
        raise OfficeOxideError("document is encrypted or password-protected")

    class Double:
        from_bytes = staticmethod(refuse)

    monkeypatch.setattr(legacy, "Document", Double)
    with pytest.raises(EncryptedFile, match="password"):
        read(OLE, "file.doc")


@pytest.mark.parametrize(
    ("stream", "name"),
    [("WordDocument", "old Word"), ("PowerPoint Document", "old PowerPoint"), ("Workbook", "old Excel")],
)
def test_old_office_files_are_known_by_their_streams(stream, name):
    entry = stream.encode("utf-16-le").ljust(64, b"\0") + len(stream.encode("utf-16-le") + b"\0\0").to_bytes(
        2, "little"
    )
    directory = OLE + bytes(504) + entry.ljust(128, b"\0") + bytes(384)
    assert detect(directory, "file.doc").name == name
