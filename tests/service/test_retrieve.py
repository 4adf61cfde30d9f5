"""What is found for the model: copies of one paragraph do not crowd out what else there is."""

import numpy as np
import pytest

from guardrails.guard import Guard
from guardrails.placeholders import Placeholders
from guardrails.policy import Policy, Rule
from guardrails.rail import Embedded
from guardrails.verdict import Action, Stage
from ingest.access import Principal
from ingest.documents import Passage
from ingest.hashing import HashEmbedder
from ingest.reranker import AS_FOUND, Reranked
from ingest.shared_words import SharedWords
from ingest.where import EVERYWHERE, Where
from service.retrieve import DEEPER, Retriever, Search
from tests.service.desk import Word

K, ENOUGH = 4, 3
ANNA = Principal("acme", "anna")


def passage(name, text):
    return Passage(name, name, f"file:///{name}", name, "", text, 0, len(text), None, 1.0)


class Shelf:
    """A library whose passages are found in the order that they stand in."""

    embedder = HashEmbedder(8)

    def __init__(self, texts):
        self.passages = [passage(f"p{number}", text) for number, text in enumerate(texts)]
        self.looks = []

    def search(self, principal, _question, k, *, vector, by, where):
        assert principal is ANNA
        assert (vector.shape, by) == ((8,), "hash")
        self.looks.append((k, where))
        return self.passages[:k]


def retrieved(texts, where=EVERYWHERE, order=AS_FOUND):
    """The texts for the model, and how often and how deep was looked, always as Anna."""
    rules = {"injection": Rule(action=Action.BLOCK)}
    policy = Policy(name="t", message="m", stages={Stage.PASSAGE: rules})
    shelf = Shelf(texts)
    search = Search(
        ANNA, "When is rent due?", Embedded(np.zeros(8, np.float32), "hash"), Placeholders(policy), where
    )
    found, _ = Retriever(shelf, order).retrieve(
        search, Guard(policy, [Word("injection", "attack")]), K, ENOUGH
    )
    return [candidate.text for candidate in found], shelf.looks


COPIES = ["Leave is 27 days a year."] * 6
OTHERS = ["Sick pay begins on day one.", "The office closes at eight.", "Rent is due in May."]


@pytest.mark.parametrize(
    ("texts", "shown", "looked"),
    [
        ([*OTHERS, *COPIES], OTHERS, 1),
        ([*COPIES, *OTHERS], [COPIES[0], *OTHERS[:2]], 2),
        (
            [COPIES[0], "Leave is 28 days a year.", *OTHERS],
            [COPIES[0], "Leave is 28 days a year.", OTHERS[0]],
            1,
        ),
        ([f"An attack of kind {n}." for n in range(6)] + OTHERS, OTHERS, 2),
        (COPIES, COPIES[:1], 2),
        (COPIES[:K], COPIES[:1], 2),
        (COPIES[: K - 1], COPIES[:1], 1),
        ([], [], 1),
    ],
    ids=[
        "nothing said twice",
        "copies first",
        "another number",
        "blocked",
        "only copies",
        "k",
        "few",
        "none",
    ],
)
def test_what_is_said_once_is_shown_once_and_makes_room_for_the_rest(texts, shown, looked):
    found, looks = retrieved(texts)
    assert found == shown
    assert [k for k, _ in looks] == [K, DEEPER * K][:looked]


def test_no_farther_than_so_far_is_looked():
    assert retrieved([*COPIES * 9, *OTHERS])[0] == COPIES[:1]


def test_what_a_deeper_look_finds_before_the_first_ones_is_not_left_out(monkeypatch):
    search = Shelf.search

    def by_depth(shelf, *given, **more):
        found = search(shelf, *given, **more)
        return found if len(found) == K else found[::-1]

    monkeypatch.setattr(Shelf, "search", by_depth)
    assert retrieved([*COPIES[:K], *OTHERS])[0] == [COPIES[0], OTHERS[2], OTHERS[1]]


def test_it_is_looked_where_the_question_says():
    where = Where(labels=("draft",))
    assert retrieved(COPIES, where)[1] == [(K, where), (DEEPER * K, where)]


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (OTHERS, [OTHERS[2], *OTHERS[:2]]),
        ([*COPIES, *OTHERS], [OTHERS[2], COPIES[0], OTHERS[0]]),
        (["An attack when rent is due.", *OTHERS], [OTHERS[2], *OTHERS[:2]]),
        ([], []),
    ],
)
def test_a_reranker_orders_what_the_reader_may_see_before_it_is_screened(texts, shown):
    found, looks = retrieved(texts, order=Reranked(SharedWords(), depth=20))
    assert found == shown
    assert looks[0] == (20, EVERYWHERE)


def test_a_narrowed_search_is_reranked_within_its_bounds():
    below = Where(path="file:///below")
    assert {where for _, where in retrieved(OTHERS, below, Reranked(SharedWords()))[1]} == {below}
