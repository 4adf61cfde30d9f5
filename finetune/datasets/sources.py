"""Public and own files of questions → examples.

Two layouts are read: our JSON lines (`{"question","answers","passages","answerable","source","title"?}`, as
`service feedback export` and `finetune distill` write them too) and SQuAD v2's JSON. It knows no prompts,
tokens or distractors, and judges nothing: cleaning does.
"""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from finetune.datasets.examples import Example, Paragraph, paragraphs
from finetune.datasets.readings import Shown
from finetune.errors import BadSource

LONGEST_PASSAGE = 1_600  # characters: longer passages are not what retrieval hands to the model
LONGEST_ANSWER = 160  # characters: the adapter learns short, complete answers


def read_file(path: Path) -> list[Example]:
    """Read a file of either layout. Raises `BadSource` naming the file and what is wrong with it."""
    try:
        text = read_text(path)
        if ".jsonl" in path.name:
            return list(from_rows(path.name, json_lines(path, text)))
        return list(_from_squad(path.name, json.loads(text)))
    except json.JSONDecodeError as error:
        raise BadSource(f"{path}: not readable as questions: {error}") from error
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise BadSource(f"{path}: a row lacks or misspells {error}; see `finetune build --help`") from error


def read_source(path: Path) -> list[Paragraph]:
    """The passages of a file with the questions that fit an adapter. Raises as `read_file`."""
    return paragraphs(example for example in read_file(path) if _fits(example))


def read_text(path: Path) -> str:
    """The text of a file, unpacked. Raises `BadSource`."""
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadSource(f"{path}: not readable as questions: {error}") from error


def json_lines(path: Path, text: str) -> list[dict[str, Any]]:
    """The objects of JSON lines. Raises `BadSource` naming the line."""
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):  # no others: U+2028 may stand in JSON
        try:
            row = json.loads(line) if line.strip() else None
        except json.JSONDecodeError as error:
            raise BadSource(f"{path}, line {number}: not readable as questions: {error.msg}") from error
        if row is not None and not isinstance(row, dict):
            raise BadSource(f"{path}, line {number}: not a JSON object, which a row is")
        rows += [] if row is None else [row]
    return rows


def from_rows(source: str, rows: Iterable[dict[str, Any]]) -> Iterator[Example]:
    """Our rows as examples; the passage of an answer is the first that holds it, in a fitting length."""
    for number, row in enumerate(rows, start=1):
        _check(source, number, row)
        answer = learnt(row["answers"]) if row["answerable"] else None
        passages = [text.strip() for text in row["passages"]] or [""]
        article, told = _article(row), row.get("feedback") or {}
        rejected = told.get("rejected") or ""
        place = 0 if rejected else _holding(answer, passages)  # its citations count from there
        titles = told.get("titles") or [article.replace("_", " ")] * len(passages)
        shown = [Shown(title, text) for title, text in zip(titles, passages, strict=False)]
        yield Example(
            source,
            row.get("source") or "",
            (told.get("documents") or [article])[0],
            shown[place].heading,
            shown[place].text,
            row["question"].strip(),
            answer,
            rejected,
            tuple(shown[1:]) if rejected else (),
        )


def _check(source: str, number: int, row: dict[str, Any]) -> None:
    """A string is a list of letters to Python, and "false" is true: neither may pass for what was meant."""
    if not isinstance(row["answerable"], bool):
        raise BadSource(f"{source}, row {number}: 'answerable' must be true or false")
    for name in ("answers", "passages"):
        if not isinstance(row[name], list) or not all(isinstance(text, str) for text in row[name]):
            raise BadSource(f"{source}, row {number}: {name!r} must be a list of strings")
    if not isinstance(row["question"], str):
        raise BadSource(f"{source}, row {number}: 'question' must be a string")


def learnt(answers: Sequence[str]) -> str:
    """The answer to learn; where all are too long the shortest, and nothing where there is none."""
    return agreed(answers) or min((answer.strip() for answer in answers), key=len, default="")


def agreed(answers: Sequence[str]) -> str | None:
    """What most of those who answered wrote; where all differ, the answer of middling length.

    The shortest is often less than the whole ("450" for "EUR 450"), the longest a whole sentence.
    Without closing punctuation; None if all are too long.
    """
    cleaned = [answer.strip().rstrip(".,;:") for answer in answers]
    fitting = sorted((answer for answer in cleaned if answer and len(answer) <= LONGEST_ANSWER), key=len)
    if not fitting:
        return None
    votes = Counter(fitting)
    best = [answer for answer in votes if votes[answer] == max(votes.values())]
    return best[(len(best) - 1) // 2]


def _article(row: dict[str, Any]) -> str:
    """Only titles that name a subject count: "Amazon_Reviews_1975" groups nothing."""
    title = row.get("title") or ""
    return "" if title.startswith("Amazon_Reviews") else title


def _holding(answer: str | None, passages: Sequence[str]) -> int:
    """The place of the first passage that fits and holds the answer; the first where none does."""
    for place, text in enumerate(passages):
        if len(text) <= LONGEST_PASSAGE and (answer is None or answer in text):
            return place
    return 0


def _fits(example: Example) -> bool:
    answer = example.answer
    short = answer is None or 0 < len(answer) <= LONGEST_ANSWER
    return short and len(example.passage) <= LONGEST_PASSAGE and (answer or "") in example.passage


def _from_squad(source: str, data: dict[str, Any]) -> Iterator[Example]:
    for article in data["data"]:
        title = article["title"]
        for paragraph in article["paragraphs"]:
            text = paragraph["context"].strip()
            for qa in paragraph["qas"]:
                answers = [answer["text"] for answer in qa["answers"]]
                answer = learnt(answers) if answers else None
                heading = title.replace("_", " ")
                yield Example(source, "squad", title, heading, text, qa["question"].strip(), answer)
