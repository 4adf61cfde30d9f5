"""What a sync finds changed: the index below some roots as it was, against what is met now."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence

from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.folder import Properties
from ingest.record import FileTrace, Record
from ingest.scan import Found, Root
from ingest.store import POINT_FORM


class Changes:
    """The records and traces below `roots` before the sync, and which of them are still there."""

    def __init__(self, catalog: Catalog, principal: Principal, roots: Sequence[Root]) -> None:
        self._records: dict[str, Record] = {}
        self._held: dict[str, list[Record]] = {}
        self._traces: dict[str, FileTrace] = {}
        for root in roots:
            self._records |= {record.uri: record for record in catalog.below(principal, root.uri)}
            self._traces |= catalog.traces(principal.tenant, root.uri)
        for record in self._records.values():
            self._held.setdefault(record.file, []).append(record)
        self._kept: set[str] = set()
        self._whole: set[str] = set()
        self._read: set[str] = set()
        self._arrived: set[str] = set()

    def record(self, uri: str) -> Record | None:
        """What was published at `uri`."""
        return self._records.get(uri)

    def held(self, file: str) -> int:
        """How many documents the file at this uri held."""
        return len(self._held.get(file, ()))

    def same(self, found: Found, recipe: str, content: str | None = None) -> bool:
        """Whether the file is as it was indexed: by its stamp, or by its content where that is given."""
        trace = self._traces.get(found.uri)
        if trace is None or trace.recipe != recipe or not self.held(found.uri):
            return False
        return trace.stamp == found.stamp if content is None else trace.content == content

    def keep(self, uri: str) -> None:
        """The document at `uri` stays."""
        self._kept.add(uri)

    def keep_file(self, file: str) -> None:
        """Whatever the file held stays: it is unchanged, or could not be read this time."""
        self._whole.add(file)

    def arrive(self, uri: str, content_hash: str) -> None:
        """A document is published at `uri`."""
        self._kept.add(uri)
        if uri not in self._records:
            self._arrived.add(content_hash)

    def read(self, file: str) -> None:
        """The file was read: documents that it held and that were not met in it are gone from it."""
        self._read.add(file)

    def emptied(self) -> list[Record]:
        """Documents that are no longer in the file that held them."""
        return [record for record in self._gone() if record.file in self._read]

    def vanished(self, root: Root, unseen: Collection[str]) -> list[Record]:
        """Documents of `root` whose file is gone. What lies below `unseen` uris may still be there."""
        return [
            record
            for record in self._gone()
            if record.file not in self._read and root.holds(record.file) and not _below(record.file, unseen)
        ]

    def lost(self, vanished: Iterable[Record]) -> int:
        """How many of `vanished` did not turn up at another uri, as a renamed file does."""
        return sum(record.content_hash not in self._arrived for record in vanished)

    def known(self, root: Root) -> int:
        """How many documents `root` had."""
        return sum(root.holds(record.file) for record in self._records.values())

    def _gone(self) -> list[Record]:
        return [
            record
            for uri, record in self._records.items()
            if uri not in self._kept and record.file not in self._whole
        ]


def recipe(properties: Properties, *others: object) -> str:
    """A digest of what decides, beside a file's bytes, what becomes of it."""
    access = (properties.access.tenant, sorted(properties.access.groups), sorted(properties.labels))
    terms = (properties.language, properties.expires, properties.license)
    parts = (access, terms, [str(other) for other in others], POINT_FORM)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _below(uri: str, folders: Collection[str]) -> bool:
    return any(uri == folder or uri.startswith(f"{folder}/") for folder in folders)
