import json

import pytest

from ingest.errors import CorruptFile
from ingest.readers.notebook import LONGEST_OUTPUT, read


def notebook(*cells, **more):
    return json.dumps({"cells": cells, "nbformat": 4, **more}).encode()


def markdown(source):
    return {"cell_type": "markdown", "source": source}


def code(source, *outputs):
    return {"cell_type": "code", "source": source, "outputs": outputs}


def test_cells_are_read_in_order_with_what_the_code_printed():
    extract = read(
        notebook(
            markdown(["# Sales\n", "By *month*."]),
            code("x = 1\nprint(x)", {"output_type": "stream", "text": ["1\n"]}),
            code("x", {"output_type": "execute_result", "data": {"text/plain": "1", "text/html": "<b>1"}}),
            code("y", {"output_type": "error", "ename": "NameError", "evalue": "y"}),
        ),
        "x.ipynb",
    )
    assert extract.title == "Sales"
    assert extract.text == "Sales\n\nBy month.\n\nx = 1\nprint(x)\n\n1\n\nx\n\n1\n\ny\n\nNameError: y"
    assert [(mark.level, mark.title) for mark in extract.marks] == [(1, "Sales")]


def test_a_long_output_is_cut():
    extract = read(notebook(code("x", {"output_type": "stream", "text": "1 " * 50_000})), "x.ipynb")
    assert len(extract.text) <= LONGEST_OUTPUT + 10


def test_the_title_of_its_metadata_wins():
    assert read(notebook(markdown("# One"), metadata={"title": "Two"}), "x.ipynb").title == "Two"


def test_a_notebook_of_the_third_format_is_read():
    cells = [{"cell_type": "heading", "source": "Old"}, {"cell_type": "code", "input": ["1 + 1"]}]
    assert read(json.dumps({"worksheets": [{"cells": cells}]}).encode(), "x").text == "Old\n\n1 + 1"


@pytest.mark.parametrize("data", [b"{", b"[]", b"{}", b'{"a": 1}', b"[" * 100_000])
def test_what_is_no_notebook_is_a_clear_error(data):
    with pytest.raises(CorruptFile, match="notebook"):
        read(data, "x.ipynb")


def test_odd_cells_are_passed_over():
    assert read(notebook(7, {"source": 3}, markdown("words"), {"outputs": [None, 1]}), "x").text == "words"
