from hypothesis import given
from hypothesis import strategies as st

from guardrails.cover import Cover

SPANS = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda made: (made[0], sum(made)))


@given(st.lists(SPANS, max_size=12), SPANS)
def test_a_span_lies_in_what_is_covered_as_if_each_were_asked(spans, asked):
    start, end = asked
    cover = Cover(spans)
    assert cover.holds(asked) is any(one <= start and end <= other for one, other in spans)
    assert cover.meets(asked) is any(one < end and start < other for one, other in spans)
