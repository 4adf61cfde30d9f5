"""What became of a sync: every file that was met is counted once."""

from dataclasses import dataclass, field
from typing import Any

from ingest.errors import UnsupportedFile
from ingest.take import Taken


@dataclass(slots=True)
class Report:
    """Documents added, updated, unchanged and deleted; what was skipped or failed, and why.

    `renamed` are documents that were deleted at one uri and added at another with the same text: counted as
    both. `chunks` is how many were written, `files` how many files are done, `seconds` how long it took. Of a
    `dry` run all is what would be.
    `notes` tell what of a document that was read is not in the index ("no text layer on page 3: ...").
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
    dry: bool = False

    def count(self, file: Taken) -> None:
        """Count a file that is done."""
        self.files += 1
        self.unchanged += file.unchanged
        self.notes += file.notes
        for edition in file.editions:
            known = edition.document.uri in file.known.versions
            self.updated += known
            self.added += not known
            self.chunks += len(edition.chunks)
        for uri, error in file.refused:
            (self.skipped if isinstance(error, UnsupportedFile) else self.failed).append((uri, str(error)))

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
            **({"dry_run": True} if self.dry else {}),
        }
