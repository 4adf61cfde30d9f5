import pytest

from ingest.documents import Passage
from service.context import pack
from service.errors import ContextTooLong
from service.retrieve import Candidate


def candidate(text: str) -> Candidate:
    return Candidate(Passage(text, "d", "u", "Title", "", text, 0, len(text), None, 1.0), "Title", text)


def count_words(messages):
    return sum(len(message["content"].split()) for message in messages)


FREE = 10_000


def test_the_best_candidates_are_packed_in_their_order():
    found = [candidate(f"passage about topic {n} and word{n}") for n in range(6)]
    assert pack("why?", found, 4, FREE, count_words) == found[:4]


def test_near_duplicates_are_packed_once():
    found = [
        candidate("leave is 27 days a year"),
        candidate("Leave is 27 days a year!"),
        candidate("other words"),
    ]
    assert pack("why?", found, 4, FREE, count_words) == [found[0], found[2]]


def test_a_passage_over_the_budget_is_skipped_and_a_later_one_still_fits():
    long, short = candidate("word " * 500), candidate("short one")
    budget = count_words([{"content": "x " * 60}])
    assert pack("why?", [long, short], 4, budget, count_words) == [short]


def test_a_question_over_the_budget_is_a_clear_error():
    with pytest.raises(ContextTooLong, match="longer than the 50 tokens"):
        pack("why " * 100, [], 4, 50, count_words)
