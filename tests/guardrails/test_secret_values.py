import pytest

from guardrails.secret_values import is_chosen, is_random, is_stand_in, is_token_like, is_varied


@pytest.mark.parametrize(
    ("value", "random"),
    [
        ("q7Zp2Lk9Xw4Rt6Vb1Nm8Jh3Gf5Ds0A", True),
        ("s3awnyr12olnskql7zdp6h-_dxptx6lg", True),
        ("d714a5518ea13aa6e6580400a65962fd", True),
        ("8998666008341611", True),
        ("wOPJhfTqKzLmNbVcXsDgRt", True),
        ("f4aeb6bc-2a25-458a-8111-9be9e502c0e7", True),
        ("primary-key-column-2024", False),
        ("NEXUS-GPT4-API-KEY", False),
        ("cmp2-qat-1208358310", False),
        ("getHttpResponseCodeName", False),
        ("0123456789abcdefghijklmnopqrstuv", False),
        ("aaaaaaaaaa1111111111bbbbbbbbbb22", False),
        ("https://example.com/a1b2c3d4e5f6", False),
        ("settings.token.a1b2c3", False),
        ("your-k3y-g03s-h3r3-8a7b6c", False),
        ("20240115", False),
    ],
)
def test_what_a_generator_made_is_told_from_what_a_person_wrote(value, random):
    assert is_random(value) is random


@pytest.mark.parametrize(
    "value",
    [
        "${TOKEN}",
        "$TOKEN",
        "<token>",
        "{{ token }}",
        "xxxxxxxx",
        "abc...",
        "*****",
        "111111111111",
        "ab12EXAMPLE",
    ],
)
def test_what_stands_for_a_secret_is_none(value):
    assert is_stand_in(value)
    assert not is_random(value)
    assert not is_chosen(value)
    assert not is_token_like(value)


@pytest.mark.parametrize(
    ("value", "chosen"), [("hunter2!", True), ("letmein", True), ("Password", False), ("your_pw_1", False)]
)
def test_what_people_choose_is_told_from_what_examples_say(value, chosen):
    assert is_chosen(value) is chosen


@pytest.mark.parametrize(
    ("value", "varied"), [("sha~bRLF5@=", True), ("all-small-1", False), ("YOURkey1", False)]
)
def test_a_varied_value_has_both_cases_and_digits(value, varied):
    assert is_varied(value) is varied
