"""Evaluation sets as decontamination reads them: questions, and passages where the set has them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.importing import load
from finetune.errors import BadSource
from finetune.examples import EXAMPLES, read_examples
from finetune.manifest import digest
from finetune.sources import read_file, read_text


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The texts of an evaluation set. `sha256` is that of its file."""

    name: str
    sha256: str
    questions: tuple[str, ...]
    passages: tuple[str, ...]

    def listing(self) -> dict[str, Any]:
        """As the manifest tells it."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "questions": len(self.questions),
            "passages": len(self.passages),
        }


def read_held_out(path: Path) -> HeldOut:
    """Read SQuAD's JSON, our JSON lines, or the held-out parts of a dataset; else what `eval import` can.

    Raises:
        BadSource, BadQuestions: it cannot be read.
    """
    if (path / EXAMPLES).exists():
        found = [example for example in read_examples(path / EXAMPLES) if example.split != "train"]
        return _of(path, path / EXAMPLES, [e.question for e in found], [e.passage for e in found])
    if path.is_file() and _has_passages(path):
        examples = read_file(path)
        return _of(path, path, [e.question for e in examples], [e.passage for e in examples])
    _, questions = load(path)
    file = path / "queries.jsonl" if path.is_dir() else path
    return _of(path, file, [question.question for question in questions], [])


def _of(path: Path, file: Path, questions: list[str], passages: list[str]) -> HeldOut:
    told = (tuple(dict.fromkeys(texts)) for texts in (questions, passages))
    return HeldOut(path.name, digest(file), *told)


def _has_passages(path: Path) -> bool:
    """Whether a file is of a layout that `finetune build` reads too."""
    if ".json" not in path.suffixes and ".jsonl" not in path.suffixes:
        return False
    text = read_text(path)
    try:
        row = json.loads(text.lstrip().split("\n", 1)[0] if ".jsonl" in path.name else text)
    except json.JSONDecodeError as error:
        raise BadSource(f"{path}: not readable as questions: {error}") from error
    return isinstance(row, dict) and ("passages" in row or (path.suffix == ".json" and "data" in row))
