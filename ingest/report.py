"""What became of a sync: every file that was met is counted once."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """Documents added, updated, unchanged and deleted; what was skipped or failed, and why.

    `chunks` is how many were written, `seconds` how long it took.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    chunks: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The report as `sync --json` prints it."""
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "deleted": self.deleted,
            "skipped": [{"uri": uri, "reason": reason} for uri, reason in self.skipped],
            "failed": [{"uri": uri, "error": error} for uri, error in self.failed],
            "chunks": self.chunks,
            "seconds": round(self.seconds, 3),
        }
