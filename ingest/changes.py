"""What a sync finds changed: the index below some roots as it was, against what is met now."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.access import Access, Principal
from ingest.catalog import Catalog
from ingest.folder import Properties
from ingest.record import FileTrace, Record
from ingest.scan import Found, Root
from ingest.store import POINT_FORM
from ingest.survey import Fate, Survey


@dataclass(frozen=True, slots=True)
class Known:
    """A file that was met, and what the index knows of it: its trace, and its documents' versions by uri.

    `accesses` are those that its documents have in the index.
    """

    found: Found
    trace: FileTrace | None
    versions: Mapping[str, str]
    accesses: frozenset[Access] = frozenset()

    def same(self, recipe: str, content: str | None = None) -> bool:
        """Whether the file is as it was indexed: by its stamp, or by its content where that is given."""
        trace = self.trace
        if trace is None or trace.recipe != recipe or not self.versions:
            return False
        return trace.stamp == self.found.stamp if content is None else trace.content == content

    def is_open_beyond(self, access: Access) -> bool:
        """Whether somebody may read what is indexed of it whom `access` shuts out."""
        return bool(access.groups) and any(
            not held.groups or held.groups - access.groups for held in self.accesses
        )


class Changes:
    """The survey, beside what the catalog holds for `principal`. Neither is ever in memory whole."""

    def __init__(self, catalog: Catalog, principal: Principal, survey: Survey) -> None:
        self.survey = survey
        self._catalog, self._principal = catalog, principal

    def known(self) -> Iterator[Known]:
        """The files that were met, in order."""
        for found in self.survey.found():
            uris = [each.uri for each in found]
            traces = self._catalog.traces_of(self._principal.tenant, uris)
            versions: dict[str, dict[str, str]] = {}
            accesses: dict[str, set[Access]] = {}
            for record in self._catalog.held_in(self._principal, *uris):
                versions.setdefault(record.file, {})[record.uri] = record.version
                accesses.setdefault(record.file, set()).add(record.access)
            for each in found:
                held = versions.get(each.uri, {}), frozenset(accesses.get(each.uri, ()))
                yield Known(each, traces.get(each.uri), *held)

    def emptied(self, root: Root) -> Iterator[Record]:
        """Documents below `root` that are no longer in the file that held them."""
        return (record for record, fate in self._gone(root) if fate is Fate.READ)

    def gone(self, root: Root) -> Iterator[Record]:
        """Both `emptied` and `vanished`."""
        return (record for record, _ in self._gone(root))

    def vanished(self, root: Root) -> Iterator[Record]:
        """Documents of `root` whose file is gone. What could not be looked at may still be there."""
        return (record for record, fate in self._gone(root) if fate is Fate.NONE)

    def count(self, root: Root) -> int:
        """How many documents there are of `root`."""
        return self._catalog.count_below(self._principal, root.uri)

    def _gone(self, root: Root) -> Iterator[tuple[Record, Fate]]:
        return self.survey.gone(self._catalog.below(self._principal, root.uri))


def recipe(properties: Properties, *others: object) -> str:
    """A digest of what decides, beside a file's bytes, what becomes of it."""
    access = (properties.access.tenant, sorted(properties.access.groups), sorted(properties.labels))
    terms = (properties.language, properties.expires, properties.superseded_by, properties.license)
    parts = (access, terms, [str(other) for other in others], POINT_FORM)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
