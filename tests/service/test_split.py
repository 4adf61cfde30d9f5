from hypothesis import given, settings
from hypothesis import strategies as st

from service.split import Split

KEYS = [f"tenant\nanna\nc-{number}" for number in range(4_000)]


def taken(split: Split, keys: list[str] = KEYS) -> set[str]:
    return {key for key in keys if split.arm(key) == "candidate"}


@settings(deadline=None)
@given(key=st.text(), share=st.floats(0, 1))
def test_a_conversation_stays_on_its_side(key, share):
    assert Split("qa-2", share).arm(key) == Split("qa-2", share).arm(key)


def test_the_share_is_about_what_was_asked_for():
    assert 0.17 < len(taken(Split("qa-2", 0.2))) / len(KEYS) < 0.23


def test_nobody_and_everybody():
    assert taken(Split("qa-2", 0.0)) == set()
    assert taken(Split("qa-2", 1.0)) == set(KEYS)


@settings(deadline=None)
@given(shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_larger_share_lets_nobody_out(shares):
    less, more = sorted(shares)
    assert taken(Split("qa-2", less), KEYS[:50]) <= taken(Split("qa-2", more), KEYS[:50])


def test_another_candidate_is_drawn_for_anew():
    assert taken(Split("qa-2", 0.5)) != taken(Split("qa-3", 0.5))
