import pytest

from ingest.readers.rst import read


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("One *word* and ``code`` and `a link <x>`_.", "One word and code and a link."),
        ("* a\n\n* b\n", "- a\n- b"),
        ("3. a\n4. b\n", "3. a\n4. b"),
        ("* a\n\n  * b\n", "- a\n  - b"),
        ("::\n\n   code  here\n", "code  here"),
        ("term\n   Its meaning.\n", "term\n\nIts meaning."),
        (".. note::\n\n   Mind this.\n", "Mind this."),
        (".. versionadded:: 2\n\n   A new thing.\n", "A new thing."),
        (".. image:: x.png\n   :alt: A plan\n", "A plan"),
        (".. a comment\n\nwords", "words"),
        ("===== =====\nPlan  Price\n===== =====\nBasic 10\n===== =====\n", "Plan: Basic | Price: 10"),
        ("A :class:`Thing` of Sphinx.", "A :class:`Thing` of Sphinx."),
    ],
)
def test_what_a_reader_sees_becomes_text(source, text):
    assert read(source.encode(), "x.rst").text == text


def test_sections_are_headings_as_deep_as_they_lie():
    extract = read(b"One\n===\n\nx\n\nTwo\n---\n\ny\n\nThree\n=====\n\nz\n", "x.rst")
    assert extract.title == "One"
    assert [(mark.level, mark.title) for mark in extract.marks] == [(1, "One"), (2, "Two"), (1, "Three")]
    assert all(extract.text[mark.start :].startswith(mark.title) for mark in extract.marks)


@pytest.mark.parametrize(
    "directive", ["include", "literalinclude", "csv-table:: x\n   :file", "raw:: html\n   :file"]
)
def test_no_file_is_taken_in(directive, tmp_path):
    (tmp_path / "secret.txt").write_text("the launch code")
    extract = read(f".. {directive}:: {tmp_path}/secret.txt\n\nwords\n".encode(), "x.rst")
    assert "launch" not in extract.text
    assert "words" in extract.text


def test_raw_markup_is_not_taken():
    assert "script" not in read(b"words\n\n.. raw:: html\n\n   <script>x</script>\n", "x.rst").text


@pytest.mark.parametrize("source", ["=\n=\n=", "* \n- *x", "|x|_ `", ".. figure::\n\n::", "\n\n====\n"])
def test_broken_markup_is_read_as_far_as_it_goes(source):
    assert isinstance(read(f"words\n\n{source}".encode(), "x.rst").text, str)
