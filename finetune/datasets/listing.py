"""The datasets of a folder, as a list shows them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from finetune.datasets.manifest import MANIFEST, read_manifest
from finetune.errors import BadDataset


def listing(folder: Path) -> list[dict[str, Any]]:
    """What there is to choose from: `folder` itself, or the datasets in it, the last built first.

    Raises:
        BadDataset: there is no such folder.
    """
    if not folder.is_dir():
        raise BadDataset(f"{folder}: no such folder; name the one that your datasets are in")
    return sorted(_found(folder), key=lambda each: str(each["built_at"]), reverse=True)


def _found(folder: Path) -> Iterator[dict[str, Any]]:
    for place in (folder, *sorted(path for path in folder.iterdir() if not path.name.startswith("."))):
        if (place / MANIFEST).is_file():
            try:
                yield _entry(place, read_manifest(place))
            except (BadDataset, KeyError):
                continue  # somebody else's manifest.json


def _entry(place: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "path": str(place),
        "hash": manifest["hash"],
        "built_at": manifest.get("built_at", ""),
        "sources": [source["name"] for source in manifest["sources"]],
        "readings": manifest["readings"],
        "questions": sum(manifest["questions"].values()),
        "pairs": manifest.get("pairs", 0),
        "parents": manifest.get("parents", []),
    }
