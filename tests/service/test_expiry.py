"""When a key ends, as people write it."""

from datetime import UTC, datetime

import pytest

from service.errors import BadRequest
from service.expiry import expiry

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("90d", datetime(2027, 2, 19, 12, 30, tzinfo=UTC)),
        ("12h", datetime(2026, 11, 22, 0, 30, tzinfo=UTC)),
        (" 1d ", datetime(2026, 11, 22, 12, 30, tzinfo=UTC)),
        ("2027-01-31", datetime(2027, 2, 1, tzinfo=UTC)),
        ("2026-11-21", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2028-02-29", datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_span_counts_from_now_and_a_date_is_the_last_day(text: str, ends: datetime):
    assert expiry(text, NOW) == ends


@pytest.mark.parametrize(
    "text",
    ["", "0d", "-1d", "90", "90m", "1.5d", "999999d", "9999999d", "٣d", "never", "2027-02-29", "9999-12-31"],
)
def test_what_is_no_time_is_refused_with_examples(text: str):
    with pytest.raises(BadRequest, match="90d, 12h or a date like 2027-01-31"):
        expiry(text, NOW.replace(year=9_000) if text == "999999d" else NOW)


@pytest.mark.parametrize("text", ["2026-11-20", "1999-01-01"])
def test_what_has_passed_is_refused(text: str):
    with pytest.raises(BadRequest, match="has passed"):
        expiry(text, NOW)
