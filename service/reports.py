"""The reports of evaluation, as their readers find them: a folder a tenant, a folder a night in it.

What is in them is written by `eval`. A report may quote documents: its texts are for those alone who may
read all of these, and everybody else of the tenant gets its figures.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.access import Access, Principal
from service.errors import NotFound

REPORTS = "reports"
# A report's files. `summary.html` is `report.html` without questions, answers and passages.
CARD, FIGURES, PAGE, SUMMARY = "report.json", "metrics.json", "report.html", "summary.html"
NIGHT = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Grant(_Part):
    """Who may read a document: a tenant, and its groups; None: only who may see all groups."""

    tenant: str
    groups: tuple[str, ...] | None = None

    def holds(self, principal: Principal) -> bool:
        """Whether `principal` may read it."""
        if self.groups is None:
            return principal.every_group and principal.tenant == self.tenant
        return principal.may_read(Access.of(self.tenant, self.groups))


class Headline(_Part):
    """A figure of the first screen; `text` is its value with the unit."""

    metric: str
    label: str
    value: float
    text: str
    low: float
    high: float
    n: int
    state: str | None = None


class ReportCard(_Part):
    """A report in a list. `verdict`: `passed`, `regression`, `first` or `incomparable`.

    `access`: what one must be allowed to read to see its texts.
    """

    id: str
    date: str
    at: str
    verdict: str
    said: str
    late: bool = False
    questions: int = 0
    headline: tuple[Headline, ...] = ()
    worse: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    access: tuple[Grant, ...] = ()

    def readable(self, principal: Principal) -> bool:
        """Whether `principal` may read its texts."""
        return bool(self.access) and all(grant.holds(principal) for grant in self.access)


def tenant_folder(reports: Path, tenant: str) -> Path:
    """Where the reports of `tenant` lie. Tenants have any name; folders don't."""
    if _PLAIN.fullmatch(tenant):
        return reports / tenant
    return reports / f"~{hashlib.sha256(tenant.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


class Reports:
    """The reports below a data folder. Calls read files and block: use a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / REPORTS

    def cards(self, principal: Principal, limit: int = 100) -> list[ReportCard]:
        """The principal's tenant's reports, the newest first."""
        home = tenant_folder(self._folder, principal.tenant)
        nights = sorted((each.name for each in _nights(home)), reverse=True)
        found = (_card(home / night) for night in nights)
        return [card for card, _ in zip((each for each in found if each), range(limit), strict=False)]

    def figures(self, principal: Principal, name: str) -> tuple[ReportCard, dict[str, Any]]:
        """A report's card, and the run's figures. `NotFound` if there is none for this principal."""
        folder, card = self._report(principal, name)
        try:
            held: dict[str, Any] = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _missing() from error
        return card, held

    def page(self, principal: Principal, name: str) -> str:
        """A report as a page: whole for who may read all that it quotes, else its figures."""
        folder, card = self._report(principal, name)
        file = PAGE if card.readable(principal) else SUMMARY
        try:
            return (folder / file).read_text(encoding="utf-8")
        except OSError as error:
            raise _missing() from error

    def _report(self, principal: Principal, name: str) -> tuple[Path, ReportCard]:
        # A date and nothing else: no name leads out of the tenant's folder.
        if not NIGHT.fullmatch(name):
            raise _missing()
        folder = tenant_folder(self._folder, principal.tenant) / name
        card = _card(folder)
        if card is None:
            raise _missing()
        return folder, card


def _nights(home: Path) -> Iterator[Path]:
    if home.is_dir():
        yield from (each for each in home.iterdir() if NIGHT.fullmatch(each.name) and each.is_dir())


def _card(folder: Path) -> ReportCard | None:
    """A folder without a card is not a report, or not one yet."""
    try:
        return ReportCard.model_validate_json((folder / CARD).read_bytes())
    except (OSError, ValidationError):
        return None


def _missing() -> NotFound:
    return NotFound("there is no such report; GET /v1/reports lists all")
