"""Capacity: never more than so many at once, first come first served, and an end to the queue."""

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.capacity import Capacity
from service.errors import Overloaded


async def settled() -> None:
    """Let every task run as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


class Visit:
    """Somebody who takes a place and keeps it until told to go."""

    def __init__(self, capacity: Capacity) -> None:
        self.go, self.inside, self.waited = asyncio.Event(), False, None
        self.task = asyncio.create_task(self._visit(capacity))

    async def _visit(self, capacity: Capacity) -> None:
        async with capacity.place() as self.waited:
            self.inside = True
            await self.go.wait()
        self.inside = False


def test_so_many_run_so_many_wait_and_the_next_is_refused_at_once():
    async def scene():
        capacity = Capacity(2, 1)
        visits = [Visit(capacity) for _ in range(4)]
        await settled()
        assert [visit.inside for visit in visits] == [True, True, False, False]
        with pytest.raises(Overloaded):
            visits[3].task.result()
        assert capacity.waiting == 1
        visits[0].go.set()
        await settled()
        assert [visit.inside for visit in visits[:3]] == [False, True, True]
        assert [visit.waited for visit in visits[:3]] == [False, False, True]
        for visit in visits:
            visit.go.set()
        await asyncio.gather(*(visit.task for visit in visits[:3]))

    asyncio.run(scene())


def test_without_a_queue_a_busy_house_refuses():
    async def scene():
        capacity = Capacity(1, 0)
        async with capacity.place():
            with pytest.raises(Overloaded):
                async with capacity.place():
                    pass
        async with capacity.place() as waited:
            assert not waited

    asyncio.run(scene())


def test_who_waits_comes_in_the_order_of_arrival():
    async def scene():
        capacity = Capacity(1, 5)
        visits = []
        for _ in range(4):
            visits.append(Visit(capacity))
            await settled()
        for number, visit in enumerate(visits):
            assert [other.inside for other in visits[number:]] == [True] + [False] * (3 - number)
            visit.go.set()
            await settled()

    asyncio.run(scene())


def test_whoever_gives_up_waiting_leaves_room_for_another():
    async def scene():
        capacity = Capacity(1, 1)
        first, second = Visit(capacity), Visit(capacity)
        await settled()
        second.task.cancel()
        with suppress(asyncio.CancelledError):
            await second.task
        assert capacity.waiting == 0
        third = Visit(capacity)
        first.go.set()
        await settled()
        assert third.inside
        third.go.set()
        await asyncio.gather(first.task, third.task)

    asyncio.run(scene())


def test_a_place_is_given_back_when_its_block_breaks():
    async def scene():
        capacity = Capacity(1, 0)
        with pytest.raises(ZeroDivisionError):
            async with capacity.place():
                raise ZeroDivisionError
        async with capacity.place() as waited:
            assert not waited

    asyncio.run(scene())


@settings(deadline=None)
@given(
    running=st.integers(1, 4),
    waiting=st.integers(0, 4),
    steps=st.lists(st.sampled_from(["come", "leave", "give up"]), max_size=40),
)
def test_whatever_happens_the_numbers_are_kept(running: int, waiting: int, steps: list[str]):
    async def scene():
        capacity = Capacity(running, waiting)
        visits: list[Visit] = []
        for step in steps:
            here = [visit for visit in visits if visit.inside]
            queued = [visit for visit in visits if not visit.inside and not visit.task.done()]
            if step == "come":
                visits.append(Visit(capacity))
            elif step == "leave" and here:
                here[0].go.set()
            elif step == "give up" and queued:
                queued[-1].task.cancel()
            await settled()
            inside = sum(visit.inside for visit in visits)
            refused = [v for v in visits if v.task.done() and not v.task.cancelled() and v.task.exception()]
            assert inside <= running
            assert capacity.waiting <= waiting
            assert capacity.waiting == 0 or inside == running
            assert capacity.state() == (inside, capacity.waiting, len(refused))
            assert all(isinstance(visit.task.exception(), Overloaded) for visit in refused)
        for visit in visits:
            visit.go.set()
        await asyncio.gather(*(visit.task for visit in visits), return_exceptions=True)
        assert capacity.waiting == 0

    asyncio.run(scene())
