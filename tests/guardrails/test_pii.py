import sys
import types

import pytest

from guardrails.errors import PolicyError
from guardrails.pii import Pii
from guardrails.policy_file import load_policy
from guardrails.rail import Sample
from guardrails.verdict import Stage


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
        ("IBAN gb12spfc66723974480868", "IBAN_CODE", "gb12spfc66723974480868"),
        ("social security number: 536904399", "US_SSN", "536904399"),
        ("My driver's license number is LH329609T", "US_DRIVER_LICENSE", "LH329609T"),
        ("Führerscheinnummer B072RRE2I55", "US_DRIVER_LICENSE", "B072RRE2I55"),
        ("passport number 123456789", "US_PASSPORT", "123456789"),
        ("NHS number: 943 476 5919", "UK_NHS", "943 476 5919"),
        ("NINO AB123456C", "UK_NINO", "AB123456C"),
        ("Steuer-ID 86095742719", "DE_TAX_ID", "86095742719"),
        ("DNI 12345678Z", "ES_NIF", "12345678Z"),
        ("codice fiscale RSSMRA85T10A562S", "IT_FISCAL_CODE", "RSSMRA85T10A562S"),
        ("sécurité sociale 2 84 05 88 204 123 49", "FR_NIR", "2 84 05 88 204 123 49"),
        ("PESEL 44051401359", "PL_PESEL", "44051401359"),
        ("hetu 131052-308T", "FI_PERSONAL_IDENTITY_CODE", "131052-308T"),
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
        "I'd like to call a taxi to 14 3684 Court Street",
        "Suite 680 36 4022 Oakridge Lane",
        "Order 943 476 5919 today",
        "part 12345678Z and AB1234567",
        "routes to 192.168.0.0/16, bound to 0.0.0.0",
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


def test_what_the_policy_allows_is_left_alone():
    rail = Pii({"EMAIL_ADDRESS": 0.5}, allow=["@Example.com", "boss@other.org"])
    text = "a@example.com, boss@other.org, b@other.org"
    assert found(rail, text) == {("EMAIL_ADDRESS", "b@other.org")}


def test_entities_that_the_policy_does_not_name_are_not_looked_for():
    assert found(Pii({"US_SSN": 0.5}), "bob@example.com, 536-90-4399") == {("US_SSN", "536-90-4399")}
    assert found(Pii({}), "bob@example.com") == set()


def test_a_stricter_confidence_drops_the_doubtful():
    assert found(Pii({"US_SSN": 0.8}), "part 555-12-3456") == set()


def test_places_that_overlap_are_told_once_as_what_is_surer():
    rail = Pii({"CREDIT_CARD": 0.3, "PHONE_NUMBER": 0.3, "US_BANK_NUMBER": 0.1})
    assert found(rail, "account number 4111111111111111") == {("CREDIT_CARD", "4111111111111111")}


class Names:
    """Knows one name."""

    supported_entities = ("PERSON",)

    def analyze(self, text, _entities, _artifacts):
        from presidio_analyzer import RecognizerResult  # noqa: PLC0415  # only a plug knows it

        at = text.find("Anna")
        return [RecognizerResult("PERSON", at, at + 4, 0.9)] if at >= 0 else []


def names():
    return [Names()]


def test_a_recogniser_for_names_can_be_plugged_in(monkeypatch):
    module = types.ModuleType("ours")
    module.names = names
    monkeypatch.setitem(sys.modules, "ours", module)
    rail = Pii({"PERSON": 0.5, "EMAIL_ADDRESS": 0.5}, plug="ours:names")
    assert found(rail, "Anna is in") == {("PERSON", "Anna")}
    assert found(rail, "a@example.com is in") == {("EMAIL_ADDRESS", "a@example.com")}


@pytest.mark.parametrize("entry", ["no.such.package:names", "guardrails.pii:no_such_function"])
def test_a_plug_that_cannot_be_imported_is_a_fault_of_the_policy(entry):
    with pytest.raises(PolicyError, match=r"rails.pii.recognisers.*package.module:function"):
        Pii({"PERSON": 0.5}, plug=entry)
