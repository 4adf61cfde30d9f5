import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails import pii
from guardrails.pii import Pii
from guardrails.policy_file import load_policy
from guardrails.rail import Sample
from guardrails.verdict import Stage

ENTITIES = load_policy().rails.pii.thresholds


@pytest.fixture(scope="module")
def rail():
    options = load_policy().rails.pii
    return Pii(options.thresholds, options.allow, options.regions)


def found(rail, text):
    return {
        (each.label, text[each.start : each.end]) for each in rail.inspect(Sample(text, Stage.INPUT)).findings
    }


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("Write to bob.smith+x@example.co.uk today", "EMAIL_ADDRESS", "bob.smith+x@example.co.uk"),
        ("(202) 555-0123 is mine", "PHONE_NUMBER", "(202) 555-0123"),
        ("reach us: +49 30 901820", "PHONE_NUMBER", "+49 30 901820"),
        ("020 7946 0958", "PHONE_NUMBER", "020 7946 0958"),
        ("call me at 2025550123", "PHONE_NUMBER", "2025550123"),
        ("card 4111 1111 1111 1111 please", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("pay to DE89 3704 0044 0532 0130 00", "IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("SSN 536-90-4399", "US_SSN", "536-90-4399"),
        ("seen from 10.20.30.40", "IP_ADDRESS", "10.20.30.40"),
        ("seen from 2001:db8:85a3::8a2e:370:7334", "IP_ADDRESS", "2001:db8:85a3::8a2e:370:7334"),
    ],
)
def test_personal_data_is_found_whole(rail, text, label, value):
    assert (label, value) in found(rail, text)


@pytest.mark.parametrize(
    "text",
    [
        "Upgrade to version 1.2.3.4 or v10.20.30.40",
        "It listens on 127.0.0.1:8000",
        "order 2025550123 shipped",
        "on 2024-01-15 and 12.03.2024 at 10:30",
        "EUR 1,200 and 3,500.00 USD, 25 days, 9:30 to 15:00",
        "between 1998-2004",
        "Invoice 2024-000123-45",
        "ISBN 978-3-16-148410-0",
        "card 4111 1111 1111 1112",
        "ticket #4155550132",
        "SKU 442-1023-8834",
        "from 12:30::45",
        "bob@localhost and a@b",
        "call 112",
        "locally 5551234 rows were called",
        "",
    ],
)
def test_what_only_looks_personal_passes(rail, text):
    assert found(rail, text) == set()


def test_each_finding_brings_its_placeholder_and_does_not_quote(rail):
    (finding,) = rail.inspect(Sample("bob@example.com", Stage.OUTPUT)).findings
    assert finding.replacement == "<EMAIL_ADDRESS>"
    assert "bob" not in finding.reason


WORDS = st.sampled_from(
    ["mail", "bob", "DE", "call", "card", "SSN", "bc", "beef", ".", ",", " ", "-", "+", "example.com"]
)


@given(st.lists(WORDS | st.text(max_size=3), max_size=12).map("".join))
def test_without_a_digit_an_at_or_a_colon_there_is_nothing_to_find(rail, text):
    plain = pii._TELLING.sub("", text)  # noqa: SLF001  # what is left out is what this holds to account
    searched_in_full = rail._engine.analyze(plain, "en", entities=list(ENTITIES))  # noqa: SLF001  # as above
    assert searched_in_full == []
    assert found(rail, plain) == set()


def test_what_the_policy_allows_is_left_alone():
    rail = Pii({"EMAIL_ADDRESS": 0.5}, allow=["@Example.com", "boss@other.org"])
    text = "a@example.com, boss@other.org, b@other.org"
    assert found(rail, text) == {("EMAIL_ADDRESS", "b@other.org")}


def test_entities_that_the_policy_does_not_name_are_not_looked_for():
    assert found(Pii({"US_SSN": 0.5}), "bob@example.com, 536-90-4399") == {("US_SSN", "536-90-4399")}
    assert found(Pii({}), "bob@example.com") == set()


def test_a_stricter_confidence_drops_the_doubtful():
    assert found(Pii({"US_SSN": 0.8}), "part 555-12-3456") == set()
