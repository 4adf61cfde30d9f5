"""One suite for what is counted in this process and what is counted in a real Redis."""

import shutil
import socket
import subprocess
import uuid
from contextlib import contextmanager

import pytest

from service.counters import RETRY, Counters, Window

REDIS = shutil.which("redis-server") or shutil.which("valkey-server")


@contextmanager
def running(port, folder):
    """A Redis of our own; yields its address."""
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([str(REDIS), *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert any("Ready to accept connections" in line for line in process.stdout)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.communicate()


def free_port():
    if REDIS is None:
        pytest.skip("no redis-server on this machine")
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def redis(tmp_path_factory):
    with running(free_port(), tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(params=["memory", "redis"])
def url(request):
    return request.getfixturevalue("redis") if request.param == "redis" else None


@pytest.fixture
def counters(url):
    return Counters(url)


@pytest.fixture
def window():
    """A window that nobody has counted in; long, so that none of these tests sees it end."""
    return Window(uuid.uuid4().hex, 3, 86_400)


def test_so_many_may_be_taken_and_no_more(counters, window):
    standings = [counters.take(window, "acme", "anna") for _ in range(5)]
    assert [standing.refused for standing in standings] == [False, False, False, True, True]
    assert [standing.remaining for standing in standings] == [2, 1, 0, 0, 0]
    assert {standing.most for standing in standings} == {3}
    assert all(1 <= standing.reset <= 86_400 for standing in standings)


def test_everybody_has_counts_of_their_own(counters, window):
    for _ in range(4):
        counters.take(window, "acme", "anna")
    assert not counters.take(window, "acme", "ben").refused
    assert not counters.take(window, "evil", "anna").refused
    assert not counters.take(window, "acme").refused


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a/b", "c"), ("a", "b/c")),
        (("a", "b"), ("ab",)),
        (("a", ""), ("a",)),
        (('a", "b',), ("a", "b")),
        (("a\0b",), ("a", "b")),
        (("\ud800",), ("?",)),
    ],
)
def test_names_that_look_alike_are_not_taken_for_each_other(counters, window, one, other):
    for _ in range(3):
        counters.take(window, *one)
    assert counters.take(window, *one).refused
    assert not counters.take(window, *other).refused


def test_windows_of_different_kinds_are_counted_apart(counters, window):
    for _ in range(4):
        counters.take(window, "acme")
    assert not counters.take(window._replace(kind=window.kind + "2"), "acme").refused


def test_what_is_added_may_be_more_than_what_was_left(counters, window):
    assert counters.standing(window, "acme") == (3, 3, 1, False)
    counters.add(window, 2, "acme")
    assert counters.standing(window, "acme")[:2] == (3, 1)
    counters.add(window, 50, "acme")
    standing = counters.standing(window, "acme")
    assert (standing.remaining, standing.refused) == (0, True)
    assert 86_000 <= standing.reset <= 86_400


def test_nothing_added_is_nothing_counted(counters, window):
    counters.add(window, 0, "acme")
    assert counters.standing(window, "acme") == (3, 3, 1, False)


def test_servers_share_what_is_counted_in_redis(redis, window):
    for _ in range(3):
        Counters(redis).take(window, "acme")
    assert Counters(redis).take(window, "acme").refused
    assert not Counters().take(window, "acme").refused


def test_a_redis_that_comes_back_is_counted_in_again(window, tmp_path):
    port = free_port()
    now = [1_000.0]
    counters = Counters(f"redis://127.0.0.1:{port}/0", lambda: now[0])
    assert not counters.take(window, "acme").refused
    with running(port, tmp_path) as address:
        assert counters.take(window, "acme").remaining == 1
        now[0] += RETRY
        assert counters.take(window, "acme").remaining == 2
        assert Counters(address).take(window, "acme").remaining == 1
    assert counters.take(window, "acme").remaining == 0
