"""What of the retrieved passages the prompt holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.documents import Passage
from service.context import arranged, pack
from service.errors import ContextTooLong
from service.prompts import messages
from service.repetition import repeats
from service.retrieve import Candidate

FREE = 10_000
TEXT = "Staff get 27 days of leave. Unused days expire. Ask Mia about sick leave. Part-time staff get less."


def candidate(text: str, document="d", start=0, heading="Title", shown=None) -> Candidate:
    name = f"{document}-{start}"
    passage = Passage(name, document, "u", "Title", heading, text, start, start + len(text), None, 1.0)
    return Candidate(passage, heading, text if shown is None else shown)


def count_words(chat):
    return sum(len(message["content"].split()) for message in chat)


def texts(blocks) -> list[str]:
    return [block.text for block in blocks]


def test_the_best_candidates_are_packed():
    found = [candidate(f"passage about topic {n} and word{n}", f"d{n}") for n in range(6)]
    assert texts(pack("why?", found, 4, FREE, count_words)) == [each.text for each in found[:4]]


def test_a_prompt_that_fits_whole_is_counted_once():
    counted = []
    found = [candidate(f"passage about topic {n} and word{n}", f"d{n}") for n in range(6)]
    assert len(pack("why?", found, 4, FREE, lambda chat: counted.append(chat) or count_words(chat))) == 4
    assert len(counted) == 1


def test_passages_are_shown_best_first():
    found = [candidate("third", "a", 900), candidate("other", "b"), candidate("first", "a", 100)]
    assert texts(pack("why?", found, 4, FREE, count_words)) == ["third", "other", "first"]


@pytest.mark.parametrize(
    ("second", "joined"),
    [
        (candidate("More.", start=11), "Leave is 27More."),
        (candidate("More.", start=12), "Leave is 27\nMore."),
        (candidate("27 days.", start=9), "Leave is 27 days."),
        (candidate("is 27", start=6), "Leave is 27"),
    ],
)
def test_neighbours_under_one_heading_are_joined(second, joined):
    first = candidate("Leave is 27", heading="Title")
    for found in ([first, second], [second, first]):
        (block,) = arranged(found)
        assert (block.heading, block.text) == ("Title", joined)
        assert {passage.chunk_id for passage in block.passages} == {"d-0", second.passage.chunk_id}


@pytest.mark.parametrize(
    "second",
    [
        candidate("More.", start=16),
        candidate("More.", start=12, heading="Title > Pay"),
        candidate("More.", "another", 12),
        candidate("27 [REDACTED]", start=9, shown="27 ***"),
    ],
)
def test_what_does_not_read_on_stays_apart(second):
    assert len(arranged([candidate("Leave is 27"), second])) == 2


@pytest.mark.parametrize("row", ["Part: Pump; Price: EUR 4", "Part: Pump | Price: EUR 4 | Fits: all"])
def test_rows_of_a_table_are_not_joined(row):
    first, second = candidate(f"{row}\n{row}5"), candidate(f"{row}6", start=len(row) * 2 + 3)
    assert len(arranged([first, second])) == 2


def test_a_neighbour_takes_no_number_of_its_own():
    found = [candidate("one is here"), candidate("other words", "b"), candidate("two is next", start=12)]
    assert len(pack("why?", found, 2, FREE, count_words)) == 2
    assert texts(pack("why?", found, 2, FREE, count_words))[0] == "one is here\ntwo is next"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Leave is 27 days a year!", True),
        ("27 days", True),
        ("leave is 28 days a year", False),
        ("other words", False),
        ("7 days", False),
    ],
)
def test_what_was_said_already_is_left_out_and_other_numbers_are_not(text, same):
    assert repeats(text, "leave is 27 days a year") is same


def test_a_repetition_is_packed_once():
    found = [candidate("leave is 27 days a year", "a"), candidate("Leave is 27 days a year!", "b")]
    assert len(pack("why?", found, 4, FREE, count_words)) == 1


def test_what_does_not_fit_whole_is_cut_at_the_end_of_a_sentence():
    whole = candidate(TEXT, start=50)
    budget = count_words(messages("why?", [])) + len(TEXT.split())
    (block,) = pack("why?", [whole], 4, budget, count_words)
    assert block.text == "Staff get 27 days of leave. Unused days expire. Ask Mia about sick leave."
    (passage,) = block.passages
    assert (passage.start, passage.end, passage.text) == (50, 50 + len(block.text), block.text)


def test_what_is_cut_to_almost_nothing_is_left_out_and_a_later_one_still_fits():
    long, short = candidate("word " * 500, "a"), candidate("short one", "b")
    budget = count_words(messages("why?", [])) + 20
    assert texts(pack("why?", [long, short], 4, budget, count_words)) == ["short one"]


@pytest.mark.parametrize("room", range(40))
def test_what_is_cut_off_from_its_neighbour_takes_a_number_of_its_own(room):
    first = "Alpha beta gamma delta one. Epsilon zeta eta theta two. Iota kappa lambda three mu."
    beyond = candidate("Nu xi omicron.", start=len(first) + 1)
    found = [candidate("Something else stands here.", "x"), beyond, candidate(first)]
    budget = count_words(messages("why?", [])) + room
    assert len(pack("why?", found, 2, budget, count_words)) <= 2


def test_a_question_over_the_budget_is_a_clear_error():
    with pytest.raises(ContextTooLong, match="longer than the 50 tokens"):
        pack("why " * 100, [], 4, 50, count_words)


def test_prompts_about_the_same_passages_differ_in_the_question_alone():
    found = [candidate("one is here", "a"), candidate("other words", "b")]
    first, second = (
        messages(question, pack(question, found, 4, FREE, count_words))
        for question in ("How?", "Who was it?")
    )
    assert first[0] == second[0]
    assert first[1]["content"].removesuffix("How?") == second[1]["content"].removesuffix("Who was it?")


WORDS = st.sampled_from(["leave", "days", "27", "28", "staff", "pay", "expire.", "Mia", "sick", "notice"])


@st.composite
def retrieved(draw) -> list[Candidate]:
    """Pieces of a few documents, some of them neighbours or overlapping, in any order."""
    found = []
    for document in "abc"[: draw(st.integers(1, 3))]:
        text = " ".join(draw(st.lists(WORDS, min_size=5, max_size=60)))
        for start in draw(st.lists(st.integers(0, len(text) - 1), max_size=4, unique=True)):
            end = draw(st.integers(start + 1, len(text)))
            if text[start:end].strip():
                heading = draw(st.sampled_from(["", "Leave", "Leave > Days"]))
                found.append(candidate(text[start:end], document, start, heading))
    return draw(st.permutations(found))


@settings(deadline=None)
@given(found=retrieved(), most=st.integers(1, 5), room=st.integers(0, 120))
def test_whatever_is_retrieved(found, most, room):
    budget = count_words(messages("why?", [])) + room
    blocks = pack("why?", found, most, budget, count_words)
    assert count_words(messages("why?", blocks)) <= budget
    assert len(blocks) <= most
    by_id = {}
    for each in found:
        by_id.setdefault(each.passage.chunk_id, []).append(each.passage)
    for block in blocks:
        assert len({passage.document_id for passage in block.passages}) == 1
        for passage in block.passages:
            # Exact: what may be quoted is what stands in the document, whole or its beginning.
            origins = by_id[passage.chunk_id]
            assert any(each.text.startswith(passage.text) for each in origins)
            assert passage.end - passage.start == len(passage.text)
            assert passage.text in block.text
    ranks = {each.passage.chunk_id: rank for rank, each in enumerate(found)}
    best = [min(ranks[passage.chunk_id] for passage in block.passages) for block in blocks]
    assert best == sorted(best)
    if found and count_words(messages("why?", arranged(found[:1]))) <= budget:
        assert found[0].passage in [passage for block in blocks for passage in block.passages]
