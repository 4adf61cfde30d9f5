"""Public and own files of questions → paragraphs with the questions asked of them.

Two layouts are read: our JSON lines (`{"question","answers","passages","answerable","source","title"?}`)
and SQuAD v2's JSON. It does not know prompts, tokens or distractors.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finetune.errors import BadSource

LONGEST_PASSAGE = 1_600  # characters: longer passages are not what retrieval hands to the model
LONGEST_ANSWER = 160  # characters: the adapter learns short, complete answers


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the answer to learn; None when its own paragraph does not hold one."""

    text: str
    answer: str | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage with its questions. Paragraphs of one `article` are each other's hard distractors.

    `article` is empty where paragraphs share no subject; `heading` is what the prompt shows above it.
    """

    article: str
    heading: str
    text: str
    questions: tuple[Question, ...] = field(default=())


def read_source(path: Path) -> list[Paragraph]:
    """Read a file of either layout. Raises `BadSource` naming the file and what is wrong with it."""
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = data.decode()
        if ".jsonl" in path.name:
            return _from_rows([json.loads(line) for line in text.splitlines() if line.strip()])
        return list(_from_squad(json.loads(text)))
    except (OSError, gzip.BadGzipFile, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadSource(f"{path}: not readable as questions: {error}") from error
    except (KeyError, TypeError, IndexError) as error:
        raise BadSource(f"{path}: a row lacks or misspells {error}; see `finetune build --help`") from error


def _from_rows(rows: list[dict[str, Any]]) -> list[Paragraph]:
    questions: dict[tuple[str, str], list[Question]] = defaultdict(list)
    for row in rows:
        answer = agreed(row["answers"]) if row["answerable"] else None
        passage = _passage_with(answer, row["passages"])
        if passage and (answer or not row["answerable"]):
            questions[_article(row), passage].append(Question(row["question"].strip(), answer))
    return [
        Paragraph(article, article.replace("_", " "), text, tuple(asked))
        for (article, text), asked in questions.items()
    ]


def _article(row: dict[str, Any]) -> str:
    """Only titles that name a subject count: "Amazon_Reviews_1975" groups nothing."""
    title = row.get("title") or ""
    return "" if title.startswith("Amazon_Reviews") else title


def _passage_with(answer: str | None, passages: list[str]) -> str | None:
    fitting = [text.strip() for text in passages if len(text) <= LONGEST_PASSAGE]
    return next((text for text in fitting if answer is None or answer in text), None)


def _from_squad(data: dict[str, Any]) -> Iterator[Paragraph]:
    for article in data["data"]:
        for paragraph in article["paragraphs"]:
            asked = [
                Question(qa["question"].strip(), agreed([answer["text"] for answer in qa["answers"]]))
                for qa in paragraph["qas"]
            ]
            title = article["title"]
            yield Paragraph(title, title.replace("_", " "), paragraph["context"].strip(), tuple(asked))


def agreed(answers: list[str]) -> str | None:
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
