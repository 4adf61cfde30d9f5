import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.redaction import redact
from guardrails.verdict import Action, Finding


def finding(start, end, replacement="<X>", action=Action.REDACT):
    return Finding("rail", "label", action, 1.0, start, end, "because", replacement)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], "0123456789"),
        ([finding(2, 4)], "01<X>456789"),
        ([finding(6, 8), finding(0, 2)], "<X>2345<X>89"),
        ([finding(2, 5, "<A>"), finding(4, 9, "<B>")], "01<B>9"),
        ([finding(0, 10, ""), finding(3, 4, "<A>")], ""),
        ([finding(0, 2, "<A>"), finding(2, 4, "<B>")], "<A><B>456789"),
        ([finding(0, 9, action=Action.FLAG)], "0123456789"),
    ],
)
def test_spans_are_replaced_and_overlaps_merged(findings, expected):
    assert redact("0123456789", findings) == expected


@given(
    st.text(alphabet="abc", min_size=1, max_size=30),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=6),
)
def test_no_redacted_character_survives(text, spans):
    text = text.upper()
    found = [finding(start, min(start + size, len(text)), "-") for start, size in spans if start < len(text)]
    hidden = {place for each in found for place in range(each.start, each.end)}
    kept = "".join(char for place, char in enumerate(text) if place not in hidden)
    assert redact(text, found).replace("-", "") == kept
