"""When a key ends, as people write it."""

import re
from datetime import UTC, date, datetime, time, timedelta

from service.errors import BadRequest

UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
_SPAN = re.compile(r"([1-9][0-9]{0,5})([hd])", re.ASCII)


def expiry(text: str, now: datetime) -> datetime:
    """`90d` or `12h` from now; or the end of a day in UTC, such as `2027-01-31`.

    Raises:
        BadRequest: it is neither, or has passed.
    """
    span = _SPAN.fullmatch(text.strip())
    try:
        ends = now + int(span[1]) * UNITS[span[2]] if span else _end(text.strip())
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"{text!r} is no time to expire: use 90d, 12h or a date like 2027-01-31") from error
    if ends <= now:
        raise BadRequest(f"{text!r} has passed: use 90d, 12h or a date to come")
    return ends


def _end(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(tzinfo=UTC)) + timedelta(days=1)
