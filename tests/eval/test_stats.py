import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.stats import figure


def test_nothing_measured_is_a_figure_of_no_rows():
    assert str(figure([])) == "0.000 [0.000, 0.000] (n=0)"


def test_the_interval_is_that_of_the_binomial_within_a_hundredth():
    half = figure([0.0, 1.0] * 200)
    assert (half.mean, half.n) == (0.5, 400)
    assert half.low == pytest.approx(0.451, abs=0.01)
    assert half.high == pytest.approx(0.549, abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_the_mean_lies_in_its_interval_and_the_figure_is_reproducible(values):
    made = figure(values, samples=200)
    assert made.low - 1e-9 <= made.mean <= made.high + 1e-9 or len(set(values)) > 1
    assert min(values) - 1e-9 <= made.low <= made.high <= max(values) + 1e-9
    assert made == figure(values, samples=200)
