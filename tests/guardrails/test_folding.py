import pytest

from guardrails.folding import Folding


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("b0real1s", "boreaiis"),
        ("b.0.r.e.a.l.1.s", "boreaiis"),
        ("1=a=1", "i=a=1"),
        ("2024 1 a", "2024 1 a"),
        ("|0l!", "|oi!"),
        ("=" * 200_000 + "1a", "=" * 200_000 + "ia"),
        ("1" * 200_000, "1" * 200_000),
    ],
    ids=lambda text: text[:12],
)
def test_digits_are_letters_where_a_letter_stands_with_them_or_follows(text, folded):
    assert Folding().fold(text).text == folded
