"""The day that a file says it is of, from the many ways in which formats write it."""

import re
from collections.abc import Iterable
from datetime import date, datetime

# 2024-05-17T10:00:00Z, D:20240517100000+02'00', 2024/05/17
DAY = re.compile(r"^(?:D:)?((?:19|20)\d\d)[-/:.]?(\d\d)[-/:.]?(\d\d)(?!\d{1,3}$)")


def day(values: Iterable[object]) -> str | None:
    """The first of `values` that begins with a day of the calendar, as YYYY-MM-DD.

    Values are texts, dates or nothing. Programs that know no date write 1970 or 1980 at times, which
    is believed.
    """
    for value in values:
        text = value.isoformat() if isinstance(value, date | datetime) else str(value or "").strip()
        found = DAY.match(text)
        if found and _exists(*map(int, found.groups())):
            return "-".join(found.groups())
    return None


def _exists(year: int, month: int, number: int) -> bool:
    try:
        date(year, month, number)
    except ValueError:
        return False
    return True
