"""Counting goes on when Redis does not. What both storages do alike: tests/contracts/test_counters.py."""

import json
import socket
import threading

import pytest

from service.counters import RETRY, Counters, Window
from service.errors import Misconfigured
from service.telemetry import configure_logging

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
    configure_logging()
    clock = Clock()
    counters = Counters(port.url, clock)
    for _ in range(3):
        counters.take(WINDOW, "acme")
        clock.now += RETRY
    written = capsys.readouterr().err
    assert [json.loads(line)["event"] for line in written.splitlines()] == [
        "limits are counted in this process"
    ]
    assert "secret" not in written


@pytest.mark.parametrize(
    "url", ["memory://", "memcached://host", "host:6379", "redis://:secret@host:port/0", "http://host"]
)
def test_an_address_that_is_no_redis_is_refused_without_quoting_it(url):
    with pytest.raises(Misconfigured, match="limits_url") as refused:
        Counters(url)
    assert "secret" not in str(refused.value)
