"""A night's folder: `<reports>/<tenant>/<date>/`, under another name until it is whole."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from eval.errors import NightlyBusy
from service.reports import CARD, NIGHT, ReportCard, tenant_folder

PARTIAL = ".partial"
# Written when whoever is to hear of the night has heard.
TOLD = "told.json"
LOCK = "nightly.lock"


@dataclass(frozen=True, slots=True)
class Nights:
    """The nights of one tenant."""

    home: Path

    @classmethod
    def of(cls, reports: Path, tenant: str) -> "Nights":
        """Those below `reports`; the folder is made for them."""
        home = tenant_folder(reports, tenant)
        home.mkdir(parents=True, exist_ok=True)
        return cls(home)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes out; the lock ends with the process, however it ends."""
        try:
            with FileLock(self.home / LOCK, timeout=0):
                yield
        except Timeout as error:
            raise NightlyBusy(f"another `eval nightly` is at work in {self.home}: let it end") from error

    def done(self) -> list[date]:
        """The dates that have a report, the oldest first."""
        return self._dates("")

    def begun(self) -> list[date]:
        """The dates whose run was begun and not ended, the oldest first."""
        return self._dates(PARTIAL)

    def folder(self, night: date) -> Path:
        """Where the report of `night` is, once it is whole."""
        return self.home / night.isoformat()

    def partial(self, night: date) -> Path:
        """Where the work on `night` is done; made if need be. What an earlier attempt left is in it."""
        folder = self.home / f"{night.isoformat()}{PARTIAL}"
        folder.mkdir(exist_ok=True)
        return folder

    def clear(self, night: date) -> None:
        """Drop the work on `night`, so that it begins anew; what was said of it stays."""
        for each in self.partial(night).iterdir():
            if each.is_dir():
                shutil.rmtree(each)
            elif each.name != TOLD:
                each.unlink()

    def publish(self, night: date) -> Path:
        """Give the work its name: from one moment to the next there is a report, and a whole one."""
        return self.partial(night).replace(self.folder(night))

    def good(self, before: date) -> Iterator[Path]:
        """Folders of nights before `before` on which nothing was wrong, the newest first."""
        for night in reversed(self.done()):
            card = read_card(self.folder(night))
            if night < before and card and card.verdict != "regression":
                yield self.folder(night)

    def missed(self, night: date) -> list[date]:
        """The dates between the last report and `night`: nobody can measure them any more."""
        earlier = [each for each in self.done() if each < night]
        if not earlier:
            return []
        first = earlier[-1].toordinal() + 1
        return [date.fromordinal(day) for day in range(first, night.toordinal())]

    def _dates(self, suffix: str) -> list[date]:
        names = (each.name for each in self.home.iterdir() if each.is_dir() and each.name.endswith(suffix))
        return sorted(found for name in names if (found := _date(name.removesuffix(suffix))))


def _date(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if NIGHT.fullmatch(name) else None
    except ValueError:
        return None


def read_card(folder: Path) -> ReportCard | None:
    """The card of a report; None if there is none."""
    file = folder / CARD
    return ReportCard.model_validate_json(file.read_bytes()) if file.is_file() else None


def told(folder: Path) -> Mapping[str, Any]:
    """What was said of the night so far, and to whom."""
    file = folder / TOLD
    held: Mapping[str, Any] = json.loads(file.read_bytes()) if file.is_file() else {}
    return held


def tell(folder: Path, held: Mapping[str, Any]) -> None:
    """Write down what was said: whole, or not at all."""
    fresh = folder / f"{TOLD}.new"
    fresh.write_text(json.dumps(dict(held)), "utf-8")
    fresh.replace(folder / TOLD)
