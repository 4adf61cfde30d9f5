import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.shingles import asked, kept, runs, tokens

SALARY = "Role: Hardware engineer; Level: H2; Monthly salary: EUR 4,480; Valid from: 1 March 2026"


def words(text):
    return [token.word for token in tokens(text)]


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("Brinkholm Bostäder", "BRINKHOLM bostader"),
        ("the monthly salaries", "Monthly salary"),
        ("EUR 4,480", "eur 4 480.00"),
        ("EUR 4,480", "EUR 4.480"),
        ("3,5 percent", "3.5 percent"),
        ("level H2", "Level: h2"),
    ],
)
def test_what_is_only_written_otherwise_is_the_same(written, other):
    assert words(written) == words(other)


@pytest.mark.parametrize(
    ("written", "other"),
    [("EUR 4,480", "EUR 4,490"), ("3.5 percent", "35 percent"), ("in 2025", "in 2026"), ("H2", "H3")],
)
def test_another_number_is_another_word(written, other):
    assert words(written) != words(other)


@pytest.mark.parametrize("text", ["", "A.", "A a a a.", "of the and", "\n\n", "salary", "one word"])
def test_a_text_of_fewer_words_than_a_shingle_has_none(text):
    assert kept(text) == set()


def test_a_row_and_a_sentence_share_the_number_with_the_words_near_it():
    said = asked(tokens("The monthly salary of an H2 hardware engineer is EUR 4,480."))
    facts = {shingle.value for shingle in said if len(shingle.group) < 3}
    assert len(facts & kept(SALARY)) >= 6
    assert len(facts & kept(SALARY.replace("4,480", "4,490"))) <= 6


def test_a_year_says_nothing_by_itself_and_a_long_number_does():
    single = [
        shingle.group[0].word for shingle in asked(tokens("3480000 in 2026")) if len(shingle.group) == 1
    ]
    assert single == ["3480000"]


def test_runs_are_those_of_three_words_and_no_more_than_three_a_word():
    said = tokens("12 34 " * 50 + SALARY)
    assert runs(said) == [shingle for shingle in asked(said) if len(shingle.group) == 3]
    assert len(runs(said)) <= 3 * len(said)


@pytest.mark.parametrize(("lines", "numbers", "most"), [(1, 4_000, 10_000), (250, 160, 310_000)])
def test_what_is_kept_of_nothing_but_numbers_is_bounded_and_holds_every_long_one(lines, numbers, most):
    rows = [[str(10_000 + row * numbers + place) for place in range(numbers)] for row in range(lines)]
    said = [number for row in rows for number in row]
    found = kept("\n".join(map(" ".join, rows)))
    assert len(found) <= most + 2 * len(said)
    assert len(asked(tokens(" ".join(rows[0])))) > 10 * len(rows[0])
    alone = {shingle.value for shingle in asked(tokens(" . ".join(said[-3:]))) if len(shingle.group) == 1}
    assert len(alone) == 3
    assert alone <= found


PARTS = st.sampled_from([*"abcdefgh", "salary", "4,480", "H2", "\n", ". ", "的"])


@settings(deadline=None)
@given(st.lists(PARTS, max_size=30), st.data())
def test_what_is_quoted_of_a_text_has_no_run_and_no_number_of_its_own(parts, data):
    start = data.draw(st.integers(0, len(parts)))
    quoted = tokens(" ".join(parts[start : data.draw(st.integers(start, len(parts)))]))
    side_by_side = set(zip(quoted, quoted[1:], quoted[2:], strict=False))
    shingles = {
        shingle.value for shingle in asked(quoted) if len(shingle.group) == 1 or shingle.group in side_by_side
    }
    assert shingles <= kept(" ".join(parts))
