"""Examples: a question, its passage and the answer to learn. What is cleaned, split by document and counted.

A dataset keeps them (`examples.jsonl`) beside the readings that were composed of them, so that another
dataset can be built on it, and so that two datasets can be compared.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from finetune.datasets.readings import Shown
from finetune.errors import BadDataset

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
EXAMPLES = "examples.jsonl"  # their file in a dataset
FEEDBACK = "feedback"  # the origin of what users rated
CHAT = "chat"  # and of what they were told


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the answer to learn; None when its own paragraph does not hold one.

    `rated`: users said that this is the answer.
    """

    text: str
    answer: str | None
    rated: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage with its questions. Paragraphs of one `article` are each other's hard distractors.

    `article` is empty where paragraphs share no subject; `heading` is what the prompt shows above it.
    """

    article: str
    heading: str
    text: str
    questions: tuple[Question, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Example:
    """A question, the passage that it is asked of, and the answer to learn.

    `source` is what the manifest calls the file (or `feedback`, `corpus`), `origin` what a row says that it
    comes from. `answer` is None where the passage holds none, and else stands in it word for word.
    `rejected` is a reply that people marked as wrong, its citations numbered as in passage, *beside.
    """

    source: str
    origin: str
    article: str
    heading: str
    passage: str
    question: str
    answer: str | None
    rejected: str = ""
    beside: tuple[Shown, ...] = ()
    split: Split = "train"

    @property
    def document(self) -> str:
        """What it is a part of: its article, or the passage itself where articles group nothing."""
        return self.article or self.passage


def paragraphs(examples: Iterable[Example]) -> list[Paragraph]:
    """The passages with all that is asked of each, in the order of their first questions."""
    asked: dict[tuple[str, str, str], list[Question]] = defaultdict(list)
    for example in examples:
        place = example.article, example.heading, example.passage
        asked[place].append(Question(example.question, example.answer, example.origin == FEEDBACK))
    return [Paragraph(*place, tuple(dict.fromkeys(questions))) for place, questions in asked.items()]


def of_split(examples: Sequence[Example], split: Split) -> list[Example]:
    """The examples of one side."""
    return [example for example in examples if example.split == split]


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write JSON lines, one example a line."""
    with path.open("w", encoding="utf-8") as lines:
        for example in examples:
            lines.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")


def read_examples(path: Path) -> list[Example]:
    """Read what `write_examples` wrote. Raises `BadDataset` naming the line."""
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")[:-1], start=1):
        try:
            row = json.loads(line)
            beside = tuple(Shown(**shown) for shown in row.pop("beside"))
            examples.append(Example(**row, beside=beside))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise BadDataset(f"{path}:{number}: not an example: {error}") from error
    return examples
