import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.pipeline import Channel, Closed, Line


def drained(line, values):
    found = []
    line.finish((found.append(value) for value in values), lambda: None)
    return found


@settings(max_examples=30)
@given(st.lists(st.floats(0, 0.002), max_size=30), st.integers(1, 4), st.integers(1, 5))
def test_values_keep_their_order_whatever_the_threads_do(pauses, threads, ahead):
    def work(numbered):
        time.sleep(numbered[1])
        return numbered[0]

    with Line() as line:
        first = line.stage(work, enumerate(pauses), threads=threads, ahead=ahead)
        assert drained(line, line.stage(lambda number: number * 2, first)) == [
            number * 2 for number in range(len(pauses))
        ]


def test_no_stage_runs_further_ahead_than_it_may():
    begun, go = [], threading.Semaphore(0)

    def slow(value):
        go.acquire()
        return value

    with Line() as line:
        eager = line.stage(lambda value: begun.append(value) or value, range(100), ahead=3)
        last = line.stage(slow, eager, ahead=2)
        assert _settled(lambda: len(begun)) < 12
        for _ in range(100):
            go.release()
        assert list(last) == list(range(100))


def test_a_stage_of_one_thread_does_one_at_a_time_to_the_end():
    busy, most = [], []

    def work(value):
        busy.append(value)
        most.append(len(busy))
        time.sleep(0.002)
        busy.remove(value)

    with Line() as line:
        drained(line, line.stage(work, range(20), ahead=8))
    assert set(most) == {1}


def _settled(look):
    """What a figure is once it has stopped to change."""
    before, now = -1, look()
    while now != before:
        time.sleep(0.05)
        before, now = now, look()
    return now


@pytest.mark.parametrize("stage", [0, 1])
def test_what_a_stage_raises_arrives_after_what_came_before_it_and_ends_all_threads(stage):
    def work(here):
        def fail(value):
            if value == 5 and here == stage:
                raise ValueError(value)
            return value

        return fail

    before = threading.active_count()
    seen = []
    with Line() as line:
        values = line.stage(work(0), iter(range(1000)), threads=3, ahead=4)
        with pytest.raises(ValueError, match="5"):
            seen += drained(line, (seen.append(value) for value in line.stage(work(1), values)))
    assert seen == list(range(5))
    assert threading.active_count() == before


def test_what_the_source_raises_arrives_too():
    def source():
        yield 1
        raise OSError("gone")

    with Line() as line, pytest.raises(OSError, match="gone"):
        drained(line, line.stage(str, source()))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_whoever_watches_may_stop_everything(error):
    looks, made = [], []

    def watch():
        looks.append(len(made))
        if len(looks) > 1:
            raise error

    def endless():
        number = 0
        while True:
            yield (number := number + 1)

    before = threading.active_count()
    with pytest.raises(error), Line() as line:
        line.finish(line.stage(made.append, line.stage(str, endless(), threads=2)), watch)
    assert threading.active_count() == before
    assert made


def test_a_closed_channel_takes_nothing_and_gives_nothing():
    channel = Channel(2)
    channel.put(1)
    channel.close()
    assert list(channel) == []
    with pytest.raises(Closed):
        channel.put(2)
