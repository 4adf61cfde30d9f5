"""Checked citations: every `[n]` of an answer is looked up in its source, word for word.

A source is a passage, or neighbouring ones that were shown as one. A citation holds when the sentence that
carries it stands in a passage of source n, verbatim but for case and spacing, or when most of its words, and
all of its numbers, stand in one sentence of it. What does not hold is taken out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from guardrails.sentences import sentences
from ingest.documents import Passage
from service.answer import Citation

_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
_WORD = re.compile(r"\d+(?:[.,:/-]\d+)*|\w+")  # "5,850" is one word, and no match for 5 and 850
_NUMBER = re.compile(r"\d")
ENOUGH = 0.6  # share of a claim's words that its source sentence must hold, if it is no verbatim copy

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence with only those markers left that hold, and their citations."""

    text: str
    citations: tuple[Citation, ...]
    removed: int


def numbers(sentence: str) -> list[int]:
    """The numbers that a sentence cites, in order."""
    return [int(match.group(1)) for match in _MARKER.finditer(sentence)]


def renumbered(text: str, number: int) -> str:
    """The text with every marker naming `number`."""
    return _MARKER.sub(lambda match: match.group().replace(match.group(1), str(number)), text)


def verbatim(told: str, texts: Sequence[str]) -> tuple[str, int] | None:
    """The words of the first text that say `told`, but for case and spacing; and that text's place."""
    words = r"\s+".join(re.escape(word) for word in told.split())
    for place, text in enumerate(texts):
        match = re.search(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE)
        if match:
            return match.group(), place
    return None


def reordered(text: str, places: Mapping[int, int]) -> str:
    """The text with every marker naming the new place of its passage; those of no passage stay."""

    def placed(match: re.Match[str]) -> str:
        return match.group().replace(match.group(1), str(places.get(int(match.group(1)), match.group(1))))

    return _MARKER.sub(placed, text)


def claim(sentence: str) -> str:
    """The sentence without its markers and closing punctuation."""
    return unmarked(sentence).strip().rstrip(".!?;,")


def check(sentence: str, sources: Sequence[Sequence[Passage]], private: Callable[[str], Spans]) -> Checked:
    """Check every marker of `sentence`; `private` gives the spans of a quote that must not be shown."""
    wanted, citations, removed = claim(sentence), [], 0

    def keep(match: re.Match[str]) -> str:
        nonlocal removed
        number = int(match.group(1))
        passages = sources[number - 1] if 1 <= number <= len(sources) else ()
        cited = first_cited([wanted], number, passages, private)
        if cited is None:
            removed += 1
            return ""
        citations.append(cited)
        return match.group()

    return Checked(_MARKER.sub(keep, sentence), tuple(citations), removed)


def first_cited(
    forms: Sequence[str], number: int, passages: Sequence[Passage], private: Callable[[str], Spans]
) -> Citation | None:
    """The first of the passages of `number` that says one of `forms`; None if none does."""
    tries = (cite(form, number, passage, private) for passage in passages for form in forms)
    return next((cited for cited in tries if cited), None)


def cite(wanted: str, number: int, passage: Passage, private: Callable[[str], Spans]) -> Citation | None:
    """The words of passage `number` that say `wanted`; None if none do, or none may be shown."""
    found = _find(wanted, passage)
    shown = _showable(passage.text, found, private) if found else None
    return _cite(number, passage, shown) if shown else None


def unmarked(text: str) -> str:
    """The text without markers."""
    return _MARKER.sub("", text)


def _find(wanted: str, passage: Passage) -> tuple[int, int] | None:
    """The span of `passage.text` that says `wanted`: whole sentences or rows, or None."""
    words = _WORD.findall(wanted)
    if not words:
        return None
    pattern = r"\W+".join(re.escape(word) for word in words)
    match = re.search(rf"(?<!\w){pattern}(?!\w)", passage.text, re.IGNORECASE)
    units = list(sentences(passage.text))
    if match:
        inside = [(a, b) for a, b in units if a < match.end() and b > match.start()]
        return _trimmed(passage.text, inside[0][0], inside[-1][1]) if inside else match.span()
    held = {word.lower() for word in words}
    best = max(units, key=lambda unit: _share(held, passage.text[slice(*unit)]), default=None)
    if best is None or _share(held, passage.text[slice(*best)]) < ENOUGH:
        return None
    numbers = {word for word in held if _NUMBER.search(word)}
    if numbers and _share(numbers, passage.text[slice(*best)]) < 1.0:
        return None
    return _trimmed(passage.text, *best)


def _share(words: set[str], text: str) -> float:
    return len(words & {word.lower() for word in _WORD.findall(text)}) / len(words)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _showable(text: str, span: tuple[int, int], private: Callable[[str], Spans]) -> tuple[int, int] | None:
    """The longest part of `span` without private words; None if there is none with a word in it.

    A quote is exact, so nothing is masked in it. Private spans may overlap.
    """
    start, end = span
    parts, at = [], start
    for hidden, beyond in sorted((start + a, start + b) for a, b in private(text[start:end])):
        parts.append((at, max(at, hidden)))
        at = max(at, beyond)
    parts = [_trimmed(text, *part) for part in [*parts, (at, max(at, end))]]
    longest = max(parts, key=lambda part: part[1] - part[0])
    return longest if _WORD.search(text[slice(*longest)]) else None


def _cite(number: int, passage: Passage, span: tuple[int, int]) -> Citation:
    start, end = span
    return Citation(
        n=number,
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        uri=passage.uri,
        title=passage.title,
        heading=passage.heading,
        page=passage.page,
        start=passage.start + start,
        end=passage.start + end,
        quote=passage.text[start:end],
        verified=True,
    )
