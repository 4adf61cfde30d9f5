"""How a document's new version takes the place of the old one, whole and at once.

1. hide the new versions in the catalog;   2. write their points and flush;
3. in one transaction show the new versions and hide the old;   4. drop the old points;   5. forget them.

A reader leaves out what is hidden, so it sees the old version until step 3 and the new one from
then on. A process killed anywhere leaves hidden versions behind, whose points nobody sees and which
the next `sweep` drops.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.documents import Passage
from ingest.record import Record
from ingest.store import Point, Question, Vectors, VectorStore
from ingest.turn import Turn

T = TypeVar("T")
# Optimistic reads before one waits for the writer: a publication takes milliseconds every few seconds.
ATTEMPTS = 3
# Documents or points in one step; databases limit the values of a statement.
BATCH = 500


class Publisher:
    """The one writer of catalog and store, and the one way to read what is published.

    `turn` is held by whoever writes, of all threads and processes that share the catalog.
    """

    def __init__(self, catalog: Catalog, store: VectorStore) -> None:
        self._catalog = catalog
        self._store = store
        self.turn = Turn(catalog.alone)

    def publish(self, records: Sequence[Record], points: Sequence[Point], vectors: Vectors) -> None:
        """Show `records`, whose chunks are `points`, instead of what was there at their uris.

        What another sync has shown meanwhile is left alone: nobody may miss it, not even for a moment.
        """
        with self.turn:
            shown = self._shown(records)
            records = [record for record in records if record.version not in shown]
            if not records:
                return
            new = [place for place, point in enumerate(points) if point.version not in shown]
            points, vectors = [points[place] for place in new], vectors[new]
            self._catalog.hide([record.version for record in records])
            for start in range(0, len(points), BATCH):
                self._store.write(points[start : start + BATCH], vectors[start : start + BATCH])
            self._store.flush()
            self._catalog.publish(records)
            self.sweep()

    def _shown(self, records: Sequence[Record]) -> set[str]:
        """The versions at the records' uris that readers see now; a copy's is in no store."""
        files: dict[str, set[str]] = {}
        for record in records:
            files.setdefault(record.access.tenant, set()).add(record.file)
        copies = self._catalog.copies.among([record.document_id for record in records])
        return {
            known.version
            for tenant, held in files.items()
            for known in self._catalog.held_in(Principal.administrator(tenant), *held)
            if known.document_id not in copies
        }

    def remove(self, tenant: str, records: Sequence[Record]) -> None:
        """Take documents of `tenant` away."""
        for start in range(0, len(records), BATCH):
            with self.turn:
                self._catalog.remove(tenant, records[start : start + BATCH])
                self.sweep()

    def sweep(self) -> None:
        """Drop the points of every hidden version: replaced, removed, or left by a killed process."""
        with self.turn:
            versions = sorted(self._catalog.visibility().hidden)
            for start in range(0, len(versions), BATCH):
                batch = versions[start : start + BATCH]
                self._store.drop(batch)
                # A version is forgotten only when its points cannot come back with a power cut.
                self._store.flush()
                self._catalog.forget(batch)

    def read(self, look: Callable[[VectorStore, frozenset[str]], T]) -> T:
        """What `look` finds in the store, given the versions to leave out, at one generation of the index."""
        for _ in range(ATTEMPTS):
            before = self._catalog.visibility()
            found = look(self._store, before.hidden)
            if self._catalog.visibility().generation == before.generation:
                return found
        with self.turn:
            return look(self._store, self._catalog.visibility().hidden)

    def search(self, principal: Principal, question: Question) -> list[Passage]:
        """The passages for the question. What lies where it looks as a copy alone is found as that."""
        if not question.where.path:
            return self.read(lambda store, hidden: store.search(principal, question, hidden))
        copies = self._catalog.copies

        def look(store: VectorStore, hidden: frozenset[str]) -> list[Passage]:
            instead = copies.standing_in(principal, question.where)
            found = store.search(principal, replace(question, standing=tuple(instead)), hidden)
            return copies.named(principal, found, instead)

        return self.read(look)

    def everything(self, tenants: Sequence[str]) -> Iterator[list[Point]]:
        """All published points, some at a time, while nothing else is written: for a rebuild."""
        with self.turn:
            hidden = self._catalog.visibility().hidden
            for tenant in tenants:
                points = iter(self._store.points(Principal.administrator(tenant), hidden))
                while batch := list(islice(points, BATCH)):
                    yield batch

    def optimize(self) -> None:
        """Build the store's search index."""
        with self.turn:
            self._store.optimize()

    def copy_if_due(self, place: Path) -> int | None:
        """Copy the store to `place` if it is due for a new search index.

        Returns the generation that the copy is of; None where it is not due.
        """
        with self.turn:
            if not self._store.due():
                return None
            self._store.copy(place)
            return self._catalog.visibility().generation

    def close(self) -> None:
        """Close the store."""
        with self.turn:
            self._store.close()
