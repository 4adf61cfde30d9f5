"""Keys are random, kept by their hash alone, and end when they are revoked."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text

from ingest.access import Principal
from service.errors import BadRequest, NotFound
from service.keys import Keyring
from service.ledger import Ledger
from service.schemas import InternalAsk
from tests.postgres import BOTH

pytestmark = BOTH


def test_a_key_becomes_the_principal_that_it_was_made_for(ledger: Ledger):
    keyring = Keyring(ledger)
    _, key = keyring.create("acme", ["hr", "legal"], ["chat", "ingest"], "anna")
    assert keyring.principal(key) == Principal(
        "acme", "anna", frozenset({"hr", "legal"}), frozenset({"chat", "ingest"})
    )


def test_a_key_is_never_an_administrator_of_all_groups(ledger: Ledger):
    keyring = Keyring(ledger)
    _, key = keyring.create("acme", [], ["admin", "chat", "ingest", "eval"])
    principal = keyring.principal(key)
    assert principal is not None
    assert not principal.every_group


def test_two_keys_are_different_and_long(ledger: Ledger):
    made = [Keyring(ledger).create("acme", [], ["chat"])[1] for _ in range(2)]
    assert made[0] != made[1]
    assert all(key.startswith("pk-") and len(key) > 40 for key in made)


def test_the_ledger_holds_the_hash_of_a_key_and_not_the_key(ledger: Ledger):
    _, key = Keyring(ledger).create("acme", [], ["chat"])
    with ledger.transaction() as connection:
        row = connection.execute(text("select * from api_keys")).one()
    assert hashlib.sha256(key.encode()).hexdigest() in row
    assert key not in map(str, row)


@pytest.mark.parametrize("name", ["x" * 201, "a\0b", "a\nb"])
def test_names_that_no_ledger_has_room_for_are_refused(ledger: Ledger, name: str):
    for tenant, groups, subject in ((name, [], None), ("acme", [name], None), ("acme", [], name)):
        with pytest.raises(BadRequest, match="200 printable"):
            Keyring(ledger).create(tenant, groups, ["chat"], subject)
    assert Keyring(ledger).create("y" * 200, ["y" * 200], ["chat"], "y" * 200)


LOCAL = InternalAsk(question="x", groups=[]).principal.subject


@pytest.mark.parametrize("name", ["oidc:bot", "oidc:", LOCAL, Principal.administrator().subject])
def test_no_key_has_the_name_of_a_token_or_of_who_asks_on_this_machine(ledger: Ledger, name: str):
    with pytest.raises(BadRequest, match="not for keys"):
        Keyring(ledger).create("acme", [], ["chat"], name)
    assert Keyring(ledger).list() == []


def test_what_does_not_begin_as_a_key_is_nobody_and_the_ledger_is_not_asked(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ledger, "key", lambda _: pytest.fail("the ledger was asked"))
    assert Keyring(ledger).principal("eyJhbGciOiJSUzI1NiJ9.e30.c2ln") is None


@pytest.mark.parametrize("key", ["", "pk-", "pk-wrong", "pk-\ud800", "x" * 100_000])
def test_an_unknown_key_is_nobody(ledger: Ledger, key: str):
    Keyring(ledger).create("acme", [], ["chat"])
    assert Keyring(ledger).principal(key) is None


def test_a_revoked_key_is_nobody_and_still_listed(ledger: Ledger):
    keyring = Keyring(ledger)
    key_id, key = keyring.create("acme", [], ["chat"])
    keyring.revoke(key_id)
    assert keyring.principal(key) is None
    assert [(record.id, record.revoked_at is not None) for record in keyring.list()] == [(key_id, True)]


@pytest.mark.parametrize(
    ("seconds", "holds"), [(-86_400, False), (-0.01, False), (3_600, True), (86_400 * 3_650, True)]
)
@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=13)), timezone(timedelta(hours=-11))])
def test_a_key_holds_until_it_expires_wherever_the_clock_stands(
    ledger: Ledger, seconds: float, holds: bool, zone: timezone
):
    keyring = Keyring(ledger)
    ends = datetime.now(zone) + timedelta(seconds=seconds)
    _, key = keyring.create("acme", [], ["chat"], None, ends)
    assert (keyring.principal(key) is not None) is holds
    (listed,) = keyring.list()
    assert listed.expires_at == ends.astimezone(UTC).isoformat(timespec="milliseconds")


@pytest.mark.parametrize("key_id", ["key-none", ""])
def test_revoking_what_is_no_key_is_not_found(ledger: Ledger, key_id: str):
    with pytest.raises(NotFound):
        Keyring(ledger).revoke(key_id)


def test_a_key_is_revoked_once(ledger: Ledger):
    key_id, _ = Keyring(ledger).create("acme", [], ["chat"])
    Keyring(ledger).revoke(key_id)
    with pytest.raises(NotFound):
        Keyring(ledger).revoke(key_id)


@pytest.mark.parametrize("scopes", [[], ["chat", "root"], [""]])
def test_a_key_needs_scopes_that_exist(ledger: Ledger, scopes: list[str]):
    with pytest.raises(BadRequest, match="chat, ingest, admin, eval"):
        Keyring(ledger).create("acme", [], scopes)


def test_using_a_key_is_noted(ledger: Ledger):
    keyring = Keyring(ledger)
    _, key = keyring.create("acme", [], ["chat"])
    assert keyring.list()[0].last_used_at is None
    keyring.principal(key)
    assert keyring.list()[0].last_used_at is not None
