import threading

import pytest

from service.makings import PAUSE, Makings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Workshop:
    """Makes things when it is let; `broken` is what cannot be made."""

    def __init__(self) -> None:
        self.open, self.broken, self.made = threading.Event(), set(), []
        self.clock = Clock()
        self.makings = Makings(self.make, self.clock)

    def make(self, name: str) -> list[str]:
        assert self.open.wait(600)
        self.made.append(name)
        if name in self.broken:
            raise RuntimeError(name)
        return [name]


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


def test_a_thing_is_made_once_however_many_ask(workshop):
    futures = [workshop.makings.want("a") for _ in range(3)]
    assert workshop.makings.pending() == ["a"]
    workshop.open.set()
    assert len({id(future.result(600)) for future in futures}) == 1
    assert workshop.made == ["a"]
    assert workshop.makings.made() == {"a": ["a"]}


def test_things_are_made_beside_each_other(workshop):
    waiting = workshop.makings.want("a")
    other = Makings(lambda name: name).want("b")
    assert other.result(600) == "b"
    assert not waiting.done()
    workshop.open.set()
    waiting.result(600)


def test_what_was_asked_for_last_is_at_the_end(workshop):
    workshop.open.set()
    for name in "aba":
        workshop.makings.want(name).result(600)
    assert list(workshop.makings.made()) == ["b", "a"]


def test_a_failure_stands_for_a_while_and_is_then_tried_again(workshop):
    workshop.open.set()
    workshop.broken.add("a")
    first = workshop.makings.want("a")
    assert isinstance(first.exception(600), RuntimeError)
    assert workshop.makings.made() == {}
    workshop.broken.clear()
    workshop.clock.now = PAUSE - 1
    assert workshop.makings.want("a") is first
    workshop.clock.now = PAUSE
    assert workshop.makings.want("a").result(600) == ["a"]
    workshop.clock.now = 10 * PAUSE
    assert workshop.makings.want("a").result(600) == ["a"]
    assert workshop.made == ["a", "a"]


def test_what_is_dropped_is_made_again_but_not_what_came_after_it(workshop):
    workshop.open.set()
    old = workshop.makings.want("a").result(600)
    workshop.makings.drop("a", old)
    new = workshop.makings.want("a").result(600)
    workshop.makings.drop("a", old)
    assert workshop.makings.made() == {"a": new}
    assert workshop.made == ["a", "a"]


def test_what_is_being_made_cannot_be_dropped(workshop):
    future = workshop.makings.want("a")
    workshop.makings.drop("a")
    workshop.open.set()
    future.result(600)
    assert workshop.made == ["a"]
