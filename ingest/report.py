"""What became of a sync: every file that was met is counted once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.errors import UnsupportedFile
from ingest.record import Record
from ingest.take import Taken
from ingest.tally import add


@dataclass(slots=True)
class Report:
    """Documents added, updated, unchanged and deleted; what was skipped or failed, and why.

    `renamed` are documents that were deleted at one uri and added at another with the same text: counted as
    both. `chunks` is how many were written, `files` how many files are done, `seconds` how long it took. Of a
    `dry` run all is what would be, and `would` has the uris of documents by what would become of them.
    `notes` tell what of a document that was read is not in the index ("no text layer on page 3: ...").
    `rails` holds what they found in the texts that were read: `{"secrets": {"redact": 3}}`. `duplicates` are,
    of all that is indexed there, the uris of which no chunk is in the index: another one's text stands.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    chunks: int = 0
    files: int = 0
    seconds: float = 0.0
    rails: dict[str, dict[str, int]] = field(default_factory=dict)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    dry: bool = False
    would: dict[str, list[str]] = field(default_factory=lambda: {"add": [], "update": [], "delete": []})

    def count(self, file: Taken, folded: Collection[str]) -> None:
        """Count a file that is done. Of the documents `folded` nothing was written."""
        self.files += 1
        self.unchanged += file.unchanged
        self.notes += file.notes
        for edition in file.editions:
            known = edition.document.uri in file.known.versions
            self.updated += known
            self.added += not known
            self._mean("update" if known else "add", edition.document.uri)
            self.chunks += 0 if edition.document.document_id in folded else len(edition.chunks)
        add(self.rails, [*file.findings, *(case.findings for case in file.held)])
        for uri, error in file.refused:
            (self.skipped if isinstance(error, UnsupportedFile) else self.failed).append((uri, str(error)))

    def lose(self, records: Sequence[Record]) -> None:
        """Count documents that are deleted."""
        self.deleted += len(records)
        for record in records:
            self._mean("delete", record.uri)

    def _mean(self, what: str, uri: str) -> None:
        # A list of all that a sync does would grow with the corpus.
        if self.dry:
            self.would[what].append(uri)

    def as_json(self) -> dict[str, Any]:
        """The report as `sync --json` prints it."""
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "deleted": self.deleted,
            "skipped": [{"uri": uri, "reason": reason} for uri, reason in self.skipped],
            "failed": [{"uri": uri, "error": error} for uri, error in self.failed],
            "renamed": [{"from": before, "to": now} for before, now in self.renamed],
            "notes": [{"uri": uri, "note": note} for uri, note in self.notes],
            "chunks": self.chunks,
            "seconds": round(self.seconds, 3),
            "rails": self.rails,
            "duplicates": [{"uri": uri, "of": of} for uri, of in self.duplicates],
            **({"dry_run": True, "would": self.would} if self.dry else {}),
        }
