"""Whose turn it is to write."""

import threading
from contextlib import contextmanager

import pytest

from ingest.turn import Turn


@pytest.fixture
def entered():
    return []


@pytest.fixture
def turn(entered):
    @contextmanager
    def alone():
        entered.append("in")
        yield
        entered.append("out")

    return Turn(alone)


def test_other_processes_are_kept_out_once_however_deep_a_thread_goes(turn, entered):
    with turn:
        with turn:
            assert entered == ["in"]
        assert entered == ["in"]
    assert entered == ["in", "out"]


def test_the_next_thread_waits_for_the_end_of_a_turn(turn, entered):
    def write():
        with turn:
            entered.append("other")

    other = threading.Thread(target=write)
    with turn:
        other.start()
        other.join(0.05)
        assert entered == ["in"]
    other.join()
    assert entered == ["in", "out", "in", "other", "out"]


def test_a_turn_that_cannot_begin_is_nobodys(entered):
    @contextmanager
    def refused():
        if not entered:
            entered.append("refused")
            raise LookupError
        yield

    turn = Turn(refused)
    with pytest.raises(LookupError), turn:
        entered.append("never")
    taken = threading.Thread(target=lambda: entered.append("next") if turn.__enter__() is None else None)
    taken.start()
    taken.join()
    assert entered == ["refused", "next"]
