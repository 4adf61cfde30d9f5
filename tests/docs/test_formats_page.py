"""ingest/FORMATS.md names every format with all its suffixes, and the limits that hold."""

import re
from pathlib import Path

import pytest

from ingest import load
from ingest.formats import FORMATS
from ingest.readers import json, members, notebook, pdf
from ingest.sandbox import Limits

PAGE = Path("ingest/FORMATS.md").read_text(encoding="utf-8")
ROWS = {
    row[0].strip(): row[1].split() for row in re.findall(r"^\| ([^|]+) \| ([^|]+) \|", PAGE, re.MULTILINE)
}


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_every_format_has_a_row_with_its_suffixes(kind):
    assert set(kind.suffixes) <= {name.rstrip(",") for name in ROWS[kind.name]}


@pytest.mark.parametrize(
    "words",
    [
        f"{load.MAX_BYTES >> 20} MiB (`max_file_bytes`)",
        f"{Limits().seconds:g} s of time, {Limits().memory >> 30} GiB of memory",
        f"{pdf.MAX_PAGES:,} pages",
        f"{members.MAX_MEMBERS:,} files, {members.MAX_UNPACKED >> 20} MiB unpacked, {members.MAX_RATIO}",
        f"{load.DEEPEST} deep, {load.MAX_MEMBERS:,} files, {load.MAX_UNPACKED >> 20} MiB",
        f"| {json.DEEPEST} levels",
        f"| {notebook.LONGEST_OUTPUT:,} characters",
    ],
)
def test_the_limits_on_the_page_hold(words):
    assert words in PAGE
