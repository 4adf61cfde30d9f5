"""Notebooks (Jupyter): Markdown and code cells in order, and what the code printed, as far as it is short."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.draft import Draft
from ingest.readers.encoding import decode
from ingest.readers.markdown import add_markdown

LONGEST_OUTPUT = 2_000  # characters of one cell's output: logs and tables of numbers answer no question

Json = object


def read(data: bytes, name: str) -> Extract:
    """Read a notebook. Pictures and HTML that cells have made are left out.

    Raises:
        CorruptFile: no readable notebook.
    """
    try:
        notebook = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise CorruptFile("not a readable notebook", "open it in Jupyter and save it again") from error
    sheets = _list(notebook, "worksheets")  # format 3 had these around the cells
    cells = _list(notebook, "cells") + [cell for sheet in sheets for cell in _list(sheet, "cells")]
    if not isinstance(notebook, Mapping) or not ("cells" in notebook or sheets):
        raise CorruptFile("no notebook: it has no cells", "check the file's type and name")
    draft = Draft()
    for cell in cells:
        _add(draft, cell)
    metadata = notebook.get("metadata")
    title = _text(metadata, "title") if isinstance(metadata, Mapping) else ""
    return draft.extract(title or draft.first_heading or PurePath(name).stem)


def _add(draft: Draft, cell: Json) -> None:
    kind = _text(cell, "cell_type")
    source = _text(cell, "source") or _text(cell, "input")
    if kind == "markdown":
        add_markdown(draft, source)
    elif kind == "heading":
        draft.heading(1, source)
    else:
        draft.block(source)
    for output in _list(cell, "outputs"):
        draft.block(_output(output)[:LONGEST_OUTPUT])


def _output(output: Json) -> str:
    if not isinstance(output, Mapping):
        return ""
    if _text(output, "output_type") in {"error", "pyerr"}:
        return f"{_text(output, 'ename')}: {_text(output, 'evalue')}"
    return _text(output, "text") or _text(output.get("data"), "text/plain")


def _list(value: Json, key: str) -> list[Json]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else []


def _text(value: Json, key: str) -> str:
    """The text at `key`, which notebooks store as a string or as a list of lines."""
    found = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(found, list):
        return "".join(line for line in found if isinstance(line, str))
    return found if isinstance(found, str) else ""
