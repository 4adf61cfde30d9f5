"""A dataset's manifest: what it was made from and how, what was left out on the way, and what is in it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finetune.datasets.readings import Reading
from finetune.datasets.recipe import Recipe
from finetune.errors import BadDataset
from finetune.revision import revision

MANIFEST = "manifest.json"


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a dataset says of itself. Raises `BadDataset`."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadDataset(f"{folder}: no dataset there ({error}); make one with `finetune build`") from error
    if not isinstance(manifest, dict) or "hash" not in manifest:
        raise BadDataset(f"{folder}: its {MANIFEST} is no dataset's; make one with `finetune build`")
    return manifest


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write it, for people to read as well."""
    told = json.dumps(manifest, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(f"{told}\n", encoding="utf-8")


def described(files: Sequence[Path], recipe: Recipe) -> dict[str, Any]:
    """What holds of any dataset: its hash, that of each file, how, by which code and when it was made."""
    hashes = {file.name: digest(file) for file in sorted(files)}
    return {
        "hash": content_hash(hashes),
        "files": hashes,
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "revision": revision(),
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


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
