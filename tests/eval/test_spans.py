from eval.spans import Span, Tally, tallies

MAIL, PHONE = "EMAIL_ADDRESS", "PHONE_NUMBER"


def test_a_span_is_found_by_any_overlap_of_its_own_kind():
    rows = [([Span(MAIL, 0, 5), Span(PHONE, 9, 12)], [Span(MAIL, 4, 8), Span(MAIL, 9, 12)])]
    assert tallies(rows) == {MAIL: Tally(1, 1, 0), PHONE: Tally(0, 0, 1)}


def test_a_span_in_two_parts_is_found_once():
    assert tallies([([Span(MAIL, 0, 9)], [Span(MAIL, 0, 3), Span(MAIL, 5, 9)])]) == {MAIL: Tally(1, 0, 0)}


def test_spans_that_only_touch_do_not_meet():
    assert tallies([([Span(MAIL, 0, 5)], [Span(MAIL, 5, 6)])]) == {MAIL: Tally(0, 1, 1)}


def test_precision_and_recall_of_nothing_are_whole():
    assert (Tally(0, 0, 0).precision, Tally(0, 0, 0).recall) == (1.0, 1.0)
    assert (Tally(3, 1, 2).precision, Tally(3, 1, 2).recall) == (0.75, 0.6)
