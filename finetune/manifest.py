"""A dataset's manifest: what it was made from and how, what was left out on the way, and what is in it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from finetune.errors import BadDataset
from finetune.readings import Reading


def digest(path: Path) -> str:
    """The SHA-256 of a file. Raises `BadDataset`."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise BadDataset(f"{path}: {error.strerror}") from error


def content_hash(files: Mapping[str, str]) -> str:
    """One hash of the hashes of all files, by name."""
    listed = "".join(f"{name} {value}\n" for name, value in sorted(files.items()))
    return hashlib.sha256(listed.encode()).hexdigest()


def kinds(readings: Iterable[Reading]) -> dict[str, int]:
    """How many questions of each kind are in the readings."""
    return dict(sorted(Counter(asked.kind for reading in readings for asked in reading.asked).items()))
