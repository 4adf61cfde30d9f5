"""Numbers, dates, times, money and comparisons in one plain form, so that two texts can be compared.

"$1,200", "1200 dollars" and "USD 1200.00" become "1200 dollar"; "twenty-five" becomes "25"; "May 22nd, 2026"
and "2026-05-22" become "22 month5 2026"; "no more than" becomes "atmost". English; day before month where
"05/06/2026" leaves it open.
"""

import re
from decimal import Decimal

_UNITS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = (
    {word: value for value, word in enumerate(_UNITS.split())}
    | {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
    | {"dozen": 12}
)
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SHORT_SCALES = {"k": 1000, "m": 10**6, "mn": 10**6, "bn": 10**9}
_SPELT_ORDINALS = "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_ORDINALS = tuple(_SPELT_ORDINALS.split())
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CURRENCIES = {"$": "dollar", "usd": "dollar", "us$": "dollar", "€": "euro", "eur": "euro", "£": "pound"}
_CURRENCIES |= {"gbp": "pound", "¥": "yen", "chf": "franc", "sek": "krona"}

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[12]\d{3})\b"
_ISO_DATE = re.compile(r"\b(?P<year>[12]\d{3})-(?P<month>[01]?\d)-(?P<day>[0-3]?\d)\b")
_DIGIT_DATE = re.compile(r"\b(?P<day>[0-3]?\d)([./])(?P<month>[0-3]?\d)\2(?P<year>(?:[12]\d)?\d\d)\b")
_WRITTEN_DATES = (
    re.compile(rf"\b{_DAY}(?: of)? (?P<month>{_MONTH})(?:,? {_YEAR})?"),
    re.compile(rf"\b(?P<month>{_MONTH}) {_DAY}\b(?!,\d|\.\d|:\d)(?:,? {_YEAR})?"),
    re.compile(rf"\b(?P<month>{_MONTH})(?:,| of)? {_YEAR}"),
    # Months whose names are no other word stand alone.
    re.compile(
        r"\b(?P<month>January|February|April|June|July|August|September|October|November|December)\b"
        r"|(?<=[a-z,] )(?P<may>March|May)\b"
    ),
)
_CLOCK = re.compile(
    r"(?i)\b([01]?\d|2[0-3])(?:[:.]([0-5]\d))? ?([ap])\.?m\b\.?|\b([01]?\d|2[0-3]):([0-5]\d)\b"
)
_MONEY_BEFORE = re.compile(
    rf"(?i)(?<!\w)(us\$|[$€£¥]|usd|eur|gbp|chf|sek) ?({_NUMBER})"
    r"(?: ?(thousand|million|billion|trillion|bn|mn|k|m)\b)?"
)
_MONEY_AFTER = re.compile(r"(?i)(?<=\d) ?(€|£|\$|usd|eur|gbp|chf|sek)(?!\w)")
_SCALED = re.compile(rf"(?i)(?<![\w.])({_NUMBER}) ?(hundred|thousand|million|billion|trillion|bn|k)\b")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ZEROS = re.compile(r"(?<![\d.])(\d+)\.0+(?![\d.])")
_PERCENT = re.compile(r"(?i)(?<=\d) ?(?:%|per ?cent\b|pct\b)")
_SPELT = "|".join(sorted([*_VALUES, *_SCALES], key=len, reverse=True))
_WRITTEN = re.compile(
    r"(?i)\b(?:an? (?=hundred|thousand|million|billion|dozen))?"
    rf"(?:{_SPELT})(?:(?:-| | and )(?:{_SPELT}))*\b"
)
_WRITTEN_ORDINAL = re.compile(rf"(?i)\b(?:{'|'.join(_ORDINALS)})\b")
_SAME = (
    (
        re.compile(r"(?i)\b(?:at least|no (?:less|fewer) than|not (?:less|fewer) than|a minimum of)\b"),
        "atleast",
    ),
    (re.compile(r"(?i)\b(?:at most|no(?:t)? more than|a maximum of|up to)\b"), "atmost"),
    (re.compile(r"(?i)\b(?:no later than|not later than)\b"), "before"),
    (re.compile(r"(?i)\bnot (?:only|just|merely|necessarily only)\b"), "also"),
    (re.compile(r"(?i)\bno one\b"), "nobody"),
    (re.compile(r"(?i)\bper cent\b"), "percent"),
)


def plain(text: str) -> str:
    """Return `text` with every number, date, time, amount and comparison in its plain form."""
    for pattern, meant in _SAME:
        text = pattern.sub(meant, text)
    if _may_hold_number(text):
        text = _dates(text)
        text = _CLOCK.sub(_clock, text)
        text = _MONEY_BEFORE.sub(_money, text)
        text = _MONEY_AFTER.sub(lambda found: f" {_CURRENCIES[found.group(1).lower()]} ", text)
        text = _SCALED.sub(lambda found: _scaled(found.group(1), found.group(2)), text)
        text = _ZEROS.sub(r"\1", _GROUPED.sub("", _PERCENT.sub(" percent", text)))
    return _WRITTEN_ORDINAL.sub(_ordinal, _WRITTEN.sub(_spelt, text))


def _may_hold_number(text: str) -> bool:
    return any(character.isdigit() for character in text) or _WRITTEN_DATES[-1].search(text) is not None


def _dates(text: str) -> str:
    text = _ISO_DATE.sub(_digits, text)
    text = _DIGIT_DATE.sub(_digits, text)
    for pattern in _WRITTEN_DATES:
        text = pattern.sub(_date, text)
    return text


def _digits(found: re.Match[str]) -> str:
    day, month, year = int(found["day"]), int(found["month"]), found["year"]
    if month > len(_MONTHS):  # the American order
        day, month = month, day
    if not 0 < month <= len(_MONTHS):
        return found.group()
    return f"{day} month{month} {year if len(year) > 2 else f'20{year}'}"  # noqa: PLR2004 a short year


def _date(found: re.Match[str]) -> str:
    parts = found.groupdict()
    name = parts.get("month") or parts.get("may") or ""
    day = f"{int(parts['day'])} " if parts.get("day") else ""
    year = f" {parts['year']}" if parts.get("year") else ""
    return f"{day}month{_MONTHS.index(name[:3].lower()) + 1}{year}"


def _clock(found: re.Match[str]) -> str:
    hour, minute, half, hour_of_24, minute_of_24 = found.groups()
    if half is None:
        return f"{int(hour_of_24)}h{minute_of_24}"
    return f"{int(hour) % 12 + (12 if half.lower() == 'p' else 0)}h{minute or '00'}"


def _money(found: re.Match[str]) -> str:
    amount = _scaled(found.group(2), found.group(3)) if found.group(3) else found.group(2)
    return f"{amount} {_CURRENCIES[found.group(1).lower()]}"


def _scaled(number: str, scale: str) -> str:
    factor = (_SCALES | _SHORT_SCALES)[scale.lower()]
    return _written(Decimal(number.replace(",", "")) * factor)


def _written(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _spelt(found: re.Match[str]) -> str:
    words = [word for word in re.split(r"[-\s]+", found.group().lower()) if word not in {"and", "a", "an"}]
    if words == ["one"]:
        return found.group()  # mostly a pronoun
    total = current = 0
    for word in words:
        if word == "hundred":
            current = max(current, 1) * 100
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
        else:
            current = current * _VALUES[word] if word == "dozen" and current else current + _VALUES[word]
    return str(total + current)


def _ordinal(found: re.Match[str]) -> str:
    number = _ORDINALS.index(found.group().lower()) + 3
    return "3rd" if number == 3 else f"{number}th"  # noqa: PLR2004 the third
