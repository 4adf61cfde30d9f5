"""What is indexed, as material to train on: each chunk a document, and the documents' chunks never apart.

A server may hold the index: then it is asked, as every command asks it.
"""

from typing import Any, Protocol

from eval.collection import Collection, Entry
from finetune.errors import BadSource
from finetune.retrieval.parts import piece


class Ask(Protocol):
    """Runs a command of `ingest.commands` where the index is: here, or on the server that holds it."""

    def __call__(self, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The command's result."""
        ...


def live(ask: Ask, tenant: str) -> Collection:
    """What the tenant's local administrator sees.

    Raises:
        BadSource: nothing is indexed.
        IngestError: the index cannot be read.
    """
    chunks = ask("chunks", {"tenant": tenant})["chunks"]
    if not chunks:
        raise BadSource(f"nothing is indexed for the tenant {tenant!r}: run `python -m ingest sync` first")
    entries = (
        Entry(piece(chunk["uri"], number), chunk["heading"] or chunk["title"], chunk["text"])
        for number, chunk in enumerate(chunks)
    )
    return Collection(f"{tenant}, as indexed", tuple(entries), {}, {})
