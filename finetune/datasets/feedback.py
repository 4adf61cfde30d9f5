"""Rated answers as a source: what `service feedback export` writes, read straight from the ledger."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from finetune.datasets.examples import FEEDBACK
from finetune.datasets.gathering import Gathered
from finetune.datasets.library import Library, NoLibrary
from finetune.datasets.sources import from_rows
from service.export import Export


@dataclass(frozen=True)
class Feedback:
    """The ratings that a reader may export now: consent, retention and access are the export's own.

    `library` knows the documents that were shown.
    """

    export: Callable[[], Export]
    library: Callable[[], Library] = NoLibrary
    license: str = ""

    def gather(self) -> Gathered:
        """As `Source.gather`."""
        exported = self.export()
        rows = json.dumps(exported.rows, ensure_ascii=False, sort_keys=True)
        sha256 = hashlib.sha256(rows.encode()).hexdigest()
        examples = list(from_rows(FEEDBACK, exported.rows))
        shown = {uri for row in exported.rows for uri in row["feedback"]["documents"]}
        facts = {"restricted": self.library().restricted(shown)}
        return Gathered(
            FEEDBACK, FEEDBACK, sha256, examples, exported.skipped, self.license, drawn=True, facts=facts
        )
