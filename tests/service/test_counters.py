"""Counting goes on when Redis does not. What both storages do alike: tests/contracts/test_counters.py."""

import socket
import threading

import pytest

from service.counters import RETRY, Counters, Window
from service.errors import Misconfigured

WINDOW = Window("requests", 2, 86_400)


class Clock:
    """Time that stands still until it is moved."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Port:
    """An address where a Redis might be, which hangs up on everybody and counts who came."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://:secret@127.0.0.1:{self._listener.getsockname()[1]}/0"
        self.callers = 0
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self.callers += 1
            caller.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def port():
    port = Port()
    yield port
    port.close()


def test_without_redis_each_server_holds_the_limits_alone(port):
    counters = Counters(port.url, Clock())
    assert [counters.take(WINDOW, "acme").refused for _ in range(3)] == [False, False, True]
    counters.add(WINDOW, 5, "acme")
    assert counters.standing(WINDOW, "acme").refused


def test_a_lost_redis_is_tried_again_after_a_while_and_not_before(port):
    clock = Clock()
    counters = Counters(port.url, clock)
    counters.take(WINDOW, "acme")
    came = port.callers
    assert came >= 1
    for _ in range(5):
        counters.take(WINDOW, "acme")
    assert port.callers == came
    clock.now += RETRY
    counters.take(WINDOW, "acme")
    assert port.callers > came


def test_a_lost_redis_is_logged_once_and_without_its_password(port, capsys):
    clock = Clock()
    counters = Counters(port.url, clock)
    for _ in range(3):
        counters.take(WINDOW, "acme")
        clock.now += RETRY
    written = "".join(capsys.readouterr())
    assert written.count("limits are counted in this process") == 1
    assert "ConnectionError" in written
    assert "secret" not in written


@pytest.mark.parametrize(
    "url", ["memory://", "memcached://host", "host:6379", "redis://:secret@host:port/0", "http://host"]
)
def test_an_address_that_is_no_redis_is_refused_without_quoting_it(url):
    with pytest.raises(Misconfigured, match="limits_url") as refused:
        Counters(url)
    assert "secret" not in str(refused.value)


def test_counts_that_have_ended_do_not_stay_in_memory(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("service.counters.time.time", clock)
    counters = Counters()
    storage = counters._near._fixed.storage  # noqa: SLF001  # what it keeps shows nowhere else
    window = WINDOW._replace(seconds=60)
    for number in range(100):
        counters.add(window, 2, f"address {number}")
    assert counters.standing(window, "address 7").refused
    clock.now += 61
    assert not counters.standing(window, "address 7").refused
    counters.add(window, 1, "address 7")
    assert (len(storage.storage), len(storage.expirations)) == (1, 1)
    assert counters.standing(window, "address 7")[:2] == (2, 1)


def test_a_window_in_memory_begins_with_its_first_count_and_then_ends(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("service.counters.time.time", clock)
    counters, window = Counters(), WINDOW._replace(seconds=60)
    counters.add(window, 1, "acme")
    clock.now += 59
    counters.add(window, 1, "acme")
    assert counters.standing(window, "acme") == (2, 0, 1, True)
    clock.now += 1
    counters.add(window, 1, "acme")
    assert counters.standing(window, "acme") == (2, 1, 60, False)


def test_a_sliding_window_lets_no_two_bursts_meet_at_its_edge(monkeypatch):
    clock = Clock()
    clock.now = 60_000.0 + 59
    for module in ("service.counters", "limits.storage.memory", "limits.strategies"):
        monkeypatch.setattr(f"{module}.time.time", clock)
    counters, window = Counters(), WINDOW._replace(seconds=60, most=10)
    assert [counters.take(window, "acme").refused for _ in range(11)].count(False) == 10
    clock.now += 2
    assert [counters.take(window, "acme").refused for _ in range(10)].count(False) <= 1
    clock.now += 60
    assert not counters.take(window, "acme").refused


def test_threads_count_every_one():
    counters, window = Counters(), Window("requests", 1_000_000, 86_400)

    def count():
        for _ in range(500):
            counters.add(window, 1, "acme")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters.standing(window, "acme").remaining == 1_000_000 - 4_000
