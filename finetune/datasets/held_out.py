"""Evaluation sets as decontamination reads them: questions, and passages where the set has them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.importing import load
from finetune.datasets.examples import EXAMPLES, Example, read_examples
from finetune.datasets.manifest import content_hash, digest
from finetune.datasets.sources import read_file, read_text
from finetune.errors import BadSource


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
        return _of(path, [example for example in read_examples(path / EXAMPLES) if example.split != "train"])
    if path.is_file() and _has_passages(path):
        return _of(path, read_file(path))
    _, questions = load(path)
    return HeldOut(path.name, _digest(path), tuple(dict.fromkeys(each.question for each in questions)), ())


def _of(path: Path, examples: Sequence[Example]) -> HeldOut:
    questions = dict.fromkeys(example.question for example in examples)
    passages = dict.fromkeys(example.passage for example in examples)
    return HeldOut(path.name, _digest(path), tuple(questions), tuple(passages))


def _digest(path: Path) -> str:
    """That of a file, or of all files of a folder."""
    if path.is_file():
        return digest(path)
    return content_hash({file.name: digest(file) for file in path.iterdir() if file.is_file()})


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
