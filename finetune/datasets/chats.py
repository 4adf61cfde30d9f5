"""Chat exports → examples: OpenAI's `{"messages": [...]}` and ShareGPT's `{"conversations": [...]}`.

An answer is kept that stands word for word in what the chat was given (a system message, a tool's or a
context's, the passages above a question) or in the indexed documents. A question that leans on those before
it is made to stand alone, as serving does it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.datasets.examples import CHAT, Example
from finetune.datasets.library import Library, Wanted, cut
from finetune.datasets.sources import json_lines, read_text
from finetune.datasets.targets import OWN_WORDS, Grounding, Target, target
from finetune.errors import BadSource
from guardrails.words import Words
from service.citations import claim
from service.rewrite import Exchange, standalone

_ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
_GIVEN = frozenset({"system", "developer", "tool", "function", "context", "observation"})
_ASKED = re.compile(r"\A(?P<given>.*)\n\s*(?:Question|Query|Q):\s*(?P<asked>[^\n]+)\s*\Z", re.DOTALL)
_NUMBERED = re.compile(r"^\[\d{1,3}\] ", re.MULTILINE)  # as our own prompt shows passages

NO_PASSAGE = "neither the chat nor the index holds the answer word for word"
REFUSED = "a refusal, of no passage in particular"


@dataclass(frozen=True, slots=True)
class _Said:
    """A question that stands alone, its answer, and the passages that were given before it."""

    question: str
    answer: str
    given: tuple[str, ...]


def read_chats(path: Path, library: Library, grounding: Grounding) -> tuple[list[Example], dict[str, int]]:
    """The examples of an export, and how many answers make none, by reason.

    Raises:
        BadSource: the file is no export of chats; names it and the conversation.
    """
    examples: list[Example] = []
    skipped: Counter[str] = Counter()
    homeless: list[_Said] = []
    for said in _exchanges(path):
        found = target(said.answer, said.given, grounding)
        if isinstance(found, Target):
            passage = _nearest(said) if found.answer is None else said.given[found.place]
            if passage is None:
                skipped[REFUSED] += 1
            else:
                examples.append(Example(path.name, CHAT, "", "", passage, said.question, found.answer))
        elif found == OWN_WORDS:
            homeless.append(said)
        else:
            skipped[found] += 1
    examples += _housed(path.name, homeless, library, grounding, skipped)
    return examples, dict(skipped)


def _housed(
    name: str, homeless: Sequence[_Said], library: Library, grounding: Grounding, skipped: Counter[str]
) -> Iterator[Example]:
    """Those whose answer stands in an indexed document."""
    places = library.find([Wanted(said.question, claim(said.answer)) for said in homeless])
    for said, place in zip(homeless, places, strict=True):
        # What it cites are the chat's passages, not the index's.
        found = target(claim(said.answer), [place.text], grounding) if place else NO_PASSAGE
        if place is None or not isinstance(found, Target):
            skipped[str(found)] += 1
        else:
            yield Example(name, CHAT, place.uri, place.heading, place.text, said.question, found.answer)


def _nearest(said: _Said) -> str | None:
    """The passage that a refusal was most likely to be about; None if none has a word of the question."""
    asked = frozenset(Words(said.question).content)
    shares = [(len(asked & frozenset(Words(text).content)), text) for text in said.given]
    count, text = max(shares, key=lambda pair: pair[0], default=(0, ""))
    return text if count else None


def _exchanges(path: Path) -> Iterator[_Said]:
    for number, row in enumerate(_rows(path), start=1):
        try:
            turns = [_turn(turn) for turn in row.get("messages") or row["conversations"]]
        except (KeyError, TypeError, AttributeError) as error:
            raise BadSource(
                f"{path}, conversation {number}: lacks or misspells {error}; "
                'write {"messages": [{"role", "content"}, ...]}'
            ) from error
        yield from _of_one(turns)


def _rows(path: Path) -> list[dict[str, Any]]:
    text = read_text(path)
    try:
        return list(json.loads(text)) if text.lstrip().startswith("[") else json_lines(path, text)
    except json.JSONDecodeError as error:
        raise BadSource(f"{path}: not readable as chats: {error}") from error


def _turn(turn: dict[str, Any]) -> tuple[str, str]:
    """Role and words of a turn in either layout; of content in parts, the parts that are text."""
    role = turn["role"] if "role" in turn else turn["from"]
    content = turn["content"] if "content" in turn else turn["value"]
    if isinstance(content, list):
        content = "\n".join(part["text"] for part in content if part.get("type") == "text")
    return _ROLES.get(role, role), (content or "").strip()


def _of_one(turns: Sequence[tuple[str, str]]) -> Iterator[_Said]:
    given: list[str] = []
    shown: list[str] = []
    told: list[Exchange] = []
    for role, text in turns:
        if role in _GIVEN:
            given += _pieces(text)
        elif role == "user":
            above = _ASKED.match(text)
            shown = _pieces(above["given"]) if above else given
            told.append(Exchange(standalone(above["asked"] if above else text, told)))
        elif role == "assistant" and told and text:
            told[-1] = Exchange(told[-1].question, text)
            yield _Said(told[-1].question, text, tuple(shown))


def _pieces(text: str) -> list[str]:
    """What was given, as passages in the order of their numbers, if they have any."""
    numbered = [part.strip() for part in _NUMBERED.split(text) if part.strip()]
    return numbered if _NUMBERED.search(text) else list(cut(text))
