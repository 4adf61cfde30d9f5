from ingest.access import AccessFilter
from ingest.rarity import Rarity

ALL, SOME = AccessFilter("a", None), AccessFilter("a", frozenset({"hr"}))
NONE_HIDDEN = frozenset()


class Engine:
    """Counts, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, words):
        self.asked.append(words)
        return [word / 10 if word else None for word in words]


def test_only_words_that_are_not_known_are_counted():
    rarity, count = Rarity(), Engine()
    assert rarity.of((ALL, NONE_HIDDEN), [1, 2], count) == [0.1, 0.2]
    assert rarity.of((ALL, NONE_HIDDEN), [3, 2, 0], count) == [0.3, 0.2, None]
    assert rarity.of((ALL, NONE_HIDDEN), [0, 1], count) == [None, 0.1]
    assert count.asked == [[1, 2], [3, 0]]


def test_each_access_and_each_state_has_counts_of_its_own():
    rarity, count = Rarity(), Engine()
    for scope in ((ALL, NONE_HIDDEN), (SOME, NONE_HIDDEN), (ALL, frozenset({"v1"})), (ALL, NONE_HIDDEN)):
        rarity.of(scope, [1], count)
    assert count.asked == [[1], [1], [1]]


def test_after_a_write_all_is_counted_anew():
    rarity, count = Rarity(), Engine()
    rarity.of((ALL, NONE_HIDDEN), [1], count)
    rarity.forget()
    rarity.of((ALL, NONE_HIDDEN), [1], count)
    assert count.asked == [[1], [1]]


def test_what_was_counted_while_something_was_written_is_not_kept():
    rarity, count = Rarity(), Engine()

    def overtaken(words):
        rarity.forget()
        return count(words)

    assert rarity.of((ALL, NONE_HIDDEN), [1], overtaken) == [0.1]
    rarity.of((ALL, NONE_HIDDEN), [1], count)
    assert count.asked == [[1], [1]]


def test_of_more_than_it_may_keep_the_least_used_is_forgotten():
    rarity, count = Rarity(most=2), Engine()
    for words in ([1], [2], [1], [3], [1], [2]):
        rarity.of((ALL, NONE_HIDDEN), words, count)
    assert count.asked == [[1], [2], [3], [2]]
    assert rarity.of((ALL, NONE_HIDDEN), [1, 2, 3, 4], count) == [0.1, 0.2, 0.3, 0.4]
