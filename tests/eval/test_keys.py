"""Whoever asks has a key of theirs, and none outlives the run for long."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from eval.audience import Audience
from eval.errors import NoKey
from eval.keys import given, short_lived
from ingest.memory import MemoryStore
from service.keys import Keyring
from service.ledger import Ledger, stamp
from service.settings import ServiceSettings
from tests.service.desk import Desk

HR, ALL = Audience("acme", frozenset({"hr"})), Audience("acme", None)


@pytest.fixture
def desk(tmp_path):
    ledger = Ledger.of(ServiceSettings(home=tmp_path / "home"))
    made = Desk(tmp_path / "home", ledger, lambda *_: MemoryStore())
    made.put("pay.txt", "Aino earns much.", groups=["hr", "board"])
    made.put("plan.txt", "We plan.", groups=["it"])
    made.put("other.txt", "Others.", tenant="evil", groups=["spies"])
    yield made
    made.close()
    ledger.close()


def test_keys_hold_for_their_audiences_as_long_as_the_run_lasts(desk):
    ring = Keyring(desk.ledger)
    with short_lived(desk.ledger, desk.catalog, [HR, ALL]) as keys:
        member, everybody = ring.principal(keys[HR]), ring.principal(keys[ALL])
        assert (member.tenant, member.groups, member.scopes) == ("acme", {"hr"}, {"chat", "eval"})
        assert everybody.groups == {"hr", "board", "it"}
        tomorrow = stamp(datetime.now(UTC) + timedelta(days=1))
        assert all(record.expires_at and record.expires_at <= tomorrow for record in ring.list())
    assert [ring.principal(key) for key in keys.values()] == [None, None]


def test_keys_end_when_the_run_fails_and_though_somebody_ended_one(desk):
    ring = Keyring(desk.ledger)
    with short_lived(desk.ledger, desk.catalog, [HR, ALL]):
        ring.revoke(ring.list()[0].id)
    with pytest.raises(ZeroDivisionError), short_lived(desk.ledger, desk.catalog, [HR, ALL]):
        raise ZeroDivisionError
    assert all(record.revoked_at for record in ring.list())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("keys.toml", '"acme:hr" = "pk-1"\nacme = "pk-2"\n'),
        ("keys.json", '{"acme:hr": "pk-1", "acme": "pk-2"}'),
    ],
)
def test_keys_are_read_from_toml_and_json(tmp_path, name, text):
    file = tmp_path / name
    file.write_text(text)
    assert given([ALL, HR], None, file) == {ALL: "pk-2", HR: "pk-1"}


def test_one_key_serves_where_one_audience_asks():
    assert given([HR], "pk-1", None) == {HR: "pk-1"}
    with pytest.raises(NoKey, match=r"no key to ask as acme; acme:hr:.*--keys"):
        given([ALL, HR], "pk-1", None)


@pytest.mark.parametrize("text", ["not = toml = at all", "acme = 7\n", "[acme]\nhr = 'pk'\n"])
def test_a_file_that_holds_no_keys_is_refused(tmp_path, text):
    file = tmp_path / "keys.toml"
    file.write_text(text)
    with pytest.raises(NoKey, match=r"keys\.toml"):
        given([ALL], None, file)
    with pytest.raises(NoKey):
        given([ALL], None, tmp_path / "none.json")


def test_who_has_no_key_in_the_file_is_named(tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"acme": "pk"}))
    with pytest.raises(NoKey, match="acme:hr"):
        given([ALL, HR], None, file)
