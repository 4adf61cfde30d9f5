"""An opened store and the embedder of its vectors: one pair, which a search takes as it finds it."""

from dataclasses import dataclass, replace

from ingest.access import Principal
from ingest.documents import Passage
from ingest.embedder import Embedder
from ingest.publish import Publisher
from ingest.store import Point, Question


@dataclass(frozen=True, slots=True)
class Opened:
    """A store's name, its publisher, and its embedder; None if that is not the configured one."""

    name: str
    publisher: Publisher
    embedder: Embedder | None

    def points(self, principal: Principal) -> list[Point]:
        """All that is published there for the principal."""
        return self.publisher.read(lambda store, hidden: list(store.points(principal, hidden)))

    def look(self, principal: Principal, question: Question) -> list[Passage]:
        """What is published there for the principal's question; vectors go with their embedder's name."""
        found = self.publisher.search(principal, question)
        by = self.embedder.name if self.embedder else ""
        return [replace(passage, by=by) for passage in found]
