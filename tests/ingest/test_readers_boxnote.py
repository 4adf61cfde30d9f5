import json

import pytest

from ingest.errors import CorruptFile
from ingest.readers.boxnote import read


def node(kind, *content, **attributes):
    return {"type": kind, "attrs": attributes, "content": list(content)}


def words(text):
    return {"type": "text", "text": text}


def paragraph(*texts):
    return node("paragraph", *map(words, texts))


def note(*content):
    return json.dumps({"doc": node("doc", *content)}).encode()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([paragraph("One ", "word.")], "One word."),
        (
            [node("bullet_list", node("list_item", paragraph("a")), node("list_item", paragraph("b")))],
            "- a\n- b",
        ),
        (
            [node("ordered_list", node("list_item", paragraph("a")), node("list_item", paragraph("b")))],
            "1. a\n2. b",
        ),
        ([node("blockquote", paragraph("a"), paragraph("b"))], "a\n\nb"),
        ([node("image", alt="A plan")], "A plan"),
        (
            [
                node(
                    "table",
                    node("table_row", node("table_cell", paragraph("a")), node("table_cell", paragraph("b"))),
                )
            ],
            "a | b",
        ),
    ],
)
def test_nodes_become_blocks(content, text):
    assert read(note(*content), "x.boxnote").text == text


def test_headings_are_marks():
    extract = read(note(node("heading", words("Plans"), level=2), paragraph("x")), "x.boxnote")
    assert (extract.title, [(mark.level, mark.title) for mark in extract.marks]) == ("Plans", [(2, "Plans")])


def deep(levels):
    found = paragraph("x")
    for _ in range(levels):
        found = node("blockquote", found)
    return note(found)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"atext": {"text": "old"}}', deep(100)])
def test_what_cannot_be_read_is_a_clear_error(data):
    with pytest.raises(CorruptFile):
        read(data, "x.boxnote")
