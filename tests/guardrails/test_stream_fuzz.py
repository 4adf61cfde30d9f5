"""The streaming checker under random texts, cuts and policies: as at once, and nothing removed in it."""
# ruff: noqa: E501 what texts are made of, many a line

import functools
from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guardrails.custom import custom_rails
from guardrails.guard import Guard
from guardrails.pii import Pii
from guardrails.policy import Policy
from guardrails.secrets import Secrets
from guardrails.stream import GuardedStream
from guardrails.verdict import Action, Stage

KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQ. IBADAN\n\nBgkqhkiG9w0BAQEFAASC. AQEF\n-----END PRIVATE KEY-----"
VALUES = {
    "secrets": [
        KEY,
        "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
        "AKIA" + "QYLPMN5HHHFPZAM2",
        "password: hunter2!x",
        "password:\nhunter2!x",
        "Authorization: Bearer\nq1w2e3r4t5y6u7i8o9p0",
    ],
    "pii": [
        "4111 1111 1111 1111",
        "4111 1111\n1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "DE89 3704\n0044 0532 0130 00",
        "bob.smith@example.com",
        "+49 30 901820",
        "+49 30\n901820",
        "+49 30. 901820",
    ],
    "custom": [
        "Borealis",
        "project north star",
        "project\nnorth star",
        "b o r e a l i s",
        "EMP-123456",
        "ID 12\n34 Z",
    ],
}
PLAIN = [
    "Staff get 27 days.", "It is e.g. 3.5 km", "See [1].", " [2]", " ", "\n", "\n\n", "\r\n", "- one\n- two\n", "| a | 12 |\n",
    "|---|---|\n", "```\nx = 1\n```\n", "# Head\n", "1. First", "Dr. Smith", "p.m.", "28 days。[1]", "年假。", "ümlaut é",
    "\u200b", "🙂", "2024.", "2025", "12", "a" * 90, "word " * 40, "-----BEGIN", "AKIA", "@", "call", "key is", "project", "north",
]  # fmt: skip
PIECES = st.one_of(
    st.sampled_from(PLAIN), st.sampled_from([value for some in VALUES.values() for value in some])
)
JOINTS = st.sampled_from([" ", "\n", ". ", "", " [1] "])
CUSTOM = [
    {"name": "names", "words": ["Borealis", "project north star"]},
    {"name": "numbers", "patterns": [r"\bEMP-\d{6}\b", r"\bID \d\d\s\d\d Z"]},
]
RULES = {
    "secrets": [{"action": "redact"}, {"action": "redact", "replacement": "(gone)"}, {"action": "block"}],
    "pii": [{"action": "redact"}, {"action": "flag"}],
    "custom": [{"action": "redact"}, {"action": "block"}, {"action": "redact", "shadow": True}],
}  # fmt: skip
PII = dict.fromkeys(("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE"), 0.5)


@functools.cache
def pii():
    """The rail, which takes a second to make."""
    return Pii(PII, regions=("DE",))


@functools.cache
def guard(*chosen: int | None):
    """A guard with a rule of each rail, or without that rail."""
    rules = {
        name: options[number]
        for (name, options), number in zip(RULES.items(), chosen, strict=True)
        if number is not None
    }
    made = {"name": "t", "message": "Stopped.", "stages": {"output": rules}, "rails": {"custom": CUSTOM}}
    policy = Policy.model_validate(made)
    return Guard(policy, [Secrets(), pii(), *custom_rails(policy.rails.custom)])


POLICIES = st.tuples(*(st.sampled_from([None, *range(len(options))]) for options in RULES.values()))


@st.composite
def texts(draw):
    parts = draw(st.lists(st.tuples(PIECES, JOINTS), max_size=12))
    return "".join(piece + joint for piece, joint in parts)


def deltas(text, sizes):
    at = 0
    while at < len(text):
        size = sizes[at % len(sizes)] if sizes else len(text)
        yield text[at : at + size]
        at += size


def run(guarding, text, sizes, most):
    """What is sent, and the units in which it was judged."""
    units = []
    stream = GuardedStream(guarding, lambda unit: units.append(unit) or (), most)
    sent = [
        verdict.text for delta in deltas(text, sizes) if stream.grow(delta) for verdict in stream.screen()
    ]
    return "".join(sent + [verdict.text for verdict in stream.finish()]), units


def lost(verdict, unit):
    """Whether more than the unit goes: all that follows, or, behind a value cut in two, the value's rest."""
    return verdict.blocked or any(
        found.action is Action.REDACT and found.end == len(unit) for found in verdict.acting
    )


@example("word " * 70 + "ab -----BEGIN " + KEY.partition(" ")[2] + " " + KEY, [], (0, None, None), 400)
@example(" [1] ".join([KEY] * 3) + ". ", [], (0, None, None), 400)
@example("Staff call。[1]年假。年假。", [2], (None, None, 0), 400)  # sentences without a space between them
@example("Staff get 27 days.project\nnorth star ", [], (None, None, 0), 400)
@example(KEY + "\nAKIAQYLPMN5HHHFPZAM2Staff get 27 days. ", [], (0, None, None), 400)
@example("-----BEGIN 年假。年假。年假。", [], (0, None, None), 400)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(texts(), st.lists(st.integers(1, 40), max_size=5), POLICIES, st.sampled_from([400, 8_000]))
def test_streamed_equals_not_streamed_and_holds_nothing_that_was_removed(text, sizes, chosen, most):
    guarding = guard(*chosen)
    streamed, units = run(guarding, text, sizes, most)
    assert (streamed, units) == run(guarding, text, [], most)
    verdicts = [guarding.screen(Stage.OUTPUT, unit) for unit in units]
    assert streamed == "".join(verdict.text for verdict in verdicts)
    assert max(map(len, units), default=0) <= most
    if not any(map(lost, verdicts, units)):
        assert "".join(units) == text
    whole = guarding.screen(Stage.OUTPUT, text)
    removed = [found for found in whole.acting if found.action in {Action.REDACT, Action.BLOCK}]
    for value, times in Counter(text[found.start : found.end] for found in removed).items():
        assert streamed.count(value) <= text.count(value) - times, value


@pytest.mark.parametrize("value", [value for some in VALUES.values() for value in some])
@pytest.mark.parametrize(
    ("before", "after"), [("It is this: ", ""), ("One. ", " Two."), ("See\n", "\nthen 5")]
)
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_every_value_is_caught_wherever_it_stands_and_however_it_is_cut(before, value, after, size):
    streamed, _ = run(guard(0, 0, 0), before + value + after, [size], 8_000)
    assert value not in streamed
    assert streamed.endswith(after)
    secret = value.rpartition(" ")[2].rpartition("\n")[2]
    assert len(secret) < 5 or secret not in streamed


@pytest.mark.parametrize("filler", ["word " * 300, "x" * 1_500, "1 2 3 4 " * 200, "=" * 1_500])
@pytest.mark.parametrize("value", [VALUES["secrets"][1], "4111 1111 1111 1111", "bob.smith@example.com"])
def test_a_text_without_end_is_released_in_parts_and_no_value_is_cut(filler, value):
    for at in range(0, 420, 35):
        text = f"{filler[: 200 + at]} {value} {filler}"
        streamed, units = run(guard(0, 0, 0), text, [13], 400)
        assert value not in streamed
        assert max(map(len, units)) <= 400


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        (
            "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEabcd1234\n" * 200 + "-----END PRIVATE KEY-----",
            " Then this.",
        ),
        ("password=a" + "B3x" * 900, " Then this."),
    ],
)
@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_a_value_that_is_longer_than_what_is_held_back_is_dropped_to_its_end(value, rest, size):
    streamed, _ = run(guard(0, 0, 0), f"Here. {value}{rest}", [size], 400)
    assert streamed.endswith(rest)
    assert "MIIE" not in streamed
    assert "B3xB3x" not in streamed


@pytest.mark.parametrize(
    "near", ["It took 25\n30 were left.", "In 2024. In 2025.", "- 12 days\n- 14 days.", "Ends at 5. 6 begin."]
)
def test_sentences_with_numbers_are_still_told_apart(near):
    _, units = run(guard(0, 0, 0), near + " End", [1], 8_000)
    assert len(units) >= 2
