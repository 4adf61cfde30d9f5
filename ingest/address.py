"""Where a vector store's server is, and how a collection lies in its cluster."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is: URL, API key, file of its certificate's authority, seconds until it has answered."""

    url: str
    key: str | None = None
    authority: Path | None = None
    timeout: int = 10


@dataclass(frozen=True, slots=True)
class Spread:
    """How a collection lies in a cluster: shards, copies of each, and copies that a write waits for."""

    shards: int = 1
    replicas: int = 1
    write_consistency: int = 1
