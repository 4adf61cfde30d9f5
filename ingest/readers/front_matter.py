"""What a text says of itself in the fields above it: its day, its end, its successor, its language."""

import re
from datetime import date
from typing import NamedTuple

DATED = ("date", "updated", "last_updated", "lastmod", "modified", "published")
LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])", re.IGNORECASE)
YES = frozenset({"true", "yes", "on"})
# Only folders say who may read, and what has which labels (`.plumbline.yaml`): a text must not widen that.
PASSED_OVER = ("groups", "access", "tenant", "acl", "permissions")


class Said(NamedTuple):
    """Days are YYYY-MM-DD. `superseded_by` is empty where the text does not say by what."""

    dated: str | None
    expires: str | None
    superseded_by: str | None
    language: str | None


def said(fields: dict[str, str]) -> Said:
    """What the fields say; those that are understood are taken out of `fields`."""
    for name in PASSED_OVER:
        fields.pop(name, None)
    days = [day for name in DATED if (day := _day(fields, name))]
    language = LANGUAGE.match(fields.get("language") or fields.get("lang") or "")
    if language:
        fields.pop("language", None)
        fields.pop("lang", None)
    return Said(
        days[0] if days else None,
        _day(fields, "expires"),
        _successor(fields),
        language[0].lower() if language else None,
    )


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
