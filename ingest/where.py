"""Where to look: what a question asks of the documents that it is answered from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions on a document, all of which have to hold; an empty one asks for nothing.

    `labels`: it has any of them. `without_labels`: it has none of them. `languages`: it is tagged as any of
    them. `path`: its uri, or that of a folder or file that it lies in, at any depth. `since`, `until`: the
    first and the last day (YYYY-MM-DD) that it may be of; one without a date lies in no such span.
    What a principal may not read stays out whatever is asked.
    """

    labels: frozenset[str] = frozenset()
    without_labels: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    path: str = ""
    since: str | None = None
    until: str | None = None

    @property
    def below(self) -> tuple[str, str]:
        """How the uris of what lies in `path` begin: in a folder, and in an archive or e-mail."""
        return f"{self.path.rstrip('/')}/", f"{self.path}!/"


EVERYWHERE = Where()
