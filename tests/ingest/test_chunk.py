from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.access import Access
from ingest.chunk import Sizes, chunk, weight
from ingest.clean import clean
from ingest.documents import Document, Mark, chunk_id
from ingest.load import Loader
from ingest.readers.draft import Draft
from tests.ingest import samples

IDENTITY = "9d1c5b52-6a0e-5c0b-9f3e-9b8d2f0c7a11"
SENTENCE = "The quick brown fox jumps over the lazy dog. "


def document_of(extract):
    made = clean(extract)
    return Document(
        IDENTITY,
        "file:///x",
        made.title,
        made.text,
        "hash",
        Access("t"),
        marks=made.marks,
        blocks=made.blocks,
    )


def drafted(*steps):
    """A document of steps: a heading (level, title), a page (number), or a block (text)."""
    draft = Draft()
    for step in steps:
        if isinstance(step, tuple):
            draft.heading(*step)
        elif isinstance(step, int):
            draft.page(step)
        else:
            draft.block(step)
    return document_of(draft.extract("title"))


def check(document, chunks, sizes=None):
    """What must hold for every document."""
    sizes = sizes or Sizes()
    text = document.text
    covered = [False] * len(text)
    for number, made in enumerate(chunks):
        assert text[made.start : made.end] == made.text
        assert made.text == made.text.strip() != ""
        assert made.ordinal == number
        assert made.chunk_id == chunk_id(document.document_id, document.content_hash, number)
        assert weight(made.text) <= sizes.maximum + sizes.tiny
        covered[made.start : made.end] = [True] * len(made.text)
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(chunks))
    assert all(done or char.isspace() for done, char in zip(covered, text, strict=True))


@pytest.fixture(scope="module")
def loader():
    with Loader() as made:
        yield made


@pytest.mark.parametrize("size", [60, 300, 900])
@pytest.mark.parametrize("name", samples.FILES)
def test_offsets_are_exact_for_every_chunk_of_every_format(loader, name, size):
    [part] = loader.load(samples.FILES[name], name).parts
    document = document_of(part.extract)
    chunks = chunk(document, Sizes(size, size // 9))
    check(document, chunks, Sizes(size, size // 9))
    assert len(chunks) > 1


@pytest.mark.parametrize("name", ["policy.md", "policy.html", "policy.docx", "policy.pdf"])
def test_headings_travel_with_their_chunks(loader, name):
    [part] = loader.load(samples.FILES[name], name).parts
    chunks = chunk(document_of(part.extract))
    prices = next(made for made in chunks if "10 EUR" in made.text)
    assert prices.heading.endswith("Prices")
    assert prices.page == (2 if name == "policy.pdf" else None)
    leave = [made for made in chunks if "sixteen weeks" in made.text]
    assert len(leave) > 1
    assert {made.heading for made in leave} == {f"{samples.TITLE} > {samples.SECTION}"}


@pytest.mark.parametrize("name", ["policy.md", "policy.html", "policy.docx", "policy.pdf", "policy.csv"])
def test_no_table_row_is_cut(loader, name):
    [part] = loader.load(samples.FILES[name], name).parts
    rows = ["; ".join, " | ".join][name != "policy.csv"]
    wanted = {
        rows(f"{head}: {cell}" for head, cell in zip(samples.HEADERS, row, strict=True))
        for row in samples.ROWS
    }
    lines = {line for made in chunk(document_of(part.extract)) for line in made.text.split("\n")}
    assert wanted <= lines


def shape(document, sizes=None):
    chunks = chunk(document, sizes)
    check(document, chunks, sizes)
    return [(made.heading, made.text) for made in chunks]


def test_sections_are_chunks_with_their_path_of_headings():
    body = SENTENCE * 6
    made = shape(drafted((1, "A"), body, (2, "B"), body, (3, "C"), body, (2, "D"), body, (1, "E"), body))
    assert [heading for heading, _ in made] == ["A", "A > B", "A > B > C", "A > D", "E"]
    assert made[1][1].startswith("B\n\nThe quick")


def test_a_bare_heading_joins_the_section_below_it():
    made = shape(drafted((1, "Title"), (2, "Section"), SENTENCE * 6))
    assert [heading for heading, _ in made] == ["Title > Section"]


def test_a_bare_heading_above_the_longest_block_is_no_chunk_of_its_own():
    for length in (850, 899, 1_100, 1_150, 1_190, 1_199):
        made = shape(drafted((1, "A short title"), (2, "Section"), "x" * 9 + " y" * ((length - 9) // 2)))
        assert made[0][1].startswith("A short title\n\nSection\n\nxxx")


def test_tiny_sections_under_one_parent_become_one_chunk():
    made = shape(drafted((1, "FAQ"), SENTENCE * 6, (2, "One?"), "Yes.", (2, "Two?"), "No."))
    assert [heading for heading, _ in made] == ["FAQ"]
    made = shape(drafted((1, "FAQ"), (2, "One?"), "Yes.", (2, "Two?"), "No.", (2, "Three?"), SENTENCE * 19))
    assert [heading for heading, _ in made] == ["FAQ > Three?"]


def test_a_tiny_section_beside_a_long_one_keeps_the_long_ones_heading():
    made = shape(drafted((1, "A"), (2, "Long"), SENTENCE * 14, (2, "Short"), "Yes."))
    assert made == [("A > Long", f"A\n\nLong\n\n{SENTENCE * 14}".strip() + "\n\nShort\n\nYes.")]


def test_tiny_sections_of_different_parents_stay_apart():
    made = shape(drafted((1, "A"), SENTENCE * 6, (2, "A1"), SENTENCE * 6, (1, "B"), "tiny"))
    assert [heading for heading, _ in made] == ["A", "A > A1", "B"]


def test_a_tiny_remainder_of_a_section_stays_with_it():
    made = shape(drafted((1, "A"), SENTENCE * 10, SENTENCE * 9, "Short end."))
    assert [heading for heading, _ in made] == ["A"]


def test_pages_are_never_mixed():
    document = drafted(1, "first page", 2, "second page", 3, SENTENCE * 30)
    chunks = chunk(document)
    check(document, chunks)
    assert [made.page for made in chunks] == [1, 2, *[3] * (len(chunks) - 2)]


def test_blocks_are_packed_up_to_the_target():
    document = drafted(*[f"Row {number}: {SENTENCE * 4}" for number in range(12)])
    chunks = chunk(document)
    check(document, chunks)
    assert all(600 < len(made.text) <= 900 for made in chunks)
    assert all(made.text.startswith("Row ") for made in chunks)


def test_a_long_block_is_split_between_sentences_with_a_little_overlap():
    document = drafted(SENTENCE * 60)
    chunks = chunk(document)
    check(document, chunks)
    assert all(made.text.endswith("dog.") for made in chunks)
    assert all(0 < before.end - after.start <= 100 for before, after in pairwise(chunks))


def test_without_overlap_nothing_is_said_twice():
    document = drafted(SENTENCE * 60)
    chunks = chunk(document, Sizes(overlap=0))
    check(document, chunks, Sizes(overlap=0))
    assert all(before.end <= after.start for before, after in pairwise(chunks))


def test_a_word_longer_than_a_chunk_is_cut():
    document = drafted("x" * 5_000)
    chunks = chunk(document)
    check(document, chunks)
    assert len(chunks) > 4


def test_wide_characters_count_as_the_tokens_they_are():
    document = drafted("日本語のテキストです。" * 100)
    chunks = chunk(document)
    check(document, chunks)
    assert max(len(made.text) for made in chunks) <= 300
    assert all(made.text.endswith("。") for made in chunks)


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_no_words_give_no_chunks(text):
    assert chunk(Document(IDENTITY, "u", "t", text, "h", Access("t"))) == []


def test_text_outside_of_blocks_is_covered():
    document = Document(IDENTITY, "u", "t", "before\n\nblock\n\nafter", "h", Access("t"), blocks=((8, 13),))
    check(document, chunk(document, Sizes(6, 0)), Sizes(6, 0))
    assert [made.text for made in chunk(document, Sizes(6, 0))] == ["before", "block", "after"]


def test_ten_thousand_sections_take_no_time():
    document = drafted(*[(1 + number % 3, f"Heading {number}") for number in range(10_000)])
    check(document, chunk(document))


TEXTS = st.text(st.sampled_from("ab .,;!?\n日。é"), max_size=80)


@st.composite
def documents(draw):
    """Any text with any marks and blocks that keep the contract: in order, without overlap."""
    text = draw(st.lists(TEXTS, max_size=12).map("\n\n".join))
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    blocks = tuple(pair for pair in pairwise(places) if draw(st.booleans()))
    marks = [
        Mark(start, draw(st.integers(1, 6)), f"H{start}")
        if draw(st.booleans())
        else Mark(start, page=start + 1)
        for start in sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    ]
    return Document(IDENTITY, "u", "t", text, "h", Access("t"), tuple(marks), blocks)


LEADING_SPACE = Document(
    *(IDENTITY, "u", "t", ";;;;;;;;;;;;;;\n\n;;;;; 。\n\n。。", "h", Access("t")),
    marks=(Mark(21, page=2),),
    blocks=((0, 27),),
)


@settings(deadline=None, max_examples=400)
@example(LEADING_SPACE, 10, 3)
@given(documents(), st.integers(1, 120), st.integers(0, 40))
def test_offsets_are_exact_for_any_document(document, target, overlap):
    chunks = chunk(document, Sizes(target, overlap))
    text = document.text
    assert all(text[made.start : made.end] == made.text == made.text.strip() != "" for made in chunks)
    assert all(before.start < after.start for before, after in pairwise(chunks))
    inside = set().union(*(range(made.start, made.end) for made in chunks))
    assert all(place in inside for place, char in enumerate(text) if not char.isspace())
