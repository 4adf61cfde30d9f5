import pytest

from guardrails.values import unwrapped


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111\n1111 1111",
        "call +49 30\n901820",
        "password:\nhunter2!x",
        "pay to DE89 3704\r\n0044 0532 0130 00",
        "write to bob.smith\n@example.com",
    ],
)
def test_a_value_that_runs_over_the_end_of_a_line_is_read_on(text):
    flat = unwrapped(text)
    assert "\n" not in flat
    assert len(flat) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "snowflake.password=\njdbc.snowflake.url=",
        "password:\nuser: anna",
        "It took 25\n30 were left.",
        "- 12 days\n- 14 days",
        "Staff get 27 days.\nContractors get none.",
        "One.\n\nTwo.",
    ],
)
def test_lines_that_stand_for_themselves_stay_apart(text):
    assert unwrapped(text) == text
