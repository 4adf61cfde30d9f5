"""Rated answers as a source: what `service feedback export` writes, read straight from the ledger."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from finetune.datasets.examples import FEEDBACK
from finetune.datasets.gathering import Gathered
from finetune.datasets.sources import from_rows
from service.export import Export


@dataclass(frozen=True)
class Feedback:
    """The ratings that a reader may export now: consent, retention and access are the export's own."""

    export: Callable[[], Export]

    def gather(self) -> Gathered:
        """As `Source.gather`."""
        exported = self.export()
        rows = json.dumps(exported.rows, ensure_ascii=False, sort_keys=True)
        sha256 = hashlib.sha256(rows.encode()).hexdigest()
        examples = list(from_rows(FEEDBACK, exported.rows))
        return Gathered(FEEDBACK, FEEDBACK, sha256, examples, exported.skipped, drawn=True)
