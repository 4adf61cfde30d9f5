"""Who is let in: by key, or on loopback without one."""

import pytest

from ingest.access import Principal
from service.auth import BearerAuth, NoAuth, check_address, is_loopback, require
from service.errors import Forbidden, Misconfigured, Unauthorised
from service.keys import Keyring
from service.ledger import Ledger


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_addresses_may_do_without_keys(host: str):
    check_address(host, "off")
    assert is_loopback(host)


EVERYWHERE = "0.0.0.0"  # noqa: S104  # compared with, not bound to


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "10.0.0.5", "example.com", "", "localhost.evil.com"])
def test_other_addresses_need_keys(host: str):
    check_address(host, "keys")
    with pytest.raises(Misconfigured, match="PLUMBLINE_SERVICE__AUTH=keys"):
        check_address(host, "off")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer pk-wrong", "Basic pk-wrong", "pk-wrong"]
)
def test_without_a_good_key_nobody_comes_in(ledger: Ledger, header: str | None):
    headers = {} if header is None else {"authorization": header}
    with pytest.raises(Unauthorised, match="Authorization: Bearer"):
        BearerAuth(Keyring(ledger)).principal(headers)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(ledger: Ledger, scheme: str):
    _, key = Keyring(ledger).create("acme", [], ["chat"], "anna")
    assert BearerAuth(Keyring(ledger)).principal({"authorization": f"{scheme} {key}"}).subject == "anna"


def test_a_key_under_another_scheme_does_not_hold(ledger: Ledger):
    _, key = Keyring(ledger).create("acme", [], ["chat"])
    with pytest.raises(Unauthorised):
        BearerAuth(Keyring(ledger)).principal({"authorization": f"Basic {key}"})


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_without_keys_a_local_caller_is_the_administrator(host: str):
    assert NoAuth().principal({"host": host}) == Principal.administrator("default")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.com"},
        {"host": "127.0.0.1:8000", "origin": "https://evil.com"},
        {"host": "localhost", "origin": "null"},
        {"host": "[::1"},
        {},
    ],
)
def test_without_keys_another_sites_page_is_refused(headers: dict[str, str]):
    with pytest.raises(Forbidden):
        NoAuth().principal(headers)


class Visitors:
    remedy = "come to the desk"

    def principal(self, credential: str) -> Principal | None:
        if credential == "late":
            raise Unauthorised("the visit is over")
        return Principal("acme", "visitor") if credential == "visit" else None


def test_one_issuer_after_the_other_is_asked_whose_a_credential_is(ledger: Ledger):
    _, key = Keyring(ledger).create("acme", [], ["chat"], "anna")
    door = BearerAuth(Keyring(ledger), Visitors())
    assert door.principal({"authorization": f"Bearer {key}"}).subject == "anna"
    assert door.principal({"authorization": "Bearer visit"}).subject == "visitor"


def test_what_no_issuer_knows_is_refused_with_what_can_be_done(ledger: Ledger):
    door = BearerAuth(Keyring(ledger), Visitors())
    with pytest.raises(Unauthorised, match=r"keys create.*or come to the desk"):
        door.principal({"authorization": "Bearer nobody"})
    with pytest.raises(Unauthorised, match="the visit is over"):
        door.principal({"authorization": "Bearer late"})


def test_a_missing_scope_is_named():
    require(Principal("t", "s", scopes=frozenset({"chat"})), "chat")
    with pytest.raises(Forbidden, match="ingest"):
        require(Principal("t", "s", scopes=frozenset({"chat"})), "ingest")
