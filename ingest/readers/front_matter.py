"""What a text says of itself in the fields above it: its day, its end, its successor, its language."""

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

DATED = ("date", "updated", "last_updated", "lastmod", "modified", "published")
LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])", re.IGNORECASE)
YES, NO = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})
# Only folders say who may read, and what has which labels (`.plumbline.yaml`): a text must not widen that.
PASSED_OVER = ("groups", "access", "tenant", "acl", "permissions")


class Said(NamedTuple):
    """Days are YYYY-MM-DD. `superseded_by` is empty where the text does not say by what.

    `notes` name the fields that were not followed, and why.
    """

    dated: str | None
    expires: str | None
    superseded_by: str | None
    language: str | None
    notes: tuple[str, ...]


def said(fields: dict[str, str], named: Collection[str]) -> Said:
    """What the fields say; those that are understood are taken out of `fields`.

    `named` are the names of all, also of those that have a list or nothing for a value.
    """
    given = dict(fields)
    for name in PASSED_OVER:
        fields.pop(name, None)
    days = [day for name in DATED if (day := _day(fields, name))]
    language = LANGUAGE.match(fields.get("language") or fields.get("lang") or "")
    if language:
        fields.pop("language", None)
        fields.pop("lang", None)
    dated, expires = days[0] if days else None, _day(fields, "expires")
    tongue = language[0].lower() if language else None
    notes = _notes(named, given, dated, expires, tongue)
    return Said(dated, expires, _successor(fields), tongue, tuple(notes))


def _notes(
    named: Collection[str],
    given: dict[str, str],
    dated: str | None,
    expires: str | None,
    language: str | None,
) -> Iterator[str]:
    """What of the fields was passed over; no word of their values."""
    for name in (*PASSED_OVER, "labels"):
        if name in named:
            yield f"front matter: {name} is for a .plumbline.yaml to say, and was passed over"
    faults = {
        "is no day such as 2026-03-31": [
            *(name for name in DATED if dated is None),
            *(["expires"] if expires is None else []),
        ],
        "is no language such as de": ["language", "lang"] if language is None else [],
        "is neither true nor false": []
        if given.get("superseded", "no").lower() in YES | NO
        else ["superseded"],
    }
    for fault, names in faults.items():
        yield from (f"front matter: {name} {fault}, and was passed over" for name in names if name in named)


def _day(fields: dict[str, str], name: str) -> str | None:
    """The day of a field such as `2026-03-31` or `2026-03-31T09:00:00Z`."""
    try:
        day = date.fromisoformat(fields.get(name, "")[:10]).isoformat()
    except ValueError:
        return None
    del fields[name]
    return day


def _successor(fields: dict[str, str]) -> str | None:
    named = fields.pop("superseded_by", None)
    stated = fields.pop("superseded", "").lower() in YES
    return named or ("" if stated else None)
