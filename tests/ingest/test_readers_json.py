import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import CorruptFile
from ingest.readers.json import DEEPEST, read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"plan": "Basic", "price": 10, "old": None, "paid": True}, "plan: Basic\nprice: 10\npaid: yes"),
        ([{"plan": "Basic"}, {"plan": "Pro", "tags": ["a", "b"]}], "plan: Basic\n\nplan: Pro\ntags: a, b"),
        ({"owner": {"name": "Ann", "at": {"city": "Rome"}}}, "owner\n\nname: Ann\n\nat\n\ncity: Rome"),
        ([{"owner": {"name": "Ann"}, "at": [[1, 2]]}], "owner.name: Ann\nat[1]: 1, 2"),
        ("only words", "only words"),
        ({"empty": {}, "none": [], "": "x"}, "x"),
    ],
)
def test_records_are_blocks_of_lines(value, text):
    extract = read(json.dumps(value).encode(), "x.json")
    assert extract.text == text


def test_objects_in_objects_are_headings_and_records_are_blocks():
    data = {"title": "Plans", "plans": [{"name": "Basic"}, {"name": "Pro"}]}
    extract = read(json.dumps(data).encode(), "x.json")
    assert extract.title == "Plans"
    assert [(mark.level, mark.title) for mark in extract.marks] == [(1, "plans")]
    assert [extract.text[start:end] for start, end in extract.blocks] == [
        "title: Plans",
        "plans",
        "name: Basic",
        "name: Pro",
    ]


def test_lines_of_json_are_records():
    extract = read(b'{"a": 1}\n\n{"a": 2}\n', "x.jsonl")
    assert (extract.title, extract.text) == ("x", "a: 1\n\na: 2")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a": ', "not readable JSON"),
        (b'{"a": 1}\n{"a": \n', "not readable JSON"),
        (b"[" * 100_000, "nested more than"),
        (b"[" * (DEEPEST + 5) + b"]" * (DEEPEST + 5), "nested more than"),
    ],
)
def test_what_is_no_json_is_a_clear_error(data, words):
    with pytest.raises(CorruptFile, match=words):
        read(data, "x.json")


def test_a_text_that_only_begins_like_json_is_read_as_text():
    assert read(b'{"a": see below\n\nwords }', "x.log").text == '{"a": see below\n\nwords }'


@given(VALUES)
def test_any_value_is_read_and_its_spans_fit(value):
    extract = read(json.dumps(value).encode(), "x.json")
    ends = [0, *(end for _, end in extract.blocks)]
    assert all(before <= start < end for before, (start, end) in zip(ends, extract.blocks, strict=False))
    assert all(extract.text[mark.start :].startswith(mark.title) for mark in extract.marks)
