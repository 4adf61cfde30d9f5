import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from eval.stats import Figure, detectable, figure, holm, kappa, paired

UNIT = st.floats(0, 1)
LABELS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40)


def rows(values):
    return {str(place): value for place, value in enumerate(values)}


def test_nothing_measured_is_a_figure_of_no_rows_that_covers_nothing():
    assert str(figure([])) == "0.000 [0.000, 0.000] (n=0)"
    assert figure([], failed=3).coverage == 0.0


def test_the_interval_is_that_of_the_binomial_within_a_hundredth():
    half = figure([0.0, 1.0] * 200)
    assert (half.value, half.n, half.coverage) == (0.5, 400, 1.0)
    assert half.low == pytest.approx(0.451, abs=0.01)
    assert half.high == pytest.approx(0.549, abs=0.01)


def test_rows_that_failed_count_against_the_coverage_and_not_in_the_value():
    made = figure([1.0, 1.0, 0.0], failed=1)
    assert (made.value, made.n, made.coverage) == (pytest.approx(2 / 3), 3, 0.75)


def test_intervals_hold_the_truth_nineteen_times_in_twenty():
    dice = np.random.default_rng(1)
    made = [figure(dice.normal(1.0, 1.0, 80).tolist(), samples=400) for _ in range(300)]
    assert 0.91 < np.mean([one.low <= 1.0 <= one.high for one in made]) < 0.98


@given(st.lists(UNIT, min_size=1, max_size=50), st.sampled_from(["mean", "median"]))
def test_the_figure_lies_among_its_values_and_is_reproducible(values, summary):
    made = figure(values, summary, samples=200)
    assert made.value == pytest.approx(getattr(statistics, summary)(values))
    assert min(values) - 1e-9 <= made.low <= made.high <= max(values) + 1e-9
    assert made == figure(values, summary, samples=200)


@given(st.lists(UNIT, min_size=2, max_size=40), st.floats(-2, 2), st.sampled_from(["mean", "median"]))
def test_a_figure_moves_with_its_values(values, shift, summary):
    made, moved = figure(values, summary, samples=100), figure([v + shift for v in values], summary, 0, 100)
    for name in ("value", "low", "high"):
        assert getattr(moved, name) == pytest.approx(getattr(made, name) + shift, abs=1e-9)


@given(st.lists(st.tuples(UNIT, UNIT), min_size=1, max_size=40), st.sampled_from(["mean", "median"]))
def test_a_comparison_turned_round_says_the_opposite(pairs, summary):
    first, other = (rows(side) for side in zip(*pairs, strict=True))
    there = paired(first, other, summary=summary, samples=100)
    back = paired(other, first, summary=summary, samples=100)
    assert there.difference.value == pytest.approx(-back.difference.value)
    assert there.difference.low == pytest.approx(-back.difference.high, abs=0.2)
    assert there.improved + back.improved == pytest.approx(1.0)
    assert (there.up, there.down) == (back.down, back.up)


def test_runs_that_do_not_differ_are_as_likely_better_as_worse():
    same = paired(rows([0.0, 0.5, 1.0]), rows([0.0, 0.5, 1.0]))
    assert (same.difference.value, same.improved, same.p, same.up, same.down) == (0.0, 0.5, 1.0, (), ())


def test_only_rows_that_both_runs_scored_are_compared_and_the_coverage_says_so():
    told = paired({"a": 0.0, "b": 1.0, "gone": 1.0}, {"a": 1.0, "b": 1.0, "new": 0.0})
    assert (told.difference.value, told.difference.n, told.difference.coverage) == (0.5, 2, 0.5)
    assert paired({"a": 1.0}, {"b": 1.0}).difference == Figure(0.0, 0.0, 0.0, 0, 0.0)


@pytest.mark.parametrize(
    ("better", "improved", "up", "down"),
    [("higher", 1.0, ("0", "1"), ("2",)), ("lower", 0.0, ("2",), ("0", "1"))],
)
def test_rows_flip_towards_what_is_better(better, improved, up, down):
    first, other = rows([0.0, 0.2, 1.0] + [0.0] * 30), rows([1.0, 0.8, 0.0] + [0.4] * 30)
    told = paired(first, other, better)
    assert (told.up, told.down) == (up, down)
    assert told.improved == pytest.approx(improved, abs=0.01)


def test_milliseconds_do_not_flip():
    told = paired(rows([10.0, 20.0]), rows([0.3, 90.0]), "lower", "median")
    assert (told.up, told.down) == ((), ())


def test_the_probability_by_chance_is_that_of_scipys_tests():
    dice = np.random.default_rng(3)
    for shift in (0.0, 0.1, 0.3):
        first = dice.random(60)
        other = first + dice.normal(shift, 0.5, 60)
        told = paired(rows(first), rows(other))
        assert told.p == pytest.approx(stats.ttest_rel(first, other).pvalue, abs=0.03)


def test_unchanged_systems_seldom_seem_changed():
    dice = np.random.default_rng(5)
    found = [paired(rows(dice.random(30)), rows(dice.random(30)), samples=200).p < 0.05 for _ in range(200)]
    assert np.mean(found) < 0.1


def test_many_metrics_are_corrected_for_as_holm_does():
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), UNIT, max_size=20))
def test_corrected_probabilities_keep_their_order_and_are_never_smaller(values):
    corrected = holm(values)
    assert list(corrected) == list(values)
    assert all(values[name] <= corrected[name] <= 1.0 for name in values)
    ordered = sorted(values, key=values.__getitem__)
    assert [corrected[n] for n in ordered] == sorted(corrected.values())


def test_a_detectable_change_is_detected_four_times_in_five():
    dice = np.random.default_rng(8)
    noise = [dice.normal(0.0, 0.3, 100) for _ in range(200)]
    change = detectable(paired(rows([0.0] * 100), rows(noise[0])).difference, paired=True)
    told = [stats.ttest_1samp(each + change, 0.0).pvalue < 0.05 for each in noise]
    assert 0.7 < np.mean(told) < 0.92


def test_pairs_detect_smaller_changes_than_runs_apart_and_sameness_detects_nothing():
    base = np.random.default_rng(2).random(80)
    apart = detectable(figure(base.tolist()), paired=False)
    together = detectable(paired(rows(base), rows(base + 0.01 * base[::-1])).difference, paired=True)
    assert 0 < together < apart
    assert detectable(figure([1.0] * 50), paired=False) is None
    assert detectable(figure([0.3]), paired=False) is None


@given(LABELS)
def test_kappa_is_scikit_learns_and_lies_in_its_interval(labels):
    first, other = (list(side) for side in zip(*labels, strict=True))
    made = kappa(first, other, samples=200)
    theirs = cohen_kappa_score(first, other) if len({*first, *other}) > 1 else 0.0
    assert made.value == pytest.approx(theirs, abs=1e-6)
    assert -1.0 <= made.low <= made.high <= 1.0


def test_the_interval_of_kappa_is_that_of_drawing_rows():
    dice = np.random.default_rng(4)
    first = dice.integers(0, 2, 120)
    other = np.where(dice.random(120) < 0.2, 1 - first, first)
    made = kappa(first.tolist(), other.tolist())
    drawn = [dice.integers(0, 120, 120) for _ in range(400)]
    low, high = np.percentile([cohen_kappa_score(first[d], other[d]) for d in drawn], [2.5, 97.5])
    assert made.low == pytest.approx(low, abs=0.04)
    assert made.high == pytest.approx(high, abs=0.04)
    assert kappa([], []).n == 0
    assert kappa([1, 1], [1, 1], failed=2).coverage == 0.5
