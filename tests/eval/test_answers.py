import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.answers import exact_match, f1, normalised, without_markers


@pytest.mark.parametrize(
    ("answer", "accepted", "match", "overlap"),
    [
        ("27 days", ["27 days"], 1.0, 1.0),
        ("The 27 days.", ["27 days"], 1.0, 1.0),
        ("27", ["27 days"], 0.0, 2 / 3),
        ("in the year 1990", ["1990", "year 1990"], 0.0, 0.8),
        ("Turku", ["Gothenburg"], 0.0, 0.0),
        ("", ["27 days"], 0.0, 0.0),
        ("27 days", [], 0.0, 0.0),
    ],
)
def test_answers_are_compared_as_squad_does(answer, accepted, match, overlap):
    assert exact_match(answer, accepted) == match
    assert f1(answer, accepted) == pytest.approx(overlap)


def test_markers_are_no_part_of_an_answer():
    assert without_markers("27 days [1] and more [12].") == "27 days and more."


@given(st.text(max_size=60), st.text(max_size=60))
def test_f1_is_symmetric_bounded_and_one_for_equal_texts(one, other):
    assert f1(one, [other]) == pytest.approx(f1(other, [one]))
    assert 0.0 <= f1(one, [other]) <= 1.0
    assert f1(one, [one]) == 1.0
    assert normalised(normalised(one)) == normalised(one)
