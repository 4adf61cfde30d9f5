import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, ndcg_score

from eval.metric import Failed
from eval.metrics.average_precision import average_precision, mean_average_precision
from eval.metrics.ndcg import ndcg, ndcg_at
from eval.metrics.precision import precision, precision_at
from eval.metrics.recall import recall, recall_at
from eval.metrics.reciprocal_rank import mrr, reciprocal_rank
from eval.metrics.relevance import Ranking, is_of, ranking
from tests.eval.rows import outcome, passage, ranked

EVERY = [recall_at(3), precision_at(3), mrr(), mean_average_precision(), ndcg_at(3)]


@pytest.mark.parametrize(
    ("uris", "scores"),
    [
        ([], [0, 0, 0, 0, 0]),
        (["x.md", "y.md"], [0, 0, 0, 0, 0]),
        (["a.md", "b.md"], [1, 2 / 3, 1, 1, 1]),
        (["x.md", "a.md"], [1 / 2, 1 / 3, 1 / 2, 1 / 4, 0.386853]),
        (["a.md", "a.md", "b.md"], [1, 1, 1, 5 / 6, 0.919721]),  # a second passage brings nothing new
        (["x.md", "y.md", "z.md", "a.md"], [0, 0, 1 / 4, 1 / 8, 0]),  # below k
    ],
)
def test_passages_of_expected_documents_are_counted(uris, scores):
    row = ranked(*uris)
    assert [metric.scores([row])[0] for metric in EVERY] == pytest.approx(scores, abs=1e-6)


@pytest.mark.parametrize(
    ("uri", "wanted", "same"),
    [
        ("file:///docs/a.md", "file:///docs/a.md", True),
        ("file:///docs/a.md", "a.md", True),
        ("file:///docs/a.md", "docs/a.md", True),
        ("file:///docs/box.zip!/a.md", "a.md", True),
        ("file:///docs/aa.md", "a.md", False),
        ("a.md", "docs/a.md", False),
        ("file:///docs/a.md/b", "a.md", False),
    ],
)
def test_a_document_is_named_by_its_uri_or_the_end_of_it(uri, wanted, same):
    assert is_of(uri, wanted) is same


def test_without_documents_a_passage_is_relevant_that_holds_an_answer():
    found = (passage("x", "In 127 days."), passage("y", "It takes the 27 days!"), passage("z", "27 days"))
    row = outcome(question={"answers": ["27 days", "a month"]}, retrieved=found)
    assert ranking(row) == Ranking((False, True, True), (False, True, False), 1)
    assert [metric.scores([row])[0] for metric in EVERY] == pytest.approx([1, 2 / 3, 1 / 2, 1 / 2, 0.63093])


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"answerable": False, "documents": ["a.md"]},
        {"kind": "attack", "documents": ["a.md"]},
    ],
)
def test_what_has_nothing_to_be_found_has_no_score(question):
    assert [metric.scores([outcome(question=question)])[0] for metric in EVERY] == [None] * len(EVERY)


def test_a_row_with_an_error_has_failed_and_says_why():
    row = ranked("a.md", error="timeout")
    assert [metric.scores([row])[0] for metric in EVERY] == [Failed("timeout")] * len(EVERY)


@given(st.lists(st.booleans(), min_size=2, max_size=12), st.integers(0, 3), st.integers(1, 12))
def test_rankings_are_measured_as_scikit_learn_does(new, missing, k):
    found, wanted = sum(new), sum(new) + missing
    given_ = Ranking(tuple(new), tuple(new), max(1, wanted))
    truth = np.array([*new, *[True] * missing], dtype=float)
    order = np.arange(len(truth), 0, -1.0)
    if wanted:
        # What was not found stands behind all that was, out of reach of k.
        padded = [*new, *[False] * 12, *[True] * missing]
        theirs = ndcg_score([np.array(padded, dtype=float)], [np.arange(len(padded), 0, -1.0)], k=k)
        assert ndcg(given_, k) == pytest.approx(theirs, abs=1e-6)
    if found:
        theirs = average_precision_score(np.array(new), order[: len(new)]) * found / wanted
        assert average_precision(given_) == pytest.approx(theirs, abs=1e-6)
    assert 0 <= recall(given_, k) <= 1
    assert 0 <= precision(given_, k) <= 1
    assert reciprocal_rank(given_) == (1 / (new.index(True) + 1) if found else 0)
