import pytest

from ingest.readers.markdown import read
from tests.ingest import samples


def text_of(markup):
    return read(markup.encode(), "note.md").text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("See [the form](https://example.com/form).", "See the form."),
        (
            "Mail <mailto:a@example.com> *now*, **please**, ~~not later~~.",
            "Mail mailto:a@example.com now, please, not later.",
        ),
        ("Run `make demo` first.", "Run make demo first."),
        ("```sh\nmake demo\n  --fast\n```", "make demo\n  --fast"),
        ("1. one\n2. two\n   - deep", "1. one\n2. two\n  - deep"),
        ("3. three\n4. four", "3. three\n4. four"),
        (
            "| Plan | Price |\n| --- | --- |\n| Basic | 10 EUR |\n| Pro | |",
            "Plan: Basic | Price: 10 EUR\nPlan: Pro",
        ),
        ("> quoted words", "quoted words"),
        ("one\ntwo\n\nthree", "one two\n\nthree"),
        ("line one<br>line two", "line one\nline two"),
        ("text <!-- hidden note --> more", "text more"),
        ('seen <span style="display:none">unseen</span> words', "seen words"),
        ('<div style="display: none">\n\nunseen **words**\n\n</div>\n\nseen', "seen"),
        ("<script>alert(1)</script>\n\nwords", "words"),
        ("## Title {#anchor}", "Title"),
        ("a &amp; b \\*c\\*", "a & b *c*"),
    ],
)
def test_what_a_reader_sees_is_kept_and_markup_is_not(markup, text):
    assert text_of(markup) == text


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("---\ntitle: From matter\nowner: HR\n---\n# From heading", "From matter"),
        ('---\ntitle: "In quotes: yes"\n---\ntext', "In quotes: yes"),
        ("+++\ntitle = 'Toml'\n+++\ntext", "Toml"),
        ("## Second\n\n# First", "First"),
        ("no heading", "note"),
    ],
)
def test_the_title_is_the_front_matters_or_the_first_headings_or_the_files(markup, title):
    assert read(markup.encode(), "note.md").title == title


def test_other_fields_of_front_matter_are_readable_lines():
    text = text_of("---\ntitle: Policy\nowner: HR\ntags: [a, b]\ndraft:\n---\nBody.")
    assert text == "Policy\n\nowner: HR\n\nBody."


def test_a_rule_at_the_top_is_no_front_matter():
    assert text_of("---\n\nwords") == "words"


def test_headings_are_marks_on_their_words():
    extract = read(samples.markdown(), "policy.md")
    headings = [(mark.level, extract.text[mark.start :].split("\n")[0]) for mark in extract.marks]
    assert headings == [(1, samples.TITLE), (2, samples.SECTION), (2, "Prices")]


def test_every_table_row_is_a_block_that_can_be_read_alone():
    extract = read(samples.markdown(), "policy.md")
    blocks = [extract.text[start:end] for start, end in extract.blocks]
    assert blocks[-3:] == [
        f"Plan: {plan} | Price: {price} | Users: {users}" for plan, price, users in samples.ROWS
    ]


def test_a_long_row_of_brackets_is_read():
    assert len(text_of("[" * 20_000)) == 20_000
