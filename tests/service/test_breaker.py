"""The breaker's states, and what holds in whatever order requests, probes and time come."""

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from service.breaker import LONGEST, Breaker

LIMIT, PAUSE = 3, 2.0


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def opened() -> tuple[Breaker, Clock]:
    clock = Clock()
    breaker = Breaker(clock, LIMIT, PAUSE)
    assert [breaker.failed(breaker.enter()) for _ in range(LIMIT)] == [False, False, True]
    return breaker, clock


def test_failures_in_a_row_open_it_and_a_success_begins_a_new_row():
    breaker = Breaker(Clock(), LIMIT, PAUSE)
    for _ in range(5):
        for _ in range(LIMIT - 1):
            breaker.failed(breaker.enter())
        breaker.succeeded(breaker.enter())
    assert breaker.closed
    for _ in range(LIMIT):
        breaker.failed(breaker.enter())
    assert not breaker.closed


def test_a_probe_is_due_when_the_pause_is_over_and_not_before():
    breaker, clock = opened()
    assert (breaker.due, breaker.wait) == (False, PAUSE)
    assert not breaker.probed(alive=True)
    clock.now += PAUSE - 0.5
    assert (breaker.due, breaker.wait) == (False, 0.5)
    clock.now += 0.5
    assert breaker.due
    assert breaker.probed(alive=True)
    assert breaker.closed


def test_each_probe_in_vain_doubles_the_pause_up_to_the_longest():
    breaker, clock = opened()
    pauses = []
    for _ in range(5):
        pauses.append(breaker.wait)
        clock.now += breaker.wait
        assert not breaker.probed(alive=False)
    assert pauses == [2.0, 4.0, 8.0, LONGEST, LONGEST]


def test_after_a_probe_one_failure_opens_it_again_for_longer():
    breaker, clock = opened()
    clock.now += PAUSE
    breaker.probed(alive=True)
    assert breaker.failed(breaker.enter())
    assert breaker.wait == 2 * PAUSE


def test_an_answer_after_the_probe_makes_all_as_it_was():
    breaker, clock = opened()
    clock.now += PAUSE
    breaker.probed(alive=True)
    breaker.succeeded(breaker.enter())
    assert not any(breaker.failed(breaker.enter()) for _ in range(LIMIT - 1))
    assert breaker.failed(breaker.enter())
    assert breaker.wait == PAUSE


def test_requests_from_before_it_opened_change_nothing():
    clock = Clock()
    breaker = Breaker(clock, LIMIT, PAUSE)
    tickets = [breaker.enter() for _ in range(LIMIT + 5)]
    assert sum(breaker.failed(ticket) for ticket in tickets) == 1
    assert breaker.wait == PAUSE
    clock.now += PAUSE
    breaker.probed(alive=True)
    breaker.failed(tickets[0])
    breaker.succeeded(tickets[1])
    assert breaker.closed
    assert breaker.failed(breaker.enter())


def test_while_it_is_closed_only_probes_in_vain_count():
    breaker = Breaker(Clock(), LIMIT, PAUSE)
    breaker.failed(breaker.enter())
    for _ in range(9):
        breaker.probed(alive=True)
    assert not breaker.probed(alive=False)
    assert breaker.probed(alive=False)
    assert not breaker.closed


class AnyOrder(RuleBasedStateMachine):
    """Requests that overlap, probes and time, beside a count of what must be known."""

    tickets = Bundle("tickets")

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(self.clock, LIMIT, PAUSE)
        self.row = 0  # failures since the last success, or since it last opened
        self.openings = 0
        self.pause = 0.0  # the last one

    def told(self, opened_it: bool, was_closed: bool) -> None:
        """It has opened, if `opened_it`: never too early, never for less than the last time."""
        if opened_it:
            assert was_closed
            self.opened()
        assert self.breaker.closed or not was_closed or opened_it

    def opened(self) -> None:
        assert self.breaker.wait >= max(PAUSE, self.pause)
        self.pause, self.row, self.openings = self.breaker.wait, 0, self.openings + 1

    @rule(target=tickets)
    def begin(self):
        return self.breaker.enter(), self.openings

    @rule(ticket=tickets)
    def succeed(self, ticket):
        was = self.breaker.closed
        self.breaker.succeeded(ticket[0])
        assert self.breaker.closed == was
        if was and ticket[1] == self.openings:
            self.row, self.pause = 0, 0.0

    @rule(ticket=tickets)
    def fail(self, ticket):
        was, fresh = self.breaker.closed, ticket[1] == self.openings
        opened_it = self.breaker.failed(ticket[0])
        self.row += was and fresh
        assert opened_it == (was and fresh and self.row >= LIMIT)
        self.told(opened_it, was)

    @rule(alive=st.booleans())
    def probe(self, alive):
        was, due = self.breaker.closed, self.breaker.due
        changed = self.breaker.probed(alive=alive)
        if was:
            self.row += not alive
            assert changed == (not alive and self.row >= LIMIT)
            self.told(changed, was)
        elif due and alive:
            assert changed
            assert self.breaker.closed
            self.row = LIMIT - 1
        else:
            assert not changed
            assert not self.breaker.closed
            if due:
                self.opened()

    @rule(seconds=st.integers(0, 30))  # whole, so that sums are exact
    def pass_time(self, seconds):
        was = self.breaker.closed
        self.clock.now += seconds
        assert self.breaker.closed == was  # time alone closes nothing

    @invariant()
    def waits_are_short_and_only_while_open(self):
        assert 0 <= self.breaker.wait <= LONGEST
        if self.breaker.closed:
            assert (self.breaker.wait, self.breaker.due) == (0, False)
        else:
            assert self.breaker.due == (self.breaker.wait == 0)


TestAnyOrder = AnyOrder.TestCase
