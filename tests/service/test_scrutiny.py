import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.questions import Text
from guardrails.answerability import Answerability, Found
from service.calibration import Calibration, Pointed
from service.scrutiny import Scrutiny, around

TEXT = "One is first. Two follows it. Three is here. Four is late. Five ends it."
TABLE = "| item | price |\n|---|---|\n| pump | 450 |\n| tank | 900 |"


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Three", "Two follows it. Three is here. Four is late."),
        ("One is", "One is first. Two follows it."),
        ("ends", "Four is late. Five ends it."),
        ("it. Three", "One is first. Two follows it. Three is here. Four is late."),
        (TEXT, TEXT),
    ],
)
def test_the_sentences_around_a_place_are_read(words, read):
    start = TEXT.index(words)
    assert around(TEXT, (start, start + len(words))) == read


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        "Prices of 2026. They hold all year.\n\n| pump | 450 |\n| tank | 900 |",
        "Item: pump; Price: 450; Since: X\nItem: tank; Price: 900; Since: Y\nItem: cap; Price: 1; Since: Z",
        "You need:\n- a pump.\n- a tank for 900 litres.\n- a cap.\n- a key.",
        "1. Buy a pump.\n2. Fill in 900 litres.\n3. Close it.\n4. Leave.",
    ],
)
def test_what_has_rows_is_read_whole(text):
    start = text.index("900")
    assert around(text, (start, start + 3)) == text


@pytest.mark.parametrize("place", [(-9, -2), (0, 0)])
def test_where_the_heading_is_pointed_at_the_whole_passage_is_read(place):
    assert around(TEXT, place) == TEXT


@given(st.text(alphabet="ab. \nA|", max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_what_is_pointed_at_is_among_what_is_read(text, one, other):
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    assert text[start:end].strip() in around(text, (start, end))


def test_the_shipped_model_points_at_the_passage_that_answers():
    passages = (
        Text("Sites", "The laboratory moved from Lyon to Grenoble in 2016."),
        Text("Pumps", "The P4 pump lifts 120 litres a minute. It is serviced every two years."),
        Text("Leave", "Employees get 27 days of leave. Unused days expire in March."),
    )
    scrutiny = Scrutiny()
    assert scrutiny.model == Answerability.shipped().name
    for question, number in {
        "How many days of leave do employees get?": 3,
        "To which city did the laboratory move?": 1,
        "How many litres does the P4 pump lift?": 2,
    }.items():
        point = scrutiny.point(question, passages)
        assert (point.number, point.lack < 0) == (number, True)
        assert point.near.heading == passages[number - 1].heading
    nowhere = scrutiny.point("Who painted the ceiling of the chapel?", passages)
    assert nowhere.lack > 0


@pytest.mark.parametrize(
    ("pointed", "pointing", "told"),
    [
        (None, [], []),
        (Pointed("counted", 0.0, 0.0), ["warm"], []),
        (Pointed("another", 0.0, 0.0), ["warm"], [{"adapter": "qa-1"}]),
    ],
    ids=["reads all", "its own", "another"],
)
def test_who_points_is_loaded_before_the_first_question_and_another_than_was_meant_is_told(
    monkeypatch, pointed, pointing, told
):
    asked, warned = [], []

    class Counted:
        name = "counted"

        def found(self, pairs):
            asked.extend(question for question, _ in pairs)
            return [Found(0.0, (0, 1)) for _ in pairs]

    monkeypatch.setattr("service.scrutiny.warn", lambda _, **more: warned.append(more))
    Scrutiny(Counted).warm("qa-1", Calibration(0.0, pointed))
    assert (asked, warned) == (pointing, told)
