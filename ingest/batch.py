"""Editions that gather until there are enough chunks to embed and publish together."""

from ingest.changes import Changes
from ingest.edition import Edition
from ingest.library import Library
from ingest.record import FileTrace
from ingest.report import Report


class Batch:
    """Editions and file traces on their way into the library, and the report of what was published."""

    def __init__(self, library: Library, tenant: str, size: int) -> None:
        """`size` is the number of chunks to gather."""
        self._library = library
        self._tenant = tenant
        self._size = size
        self._editions: list[Edition] = []
        self._traces: list[FileTrace] = []

    @property
    def full(self) -> bool:
        """Whether it is time to publish."""
        return sum(len(edition.chunks) for edition in self._editions) >= self._size

    def add(self, edition: Edition) -> None:
        """Let an edition wait."""
        self._editions.append(edition)

    def trace(self, trace: FileTrace) -> None:
        """Let a trace wait: a file counts as indexed only once all that it holds is published."""
        self._traces.append(trace)

    def publish(self, changes: Changes, report: Report) -> None:
        """Embed and publish what waits; count it in `report`."""
        if self._editions:
            self._library.publish(self._editions)
        for edition in self._editions:
            known = changes.record(edition.document.uri) is not None
            report.updated += known
            report.added += not known
            report.chunks += len(edition.chunks)
        self._library.catalog.trace(self._tenant, self._traces)
        self._editions, self._traces = [], []
