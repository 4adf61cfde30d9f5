import pytest

from guardrails.phones import phones

REGIONS = ("US", "GB", "DE", "FR")


def found(text):
    return [text[start:end] for start, end, score in phones(text, REGIONS) if score >= 0.5]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("They're not answering at 781 5991", "781 5991"),
        ("You can call 33 93 31", "33 93 31"),
        ("Phone: (35) 609-270", "(35) 609-270"),
        ("call 781 5991 now", "781 5991"),
        ("phone #555-123-4567", "555-123-4567"),
        ("24 428557-Office\\,+1-743-438-6774x62406-Fax", "24 428557"),
        ("24 428557-Office\\,+1-743-438-6774x62406-Fax", "+1-743-438-6774x62406"),
        ("61 51 81 office", "61 51 81"),
        ("Tel:030901820", "030901820"),
        ("My number is 555 0199 222", "555 0199 222"),
        ("Fax (212) 555-0100 ext. 12", "(212) 555-0100 ext. 12"),
        ("+44 (0)20 7946 0958", "+44 (0)20 7946 0958"),
        ("Rufen Sie mich unter 030 901820 an", "030 901820"),
        ("Mobil 0171-1234567", "0171-1234567"),
        ("appelez-moi au 06 12 34 56 78", "06 12 34 56 78"),
        ("Mi teléfono es 612 345 678", "612 345 678"),
        ("chiamami al 347 1234567", "347 1234567"),
    ],
)
def test_a_number_is_found_as_people_write_it(text, number):
    assert number in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "call before 31.12.2024 or on 2024-05-12",
        "call 100 000 customers",
        "call center with 1 200 000 seats",
        "The phone costs $1,299.00",
        "mobile revenue of 12 500 000 units",
        "Kundennummer 123 456 789",
        "Rechnung Nr. 2024 0815 4711",
        "passed 123456 tests",
        "version 2010.40.32 and build 5.3.12303",
        "2010/11 and 2011/12, 1998-2004",
        "1 2 3 4 5 6 7 8 9",
        "100-200-300 mg",
        "SSN 536-90-4399",
        "52.520008, 13.404954",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "her address is 28 4376 Port Washington Road",
        "",
    ],
)
def test_other_numbers_are_no_phones(text):
    assert found(text) == []
