"""A provider's keys: fetched with care, kept for a while, looked up anew without end to nobody's harm."""

import threading
import time

import pytest

from service import jwks
from service.errors import IdentityUnavailable
from service.jwks import FRESH, LARGEST, STALE, Key, KeySet, fetch
from tests.service import identity

PAUSE = 30.0


@pytest.fixture
def provider():
    with identity.running() as provider:
        yield provider


class Clock:
    """Time that stands still until it is moved."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Keys to fetch, and how often they were."""

    def __init__(self, *names: str) -> None:
        self.names: tuple[str, ...] | None = names
        self.fetched = 0

    def __call__(self) -> dict[str, Key]:
        self.fetched += 1
        if self.names is None:
            raise IdentityUnavailable("ConnectError")
        return {name: {"kid": name} for name in self.names}


def made(*names: str) -> tuple[KeySet, Source, Clock]:
    source, clock = Source(*names), Clock()
    return KeySet(source, PAUSE, clock), source, clock


def test_the_keys_for_signatures_are_fetched_by_their_ids(provider):
    listed = [{"kid": "a", "use": "sig"}, {"kid": "b"}, {"kid": "c", "use": "enc"}, {"kty": "RSA"}, "odd"]
    provider.publish(*listed)
    assert fetch(provider.url) == {"a": {"kid": "a", "use": "sig"}, "b": {"kid": "b"}}


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"keys": {}}', b"[" * 100_000, b" " * (LARGEST + 1)]
)
def test_what_is_no_key_set_is_no_provider(provider, body):
    provider.body = body
    with pytest.raises(IdentityUnavailable):
        fetch(provider.url)


@pytest.mark.parametrize("status", [301, 404, 500])
def test_a_provider_that_answers_anything_but_its_keys_is_not_followed(provider, status):
    provider.publish({"kid": "a"})
    provider.status, provider.headers = status, {"Location": provider.url}
    with pytest.raises(IdentityUnavailable):
        fetch(provider.url)
    assert provider.asked == 1


def test_the_address_of_a_provider_that_is_down_is_not_for_callers():
    with pytest.raises(IdentityUnavailable, match=r"identity provider.*ConnectError") as error:
        fetch("http://127.0.0.1:9/secret-path")
    assert "secret-path" not in str(error.value)


def test_the_log_names_a_provider_that_is_down_without_its_secrets(monkeypatch):
    told = []
    monkeypatch.setattr(jwks, "log", lambda happened, **fields: told.append((happened, fields)))
    with pytest.raises(IdentityUnavailable):
        fetch("http://user:secret-word@127.0.0.1:9/jwks?key=secret-word")
    ((_, fields),) = told
    assert fields["url"] == "http://127.0.0.1:9/jwks"


def test_a_known_key_is_fetched_once():
    keys, source, clock = made("a")
    for _ in range(3):
        assert keys.key("a") == {"kid": "a"}
        clock.now += FRESH / 4
    assert source.fetched == 1


def test_keys_are_fetched_anew_when_they_are_no_longer_fresh():
    keys, source, clock = made("a")
    keys.key("a")
    source.names = ("b",)
    clock.now += FRESH
    assert keys.key("a") is None
    assert keys.key("b") == {"kid": "b"}
    assert source.fetched == 2


def test_an_unknown_key_is_looked_for_but_not_more_often_than_the_pause_allows():
    keys, source, clock = made("a")
    for number in range(50):
        assert keys.key(f"made-up-{number}") is None
    assert source.fetched == 1
    source.names = ("a", "rotated")
    assert keys.key("rotated") is None
    clock.now += PAUSE
    assert keys.key("rotated") == {"kid": "rotated"}
    assert source.fetched == 2


def test_a_provider_that_is_down_is_asked_again_after_the_pause_alone():
    keys, source, clock = made()
    source.names = None
    for _ in range(50):
        with pytest.raises(IdentityUnavailable):
            keys.key("a")
    assert source.fetched == 1
    source.names = ("a",)
    clock.now += PAUSE
    assert keys.key("a") == {"kid": "a"}


def test_a_known_key_holds_for_a_while_without_the_provider_and_an_unknown_one_is_nobodys_guess():
    keys, source, clock = made("a")
    keys.key("a")
    source.names = None
    clock.now += FRESH
    assert keys.key("a") == {"kid": "a"}
    with pytest.raises(IdentityUnavailable):
        keys.key("b")
    clock.now += STALE
    with pytest.raises(IdentityUnavailable):
        keys.key("a")


class Hanging:
    """A fetch that does not come back until it is told to."""

    def __init__(self) -> None:
        self.begun, self.over = threading.Event(), threading.Event()

    def __call__(self) -> dict[str, Key]:
        self.begun.set()
        self.over.wait(60)
        return {"a": {"kid": "a"}}


def test_who_knows_a_key_does_not_wait_for_a_fetch_that_hangs():
    hangs = Hanging()
    keys, source, clock = made("a")
    keys.key("a")
    keys._fetch = hangs  # noqa: SLF001  # from now on
    clock.now += FRESH
    thread = threading.Thread(target=keys.key, args=("a",))
    thread.start()
    assert hangs.begun.wait(60)
    assert keys.key("a") == {"kid": "a"}
    hangs.over.set()
    thread.join()
    assert source.fetched == 1


def test_who_asks_for_an_unknown_key_waits_for_a_fetch_that_hangs_but_not_long(monkeypatch):
    monkeypatch.setattr(jwks, "PATIENCE", 0.05)
    hangs = Hanging()
    keys = KeySet(hangs, PAUSE)
    thread = threading.Thread(target=keys.key, args=("a",))
    thread.start()
    try:
        assert hangs.begun.wait(60)
        began = time.monotonic()
        with pytest.raises(IdentityUnavailable, match="slow"):
            keys.key("b")
        assert time.monotonic() - began < 30
    finally:
        hangs.over.set()
        thread.join()
    assert keys.key("a") == {"kid": "a"}
