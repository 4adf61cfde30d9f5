"""Which endpoint takes a request, and what its end says about it."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.breaker import Breaker
from service.errors import ContextTooLong, EngineFailed, EngineRefused
from service.pool import Pool, Turn
from service.telemetry import EndpointState, Metrics


class Engine:
    """Checked as it is told to be; it streams nothing."""

    def __init__(self, name: str) -> None:
        self.name, self.fault, self.checks = name, None, 0

    def check(self) -> None:
        self.checks += 1
        if self.fault:
            raise self.fault


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pooled(count: int, clock: Clock, limit: int = 1) -> Pool:
    return Pool([Engine(f"http://e{number}") for number in range(count)], lambda: Breaker(clock, limit, 2.0))


def end(member, error: BaseException, *, answering: bool = False) -> None:
    """A request that ends so."""
    turn = Turn(member)
    with turn:
        turn.answering = answering
        assert member.in_flight > 0
        raise error


def fail(member, *, answering: bool = False) -> None:
    with pytest.raises(EngineFailed):
        end(member, EngineFailed("broke"), answering=answering)


@given(loads=st.lists(st.integers(0, 3), min_size=1, max_size=5), before=st.integers(0, 9))
def test_the_least_busy_is_chosen(loads, before):
    pool = pooled(len(loads), Clock())
    for _ in range(before):
        pool.choose()
    for member, load in zip(pool.members, loads, strict=True):
        member.in_flight = load
    assert pool.choose().in_flight == min(loads)


def test_equally_busy_ones_take_turns(clock):
    pool = pooled(3, clock)
    chosen = Counter(pool.choose().engine.name for _ in range(9))
    assert set(chosen.values()) == {3}


def test_one_that_is_left_alone_is_not_chosen(clock):
    pool = pooled(3, clock)
    fail(pool.members[1])
    assert {pool.choose().engine.name for _ in range(9)} == {"http://e0", "http://e2"}


def test_another_attempt_goes_elsewhere_and_to_the_same_one_only_once(clock):
    first, second = (pool := pooled(2, clock)).members
    assert pool.choose([first]) is second
    assert pool.choose([first, second]) is None
    fail(second)
    assert pool.choose([first]) is first
    assert pool.choose([first], again=False) is None
    assert pool.choose([first, first]) is None
    fail(first)
    assert pool.choose() is None


@pytest.mark.parametrize(
    "error", [EngineFailed("x"), EngineRefused("x"), GeneratorExit(), asyncio.CancelledError()]
)
def test_a_turn_counts_while_it_lasts_however_it_ends(clock, error):
    (member,) = pooled(1, clock, limit=99).members
    with pytest.raises(type(error)):
        end(member, error)
    assert member.in_flight == 0


@pytest.mark.parametrize("error", [EngineRefused("x"), ContextTooLong("x"), GeneratorExit()])
def test_what_is_not_the_endpoints_fault_is_not_counted_against_it(clock, error):
    (member,) = pooled(1, clock).members
    with pytest.raises(type(error)):
        end(member, error)
    assert member.breaker.closed
    assert member.failures == 0


@pytest.mark.parametrize(("answering", "closed"), [(True, True), (False, False)])
def test_a_caller_who_leaves_says_something_only_after_the_first_token(clock, answering, closed):
    (member,) = pooled(1, clock, limit=2).members
    fail(member)
    with pytest.raises(GeneratorExit):
        end(member, GeneratorExit(), answering=answering)
    fail(member)
    assert member.breaker.closed is closed


def test_an_endpoint_that_begins_every_answer_and_ends_none_is_left_alone(clock):
    (member,) = pooled(1, clock, limit=3).members
    for _ in range(3):
        fail(member, answering=True)
    assert not member.breaker.closed


def test_when_all_are_left_alone_the_error_says_when_the_first_is_asked_again(clock):
    pool = pooled(2, clock)
    for member in pool.members:
        assert pool.ready()
        fail(member)
        clock.now += 0.5
    assert not pool.ready()
    error = pool.down()
    assert "in 1 s" in str(error)
    assert "http" not in str(error)
    assert error.headers == {"Retry-After": "1"}


def test_a_probe_leaves_alone_what_is_to_be_left_alone(clock):
    (member,) = pooled(1, clock).members
    fail(member)
    member.probe()
    assert member.engine.checks == 0
    clock.now += 2
    member.probe()
    assert member.engine.checks == 1
    assert member.breaker.closed


def test_an_endpoint_that_is_answering_is_not_probed(clock):
    (member,) = pooled(1, clock).members
    with Turn(member):
        member.probe()
        assert member.engine.checks == 0
        fail(member)
        clock.now += 2
        member.probe()
    assert member.engine.checks == 1


@pytest.mark.parametrize(("fault", "up"), [(EngineFailed("x"), False), (EngineRefused("x"), True)])
def test_a_probe_asks_whether_it_answers_not_whether_it_agrees(clock, fault, up):
    (member,) = pooled(1, clock).members
    member.engine.fault = fault
    member.probe()
    assert member.breaker.closed is up
    assert member.failures == 0


def test_figures_show_each_endpoint(clock):
    pool = pooled(2, clock)
    metrics = Metrics()
    metrics.engine(pool.states)
    fail(pool.members[0])
    with Turn(pool.members[1]):
        assert pool.states() == [
            EndpointState("http://e0", False, 0, 1),
            EndpointState("http://e1", True, 1, 0),
        ]
        shown = metrics.exposition().decode()
    for line in (
        'plumbline_engine_up{endpoint="http://e0"} 0.0',
        'plumbline_engine_up{endpoint="http://e1"} 1.0',
        'plumbline_engine_requests_running{endpoint="http://e1"} 1.0',
        'plumbline_engine_failures_total{endpoint="http://e0"} 1.0',
    ):
        assert line in shown
