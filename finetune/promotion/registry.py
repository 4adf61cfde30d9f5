"""The folder of adapters as its keeper sees it: adapters come in whole, the files that servers follow move.

<folder>/<task>-<hash>/       an adapter; never changed, once it is there
<folder>/promoted, canary     what servers follow, see `service.adapters`
<folder>/promotions.jsonl     what happened, see `finetune.promotion.history`
<folder>/evidence/<name>/     why, see `finetune.promotion.evidence`
<folder>/.incoming/           what is not whole yet; swept by the next promotion

A rename puts each thing in its place, so that a kill at any moment leaves the old or the new one.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from finetune.card import CONFIG, read_card
from finetune.errors import BadAdapter, BadRegistry
from finetune.promotion.history import Entry, History
from finetune.promotion.lock import PATIENCE, locked
from service.adapters import CANARY, PROMOTED, AdapterRegistry
from service.calibration import CALIBRATION
from service.errors import ModelUnavailable
from service.split import Split

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*-[0-9a-f]{12}", re.ASCII)
# What training leaves beside an adapter: its state is larger than the adapter, and nobody serves it.
_LEFT_BEHIND = shutil.ignore_patterns("checkpoint*", "*.tmp", "*.new", ".*")


class Registry:
    """Adapters for the model `base`, in a folder."""

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.base = folder, base
        self.history = History(folder / "promotions.jsonl")
        self.adapters = AdapterRegistry(folder, base)
        self._incoming = folder / ".incoming"

    def live(self) -> str | None:
        """What answers now: an adapter, or the base model; None where nothing was ever promoted.

        Raises:
            ModelUnavailable: what the pointer names is gone, or its card is damaged.
        """
        return self.adapters.promoted() if (self.folder / PROMOTED).exists() else None

    def pointed(self) -> str | None:
        """What the pointer names, be it gone or damaged: one goes back from that above all."""
        pointer = self.folder / PROMOTED
        return pointer.read_text().strip() or None if pointer.exists() else None

    def canary(self) -> Split | None:
        """The comparison that servers make; None where there is none, or they cannot."""
        try:
            return self.adapters.comparison()
        except ModelUnavailable:
            return None

    def whole(self, name: str) -> None:
        """Raise `BadAdapter` unless the adapter is here, whole and for the base model; the base model is."""
        if name != self.base:
            self._checked(self.folder / name)

    @contextmanager
    def promoting(self) -> Iterator[None]:
        """One promotion at a time, for as long as its gate takes. Raises `Busy`."""
        with locked(self.folder / ".promoting.lock", 0.0):
            yield

    @contextmanager
    def moving(self) -> Iterator[None]:
        """One move of a pointer at a time: a rollback does not wait for anybody's gate. Raises `Busy`."""
        with locked(self.folder / ".moving.lock", PATIENCE):
            yield

    def recover(self) -> tuple[str, ...]:
        """Clean up behind a promotion that was killed; tells what there was. Needs `promoting`."""
        with self.moving():
            left = sorted(path.name for path in self._incoming.glob("*"))
            shutil.rmtree(self._incoming, ignore_errors=True)
            gone = [f"{name}: not whole when a promotion was killed, and removed" for name in left]
            return (*gone, *self.settle())

    def settle(self, *, killed: bool = True) -> tuple[str, ...]:
        """Complete a move of the pointer, a `killed` one or one's own; tells of it. Needs `moving`.

        What has gone live ends the canary: it was to be held against what was live before.
        """
        live, canary, begun = self.pointed(), self.canary(), self.history.begun()
        moved = begun is not None and begun.adapter == live
        if canary and (moved or canary.candidate == live):
            self.end_canary(begun.by if begun else "")
        entry = self.history.complete(live, killed=killed)
        return (f"{entry.event} {entry.adapter}: {entry.note}",) if entry else ()

    def admit(self, source: Path) -> str:
        """Copy an adapter into the registry, unless it is there; returns its name.

        Raises:
            BadAdapter: it is incomplete, not what its card says, or for another base model; or the registry
                has one of its name that is used in another manner.
            BadRegistry: the folder cannot be written.
        """
        name = self._checked(source)
        place = self.folder / name
        if place.exists():
            self._checked(place)
            if _manner(source) != _manner(place):
                raise BadAdapter(
                    f"{source}: the registry has {name} with another {CALIBRATION}, and what has a name "
                    f"never changes; remove {place} if it was never promoted"
                )
            return name
        with self._writing():
            scratch = self._incoming / name
            shutil.rmtree(scratch, ignore_errors=True)
            shutil.copytree(source, scratch, ignore=_LEFT_BEHIND)
            self._checked(scratch)
            for file in sorted(scratch.rglob("*")):
                _flush(file)
            scratch.rename(place)
            _flush(self.folder)
        return name

    def point(self, name: str) -> None:
        """Make `default` mean `name`. Raises `BadRegistry` where the folder cannot be written."""
        self._put(PROMOTED, f"{name}\n")

    def compare(self, split: Split) -> None:
        """Give the candidate its share. Raises `BadRegistry` where the folder cannot be written."""
        self._put(CANARY, json.dumps(asdict(split)) + "\n")

    def end_canary(self, by: str) -> str | None:
        """End the comparison under way, on record; returns who had a share. Needs `moving`.

        Raises:
            BadRegistry: the folder cannot be written.
        """
        canary = self.canary()
        if canary is None:
            return None
        ended = Entry(event="canary ended", adapter=canary.candidate, before=self.pointed(), by=by)
        self.history.add(ended)
        with self._writing():
            (self.folder / CANARY).unlink(missing_ok=True)
        return canary.candidate

    def _checked(self, adapter: Path) -> str:
        card = read_card(adapter)
        name = str(card["name"])
        if not (adapter / CONFIG).is_file():
            raise BadAdapter(f"{adapter}: no {CONFIG}; the adapter is incomplete")
        if not _NAME.fullmatch(name):
            raise BadAdapter(f"{adapter}: {name[:80]!r} is no adapter's name: <task>-<hash of its weights>")
        if card.get("base", self.base) != self.base:
            raise BadAdapter(
                f"{adapter}: it is for the base model {card['base']}, and service.model is {self.base}: "
                "train one for that, or set service.model"
            )
        return name

    def _put(self, name: str, text: str) -> None:
        with self._writing():
            scratch = self._incoming / name
            scratch.write_text(text)
            _flush(scratch)
            scratch.replace(self.folder / name)
            _flush(self.folder)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._incoming.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise BadRegistry(f"{self.folder}: cannot be written: {error.strerror or error}") from error


def _manner(adapter: Path) -> bytes:
    """How the adapter is to be used."""
    file = adapter / CALIBRATION
    return file.read_bytes() if file.is_file() else b""


def _flush(path: Path) -> None:
    """What is renamed must be on the disk before its new name is."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
