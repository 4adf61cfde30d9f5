"""When the search index is built anew."""

import threading
from types import SimpleNamespace

import pytest

from ingest.errors import StoreFault
from ingest.indexing import Indexed
from service.upkeep import Upkeep


class Shelf:
    """A library that notes how it is asked, and is at a generation that tests move."""

    def __init__(self):
        self.generation, self.asked, self.outcome = 1, [], Indexed.DONE
        self.often = threading.Event()
        self.catalog = SimpleNamespace(visibility=lambda: SimpleNamespace(generation=self.generation))

    def index_beside(self, *, hold):
        self.asked.append(hold)
        if len(self.asked) == 3:
            self.often.set()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def shelf():
    return Shelf()


def test_nothing_is_indexed_while_documents_arrive(shelf):
    upkeep = Upkeep(shelf)
    for shelf.generation in range(5):
        upkeep.look()
    assert shelf.asked == []
    upkeep.look()
    assert shelf.asked == [False]


@pytest.mark.parametrize("outcome", [Indexed.DONE, Indexed.NOTHING_DUE])
def test_what_was_indexed_is_left_alone_until_something_is_written(shelf, outcome):
    upkeep, shelf.outcome = Upkeep(shelf), outcome
    for _ in range(4):
        upkeep.look()
    assert shelf.asked == [False]
    shelf.generation += 1
    upkeep.look()
    upkeep.look()
    assert shelf.asked == [False, False]


def test_writers_wait_after_two_indexes_that_came_too_late(shelf):
    upkeep, shelf.outcome = Upkeep(shelf), Indexed.OVERTAKEN
    for _ in range(4):
        upkeep.look()
    assert shelf.asked == [False, False, True]


def test_a_fault_does_not_end_it(shelf):
    upkeep, shelf.outcome = Upkeep(shelf, quiet=0.001), StoreFault("no room")
    upkeep.start()
    assert shelf.often.wait(10)
    upkeep.stop()
