"""A night's folder: `<reports>/<tenant>/<date>/`, under another name until it is whole."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import ValidationError

from eval.errors import NightlyBusy, Undelivered
from eval.notify import Notice, Sender
from service.reports import CARD, NIGHT, ReportCard, tenant_folder

PARTIAL = ".partial"
# Written when whoever is to hear of the night has heard.
TOLD = "told.json"
# Why the night was compared with none; there if it was not.
APART = "apart.txt"
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
        """The dates between the last report and `night` on which nothing was begun: they stay without one."""
        earlier = [each for each in self.done() if each < night]
        if not earlier:
            return []
        first = earlier[-1].toordinal() + 1
        days = map(date.fromordinal, range(first, night.toordinal()))
        begun = set(self.begun())
        return [day for day in days if day not in begun]

    def _dates(self, suffix: str) -> list[date]:
        names = (each.name for each in self.home.iterdir() if each.is_dir() and each.name.endswith(suffix))
        return sorted(found for name in names if (found := _date(name.removesuffix(suffix))))


def _date(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if NIGHT.fullmatch(name) else None
    except ValueError:
        return None


def read_card(folder: Path) -> ReportCard | None:
    """The card of a report; None if there is none, or none that can be read."""
    try:
        return ReportCard.model_validate_json((folder / CARD).read_bytes())
    except (OSError, ValidationError):
        return None


def send(senders: Sequence[Sender], folder: Path, notice: Notice) -> tuple[str, ...]:
    """Send a notice, once to each: `folder` remembers. Returns who could not be told, and why."""
    held, faults = dict(_told(folder)), []
    for number, sender in enumerate(senders):
        key = str(number)
        if held.get(key) == notice.text:
            continue
        try:
            sender(notice)
            held[key] = notice.text
            _tell(folder, held)
        except Undelivered as error:
            faults.append(str(error))
        except OSError as error:
            faults.append(f"who was told cannot be remembered ({error}): it will be told again")
    return tuple(faults)


def _told(folder: Path) -> Mapping[str, Any]:
    """What was said of the night so far, and to whom; nothing, if that cannot be read."""
    try:
        held: Mapping[str, Any] = json.loads((folder / TOLD).read_bytes())
    except (OSError, ValueError):
        return {}
    return held


def _tell(folder: Path, held: Mapping[str, Any]) -> None:
    """Write down what was said: whole, or not at all."""
    fresh = folder / f"{TOLD}.new"
    fresh.write_text(json.dumps(dict(held)), "utf-8")
    fresh.replace(folder / TOLD)
