"""What happened in a registry: a line for each event, never changed, so that anybody can tell who and why.

A move of the pointer is told twice, when it begins and when it is done. A kill between the two shows: the
next move looks where the pointer stands and completes the record.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from finetune.errors import BadRegistry

Event = Literal[
    "refused",
    "promoting",
    "promoted",
    "rolling back",
    "rolled back",
    "canary begun",
    "canary ended",
    "cut off",
]
BEGUN: dict[Event, Event] = {"promoting": "promoted", "rolling back": "rolled back"}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Entry(BaseModel):
    """An event. `before` was live; `forced` is why the gate was overruled; `failed` is what it said.

    `evidence` is a path below the registry.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    event: Event
    adapter: str
    before: str | None = None
    by: str = ""
    at: str = Field(default_factory=_now)
    forced: str = ""
    failed: tuple[str, ...] = ()
    evidence: str = ""
    share: float | None = None
    note: str = ""


class History:
    """The events of a registry, in `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def entries(self) -> list[Entry]:
        """All events, the oldest first. A last line that was cut off is none.

        Raises:
            BadRegistry: another line is damaged; names it.
        """
        return list(self._read())

    def add(self, entry: Entry) -> None:
        """Write an event, one at a time: the caller holds a lock. A last line that was cut off goes.

        Raises:
            BadRegistry: the file cannot be written.
        """
        fields = {"at": entry.at} | entry.model_dump(mode="json", exclude={"at"}, exclude_defaults=True)
        line = json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        try:
            with self._file.open("ab+") as file:
                file.seek(0)
                told = file.read()
                if not told.endswith(b"\n"):  # cut off
                    file.truncate(told.rfind(b"\n") + 1)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise BadRegistry(f"{self._file}: cannot be written: {error.strerror}") from error

    def begun(self) -> Entry | None:
        """The move that has begun and is not on record as done."""
        last = next((entry for entry in reversed(self.entries()) if entry.event in _MOVES), None)
        return last if last and last.event in BEGUN else None

    def complete(self, live: str | None, *, killed: bool = True) -> Entry | None:
        """Complete the record of a move that has begun, and return it; None where none has.

        `live` is where the pointer stands. The record says of a `killed` move that it was.
        """
        begun = self.begun()
        if begun is None:
            return None
        done = begun.adapter == live
        told: Event = BEGUN[begun.event] if done else "cut off"
        note = f"killed {'after' if done else 'before'} the move" if killed else ""
        found = begun.model_copy(update={"event": told, "at": _now(), "note": note})
        self.add(found)
        return found

    def lived(self) -> set[str]:
        """What has ever been live, as far as is told here."""
        moved = [entry for entry in self.entries() if entry.event in {"promoted", "rolled back"}]
        return {name for entry in moved for name in (entry.adapter, entry.before) if name}

    def before(self, live: str | None) -> str | None:
        """What was live before `live` came, rollbacks counted; None where nobody knows.

        A pointer that was moved by hand came after all that is told here.
        """
        line: list[str] = []
        for entry in self.entries():
            if entry.event == "promoted":
                line += [entry.before] if entry.before and entry.before not in line[-1:] else []
                line.append(entry.adapter)
            elif entry.event == "rolled back":
                line = _until(line, entry.adapter)
        line += [live] if live and live not in line[-1:] else []
        return line[-2] if len(line) > 1 else None

    def _read(self) -> Iterator[Entry]:
        held = self._file.read_bytes() if self._file.is_file() else b""
        for number, line in enumerate(held.split(b"\n")[:-1], start=1):
            try:  # a reason may hold what the command line could not decode
                yield Entry.model_validate(json.loads(line.decode("utf-8", "surrogatepass")))
            except ValueError as error:  # pydantic's, json's and unicode's are
                raise BadRegistry(f"{self._file}, line {number}: is damaged; remove or mend it") from error


_MOVES = {*BEGUN, *BEGUN.values(), "cut off"}


def _until(line: list[str], name: str) -> list[str]:
    """What came up to the last `name`; where it never came, with it at the end."""
    places = [place for place, each in enumerate(line) if each == name]
    return line[: places[-1] + 1] if places else [*line, name]
