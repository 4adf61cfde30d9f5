"""Where a dataset comes from: a manifest beside it, `FILE.manifest.json`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.dataset import Question, version, write_dataset
from eval.errors import BadQuestions


class Manifest(BaseModel):
    """A dataset's version and lineage. `at`: UTC, ISO 8601. `corpus`: fingerprint of its documents then."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    rows: int
    made_by: str
    at: str
    parent: str | None = None
    corpus: str | None = None


def beside(dataset: Path) -> Path:
    """Where the manifest of a dataset lies."""
    return dataset.with_name(f"{dataset.name}.manifest.json")


def read_manifest(dataset: Path) -> Manifest | None:
    """The manifest of a dataset, or None where there is none.

    Raises:
        BadQuestions: what lies there is no manifest.
    """
    file = beside(dataset)
    if not file.exists():
        return None
    try:
        return Manifest.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise BadQuestions(f"{file}: not a manifest; remove it to begin a new lineage") from error


def publish(path: Path, questions: Sequence[Question], made_by: str, corpus: str | None = None) -> Manifest:
    """Write a dataset and its manifest; what stood there before becomes the parent.

    Rows first: killed in between, the manifest names another version than the file has, as after an edit
    by hand.
    """
    before = read_manifest(path)
    write_dataset(path, questions)
    made = Manifest(
        version=version(questions),
        rows=len(questions),
        made_by=made_by,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        parent=_parent(before, version(questions)),
        corpus=corpus or (before.corpus if before else None),
    )
    scratch = beside(path).with_suffix(".new")
    scratch.write_text(f"{made.model_dump_json(indent=2)}\n", encoding="utf-8")
    scratch.replace(beside(path))
    return made


def _parent(before: Manifest | None, name: str) -> str | None:
    """The version before; one that is written again keeps the parent that it has."""
    if before is None:
        return None
    return before.parent if before.version == name else before.version
