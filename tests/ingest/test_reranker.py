"""Passages in a better order: what is read comes before what is not, and a demotion holds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Passage
from ingest.reranker import AS_FOUND, Reranked
from ingest.shared_words import SharedWords


def passage(name, text, score, title="T", heading=""):
    return Passage(name, name, f"file:///{name}", title, heading, text, 0, len(text), None, score)


class Told:
    """A reranker that says what it is told, and remembers what it was shown."""

    name = "told"

    def __init__(self, scores, weight=1.0):
        self._scores, self.weight, self.shown = scores, weight, []

    def scores(self, _question, texts):
        self.shown.append(texts)
        return np.array(self._scores[: len(texts)], dtype=np.float32)


FOUND = [
    passage("a", "rent is due", 0.9),
    passage("b", "paid leave", 0.8),
    passage("c", "paid leave of parents", 0.7),
    passage("d", "parents", 0.6),
]


def names(passages):
    return [one.chunk_id for one in passages]


@pytest.mark.parametrize(
    ("question", "k", "depth", "order"),
    [
        ("paid leave of parents", 4, 4, "cbad"),
        ("paid leave of parents", 2, 4, "cb"),
        ("paid leave of parents", 4, 2, "bacd"),
        ("paid leave of parents", 4, 1, "abcd"),
        ("nothing of that", 4, 4, "cabd"),
        ("rent", 1, 20, "a"),
        ("???", 4, 4, "abcd"),
    ],
)
def test_the_first_passages_are_put_in_order_and_the_rest_stay_behind(question, k, depth, order):
    best = Reranked(SharedWords(), depth).best(question, k, lambda count: FOUND[:count])
    assert "".join(names(best)) == order
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)


def test_enough_is_looked_for_to_be_read_and_to_be_given():
    looks = []
    Reranked(SharedWords(), 3).best("q", 1, lambda count: looks.append(count) or [])
    Reranked(SharedWords(), 3).best("q", 9, lambda count: looks.append(count) or [])
    AS_FOUND.best("q", 2, lambda count: looks.append(count) or [])
    assert looks == [3, 9, 2]


def test_a_reranker_reads_headings_or_the_title_and_then_the_text():
    told = Told([0, 0])
    Reranked(told).best("q", 2, lambda _: [FOUND[0], replace(FOUND[1], heading="Time off > Leave")])
    assert told.shown == [["T\nrent is due", "Time off > Leave\npaid leave"]]


def test_equal_judgements_leave_the_order_of_the_search():
    assert names(Reranked(Told([0.5] * 4)).best("q", 4, lambda _: FOUND)) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(("weight", "first"), [(0.0, "a"), (0.05, "a"), (1.0, "b")])
def test_a_judgement_counts_as_much_as_its_weight(weight, first):
    assert names(Reranked(Told([0.2, 0.9], weight)).best("q", 2, lambda _: FOUND[:2]))[0] == first


def test_nothing_found_is_nothing_to_read():
    assert Reranked(SharedWords()).best("q", 5, lambda _: []) == []


scores = st.floats(0, 1, width=32)


@given(
    found=st.lists(st.tuples(st.floats(-1, 2, width=32), scores), max_size=12),
    depth=st.integers(1, 12),
    k=st.integers(1, 15),
    weight=st.floats(0, 20, width=16),
)
def test_the_order_is_one_of_what_was_found_and_none_falls_behind_what_is_not_read(found, depth, k, weight):
    ordered = sorted((score for score, _ in found), reverse=True)
    passages = [passage(str(number), "text", score) for number, score in enumerate(ordered)]
    reranker = Told([judged for _, judged in found], weight)
    best = Reranked(reranker, depth).best("q", k, lambda count: passages[:count])
    assert len(best) == min(k, len(passages))
    assert set(names(best[:depth])) <= set(names(passages[:depth]))
    assert names(best[depth:]) == names(passages[depth:k])
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)


@given(score=st.floats(0, 2, width=32), judged=scores, weight=st.floats(0, 20, width=16))
def test_what_was_demoted_to_half_stays_at_half_of_what_it_would_be(score, judged, weight):
    whole, half = (
        Reranked(Told([judged], weight)).best("q", 1, lambda _, at=at: [passage("a", "t", at)])[0].score
        for at in (score, score / 2)
    )
    assert half == pytest.approx(whole / 2)
