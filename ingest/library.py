"""The library: one data folder opened. Catalog, vectors and embedder behind a few verbs."""

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.documents import Passage
from ingest.edition import Edition
from ingest.embedder import Embedder
from ingest.errors import EmbedderMismatch, StoreFault
from ingest.facts import DIMENSION, STORE, figures, fitting, mismatch, new_facts, new_name
from ingest.fingerprint import Seal
from ingest.fold import NOTHING, Publication, folded, ids, promoted
from ingest.indexing import Indexed, index
from ingest.lifecycle import Lifecycle
from ingest.opened import Opened
from ingest.publish import Publisher
from ingest.record import Page, Record
from ingest.store import Mode, Point, Question, Vectors, embedded_text
from ingest.stores import FolderStores, OpenStore, Stores
from ingest.where import EVERYWHERE, Where
from ingest.withheld import Withholder

# Documents that are given their fingerprints in one step.
BATCH = 200


class Library:
    """What is indexed in one data folder. Safe to use from several threads; one process owns the folder.

    The store is opened, and the embedder asked, only when a call needs them. A store and the embedder of its
    vectors are one pair: a search works with the pair that it found, and once more if that was replaced
    meanwhile. `reindex` replaces it, and `embedder` with it.
    """

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        embedder: Embedder,
        stores: Stores | OpenStore,
        lifecycle: Lifecycle | None = None,
    ) -> None:
        """`stores`: where the vectors are; or what opens a store in a folder of this data folder."""
        self._lifecycle = lifecycle or Lifecycle()
        self.folder = folder
        self.catalog = catalog
        self.embedder = embedder
        self._stores = FolderStores(folder, stores) if callable(stores) else stores
        self._opening = threading.RLock()
        self._writing = threading.RLock()
        self._opened: Opened | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def search(  # noqa: PLR0913  # what makes a question, and a vector with its maker
        self,
        principal: Principal,
        query: str,
        k: int = 10,
        mode: Mode = Mode.HYBRID,
        vector: Vectors | None = None,
        *,
        by: str | None = None,
        where: Where = EVERYWHERE,
    ) -> list[Passage]:
        """The `k` best passages for `query` that `principal` may read, best first.

        `vector` is the query's embedding, if the caller has it already: it is left aside if the embedder `by`
        whose name it was made is no longer the index's. `where` narrows what is searched.

        Raises:
            EmbedderMismatch: the index holds another embedder's vectors, and `mode` needs them.
            StoreFault: the store fails, or its folder is no longer there.
        """
        while True:
            opened = self._present()
            if opened is None:
                return []
            question = Question(query, self._vector(opened, query, mode, vector, by), k, mode, where)
            found = self._lifecycle.search(question, partial(opened.look, principal))
            # What was replaced misses what was taken away since.
            if self._opened is opened:
                return found

    def _vector(
        self, opened: Opened, query: str, mode: Mode, vector: Vectors | None, by: str | None
    ) -> Vectors | None:
        """The query's, by the embedder of the opened store."""
        if mode is Mode.SPARSE:
            return None
        if opened.embedder is None:
            self.check_embedder()
        embedder = opened.embedder or self.embedder
        return vector if vector is not None and by in {None, embedder.name} else embedder.encode_query(query)

    def document(self, principal: Principal, document_id: str) -> Record:
        """One document with its text, or `NotIndexed`."""
        return self.catalog.document(principal, document_id)

    def documents(self, principal: Principal, limit: int = 100, cursor: str | None = None) -> Page:
        """A page of records in the order of their uris."""
        return self.catalog.documents(principal, limit, cursor)

    def points(self, principal: Principal) -> list[Point]:
        """Every chunk that `principal` may read, in no particular order."""
        return opened.points(principal) if (opened := self._present()) else []

    def generation(self, principal: Principal) -> str:
        """Changes with whatever the principal can find, never with other tenants; kept answers go by it."""
        return (
            f"{self.catalog.fact(STORE)} {self.catalog.generation(principal)} {self._lifecycle.generation()}"
        )

    def publish(self, editions: Sequence[Edition], vectors: Vectors, by: str | None = None) -> frozenset[str]:
        """Show `editions`, whose chunks have `vectors`, instead of what was there at their uris.

        Returns the ids of the documents of which nothing was written, because a twin stands for them.

        Raises:
            EmbedderMismatch: the embedder named `by`, whose they are, is no longer the index's.
        """
        records = [self._sealed(edition.record()) for edition in editions]
        copies = self.catalog.copies
        with self._writing:
            if by not in {None, self.embedder.name}:
                raise EmbedderMismatch(
                    f"the index went over from {by} to {self.embedder.name}", "run it again"
                )
            publisher = self._writer()
            with publisher.turn:  # who stands for whom holds until it is written
                made = folded(editions, records, vectors, copies)
                stay = {record.twin for record in made.records if record.twin and not record.is_copy}
                publisher.publish(*(made + self._promoted(copies.heirs(ids(records), stay))))
            return made.folded

    def remove(self, principal: Principal, records: Sequence[Record]) -> None:
        """Take documents away."""
        with self._writing:
            publisher = self._publisher()
            if publisher is None:
                return
            with publisher.turn:
                # First: at no time is what only they hold not found.
                self._promote(publisher, self.catalog.copies.heirs(ids(records)))
                publisher.remove(principal.tenant, records)

    def imprint(self) -> None:
        """Give documents that lack a fingerprint theirs, from their texts; let one of copies alone stand."""
        with self._writing:
            publisher = self._publisher()
            while publisher is not None and (orphans := self.catalog.copies.orphans()):
                self._promote(publisher, orphans)
            while lacking := self.catalog.fingerprints.missing(self._seal.recipe, BATCH):
                self.catalog.imprint({name: self._seal.fingerprint(text) for name, text in lacking})

    def withholder(self, *, every_tenant: bool = False) -> Withholder:
        """Tells what answers must not tell whom; of `every_tenant`, or each tenant's own alone."""
        return Withholder(self.catalog, self._seal, every_tenant=every_tenant)

    def check_embedder(self) -> None:
        """Compare the embedder's name with the index's; loads nothing.

        Raises:
            EmbedderMismatch: they differ.
        """
        with self._opening:  # never amid a switch
            if fitting(self.catalog, self.embedder) is None:
                raise mismatch(self.catalog, self.embedder)

    def reindex(self, watch: Callable[[int], None] = lambda _: None, embedder: Embedder | None = None) -> int:
        """Embed every chunk anew, by `embedder` or the present one, beside the live index; switch at once.

        `watch` is told the number of chunks done so far. Returns how many there are. Queries go on: by the
        old pair of store and embedder until the switch, by the new one from then on. Writers wait. A killed
        run leaves the live index as it was, and its rest to the next one that opens the folder.

        Raises:
            EmbedderUnavailable: `embedder` cannot be loaded.
        """
        with self._writing:
            old = self._publisher()
            if old is None:
                if embedder is not None and embedder.dimension:  # it can be loaded
                    self.embedder = embedder
                return 0
            with old.turn:
                return self._rebuilt(old, watch, embedder or self.embedder)

    def status(self) -> dict[str, Any]:
        """The whole index in figures, for its local administrator. `bytes` are on disk."""
        lacking = self.catalog.fingerprints.lacking(self._seal.recipe)
        return figures(self.catalog, self.folder, self.embedder) | {"without_fingerprint": lacking}

    def optimize(self) -> None:
        """Build the search index over what was written. May stop the whole process for a while."""
        with self._writing:
            publisher = self._publisher()
            if publisher is not None:
                publisher.optimize()

    def index_beside(self, *, hold: bool = False) -> Indexed:
        """Build the search index in another process, over a copy, and switch to that. Answers go on.

        So does writing; but then the copy lacks what was written and is thrown away, unless writers are told
        to wait (`hold`), for minutes.
        """
        with ExitStack() as waiting:
            if hold:
                waiting.enter_context(self._writing)
            publisher, name = self._publisher(), new_name(self.catalog)
            generation = publisher.copy_if_due(self.folder / name) if publisher else None
            if generation is None:
                return Indexed.NOTHING_DUE
            try:
                index(self.folder / name, int(self.catalog.fact(DIMENSION) or 0))
                return self._switch(publisher, name, generation)
            finally:
                if self.catalog.fact(STORE) != name:
                    shutil.rmtree(self.folder / name, ignore_errors=True)

    def _switch(self, before: Publisher | None, name: str, generation: int) -> Indexed:
        """Go over to the copy `name`, unless something was written, or all rebuilt, since it was made."""
        with self._writing:
            replaced = self._opened is None or self._opened.publisher is not before
            if replaced or self.catalog.visibility().generation != generation:
                return Indexed.OVERTAKEN
            dimension = int(self.catalog.fact(DIMENSION) or 0)
            publisher = Publisher(self.catalog, self._stores.open(name, dimension))
            self.catalog.state(**{STORE: name})
            self._opened = Opened(name, publisher, fitting(self.catalog, self.embedder))
            self._stores.keep(name)  # whoever still reads what was replaced has its files open
            return Indexed.DONE

    def open(self) -> None:
        """Open the store now, so that no later call has to; drop what a killed process left behind."""
        self._publisher()

    def close(self) -> None:
        """Flush and let go of the folder."""
        with self._writing, self._opening:
            if self._opened is not None:
                self._opened.publisher.close()
                self._opened = None
            self.catalog.close()

    def _rebuilt(self, old: Publisher, watch: Callable[[int], None], embedder: Embedder) -> int:
        facts = new_facts(self.catalog, embedder)
        store = self._stores.open(facts[STORE], embedder.dimension)
        done = 0
        for points in old.everything(self.catalog.tenants()):
            store.write(points, embedder.encode([embedded_text(point) for point in points]))
            done += len(points)
            watch(done)
        store.optimize()
        store.flush()
        with self._opening:
            self.catalog.state(**facts)
            self.embedder = embedder
            self._opened = Opened(facts[STORE], Publisher(self.catalog, store), embedder)
        return done

    def _publisher(self) -> Publisher | None:
        opened = self._present()
        return opened.publisher if opened else None

    def _present(self) -> Opened | None:
        """The opened store, or None while nothing has ever been indexed.

        Raises:
            StoreFault: its folder is gone, or another one.
        """
        opened = self._opened
        if opened is None or (self._stores.shared and opened.name != self.catalog.fact(STORE)):
            opened = self._open_known(opened)
        if opened is None:
            return None
        try:
            self._stores.check(opened.name)
        except StoreFault:
            if self._opened is opened:  # else another one has taken its place just now
                raise
            return self._present()
        return opened

    def _open_known(self, before: Opened | None) -> Opened | None:
        """Open the store that the catalog names, if it names one, unless another thread has."""
        with self._opening:
            name, dimension = self.catalog.fact(STORE), self.catalog.fact(DIMENSION)
            if self._opened is before and name is not None and dimension is not None:
                self._stores.check(name)
                publisher = Publisher(self.catalog, self._stores.open(name, int(dimension)))
                with publisher.turn:
                    current = self.catalog.fact(STORE) == name  # else replaced while others had their turn
                    if current and before is None:  # else some may still be reading what was replaced
                        self._stores.keep(name)
                    if current:
                        publisher.sweep()
                if not current:
                    return self._open_known(before)
                self._opened = Opened(name, publisher, fitting(self.catalog, self.embedder))
            return self._opened

    def _writer(self) -> Publisher:
        """The opened store; created with the present embedder if there is none."""
        self.check_embedder()
        publisher = self._publisher()
        if publisher is not None:
            return publisher
        with self.catalog.alone():
            if self.catalog.fact(STORE) is None:
                facts = new_facts(self.catalog, self.embedder)
                store = self._stores.open(facts[STORE], self.embedder.dimension)
                self.catalog.state(**facts)
                self._opened = Opened(facts[STORE], Publisher(self.catalog, store), self.embedder)
        return self._writer()

    def _sealed(self, record: Record) -> Record:
        return replace(record, fingerprint=self._seal.fingerprint(record.text))

    def _promoted(self, heirs: Sequence[Record]) -> Publication:
        if not heirs:
            return NOTHING
        self.check_embedder()
        return promoted([self._sealed(heir) for heir in heirs], self.embedder)

    def _promote(self, publisher: Publisher, heirs: Sequence[Record]) -> None:
        if heirs:
            publisher.publish(*self._promoted(heirs))

    @cached_property
    def _seal(self) -> Seal:
        return Seal.kept(self.folder)
