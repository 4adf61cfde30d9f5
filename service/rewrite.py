"""A follow-up → a question that stands alone, by rule: the packaged model is too small to be asked.

What is clear is put in its place ("Is it free?" → "Is the Lite plan free?"); what is not is said together
with its question ("How many days of leave do staff get? Why?"), which finds the same passages and invents
nothing. Words are borrowed from the last exchange that says something, and few of them, so that the
conversation never pushes a passage out of the prompt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.answer import Message
from service.follow_ups import has_content, is_fragment, leans, pointers, unmarked
from service.grammar import (
    ASKING,
    AUXILIARY,
    PERSON,
    PLURAL,
    POINTING,
    PREPOSITION,
    THING,
    Token,
    is_plural,
    tokens,
)
from service.mentions import Mention, is_subject, names, only, plurals, thing

BORROWED = 40  # words that a follow-up takes from the conversation at most
_LONGEST_BORROWED = 400  # characters
REMEMBERED = 6  # exchanges of a conversation that are looked at
_LONGEST = 2_000  # characters of an earlier message that are read, from its end
_SAID_TWICE = 2
_LONGEST_ANSWER = 8  # words; a longer one is no name
_CITED = re.compile(r"\s*\[\d+\]")
_WHICH = re.compile(r"(?:which|what|where)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[?!.])\s+")
_AMOUNT = re.compile(r"(?:[A-Z]{3} )?[\d.,]+$")
_LAST_WORDS = r"(?:my |our |the |an? )?[a-z-]+(?: [a-z-]+)?"
_KINDS = (r"[A-Z][\w-]*(?: [A-Z][\w-]*)*", r"\d[\w./-]*", r"(?:\w+ )?\w+[^\Wsui]s")  # names, numbers, plurals
_END = "?.!… \t\n"
_OWNERS = frozenset({"its", "their", "his"})


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that stands alone, and what was answered."""

    question: str
    answer: str = ""


def standalone(question: str, history: Sequence[Exchange]) -> str:
    """`question` so that it can be understood without `history`; unchanged if it can be already."""
    said = next((each for each in reversed(history) if has_content(each.question)), None)
    if said is None or not leans(question):
        return question
    before, answer = _shortened(said.question), _CITED.sub("", said.answer).strip(_END)
    return _filled(question, before) or _named(question, before, answer) or f"{before} {question}"


def exchanges(messages: Sequence[Message]) -> tuple[Exchange, ...]:
    """What the messages before a question say, each question made to stand alone in its turn."""
    told: list[Exchange] = []
    for message in messages[-2 * REMEMBERED :]:
        text = message.content.strip()[-_LONGEST:]
        if message.role == "user":
            told.append(Exchange(standalone(text, told)))
        elif message.role == "assistant" and told:
            told[-1] = Exchange(told[-1].question, text)
    return tuple(told)


def _shortened(question: str) -> str:
    """Of an earlier question what it was about, and what was said last: at most `BORROWED` words."""
    parts = [part for part in _SENTENCE_END.split(question) if has_content(part, beside=frozenset())]
    alone = [part for part in parts if not leans(part)] or parts
    subject = next((part for part in reversed(alone) if part.endswith("?")), alone[-1]).split()
    last = [] if subject == parts[-1].split() else parts[-1].split()[: BORROWED // 2]
    kept = " ".join([*subject[: BORROWED - len(last)], *last])[:_LONGEST_BORROWED]
    return kept if kept.endswith(("?", ".", "!")) else f"{kept}?"


def _filled(question: str, before: str) -> str | None:
    """The question before with a piece of it exchanged: "And in Finland?", "What about the Kallio 10?"."""
    found = tokens(question)
    piece = [token for token in unmarked(found) if token.is_word]
    if not is_fragment(found) or pointers(found) or any(token.word in ASKING for token in piece):
        return None
    text = question[piece[0].start : piece[-1].end]
    if piece[0].word in PREPOSITION:
        return _phrased(before, piece[0].word, piece[0].word + text[len(piece[0].text) :])
    place = _slot(before, text, piece)
    return _put(before, place, text) if place else None


def _phrased(before: str, preposition: str, piece: str) -> str | None:
    """The question before with the piece in the place of its last like: "in 2025" is like "in 2024".

    Without one the piece is added, unless it might belong to another "in".
    """
    kind = next((kind for kind in _KINDS if re.fullmatch(rf"\w+ {kind}", piece)), None)
    like = rf"{kind}(?![\w-])" if kind else rf"{_LAST_WORDS}(?=\W*$)"
    found = list(re.finditer(rf"\b{preposition} {like}", before))
    if found:
        return f"{before[: found[-1].start()]}{piece}{before[found[-1].end() :]}"
    added = kind or preposition not in {token.word for token in tokens(before)}
    return f"{before.rstrip(_END)} {piece}?" if added else None


def _slot(before: str, text: str, piece: Sequence[Token]) -> Mention | None:
    """Where a phrase belongs in the question before: at the name, plural or word that it resembles."""
    if named := names(f"- {text}"):
        place = only(names(before))
        alike = place and (place.bare == place.text) == (named[0].bare == named[0].text)
        return place if alike else None
    words, head = tokens(before), piece[-1].word
    same = [place for place, token in enumerate(words) if _singular(token.word) == _singular(head)]
    if len(same) == 1 and len(piece) > 1:
        first = same[0]
        while first and words[first - 1].is_content and same[0] - first < len(piece) - 1:
            first -= 1
        return Mention("", words[first].start, words[same[0]].end)
    return only(plurals(before)) if is_plural(piece[-1]) else None


def _named(question: str, before: str, answer: str) -> str | None:
    """The question with the one thing named that it points at."""
    found = tokens(question)
    places = pointers(found)
    asks = any(token.word in ASKING | AUXILIARY for token in found)
    if len({found[place].word for place in places}) != 1 or len(places) > _SAID_TWICE or not asks:
        return None
    token = found[places[0]]
    follower = found[places[0] + 1] if places[0] + 1 < len(found) else token
    if token.word in POINTING and follower.is_content:
        return None
    named = _meant(token.word, before, answer)
    if named is None:
        return None
    if token.word in _OWNERS or (token.word == "her" and follower.is_content):
        named += "'" if named.endswith("s") else "'s"
    start = unmarked(found)[0].start
    for place in reversed(places):
        question = _put(question, Mention("", found[place].start, found[place].end), named)
    return _capitalised(question[start:])


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _meant(pointer: str, before: str, answer: str) -> str | None:
    """What a pointer stands for, where only one thing fits."""
    answered = only(names(f"- {answer}")) if len(answer.split()) <= _LONGEST_ANSWER else None
    if pointer in PERSON:
        people = (name.text for name in (answered, only(names(before))) if name and _is_person(name.text))
        return next(people, None)
    if pointer in PLURAL | {"these", "those"}:
        several = only(plurals(before) or [name for name in names(before) if _is_several(name)])
        return several.text if several else None
    if pointer not in THING | {"this", "that"}:
        return None
    if answered and answered.text == answer and _WHICH.match(before) and not _AMOUNT.match(answer):
        return f"the {answered.bare}" if answered.bare != answer else answer
    named = only(names(before))
    clear = named and not _is_several(named) and is_subject(named, before)
    return thing(before) or (named.text if named and clear else None)


def _is_several(name: Mention) -> bool:
    return is_plural(tokens(name.text)[-1])


def _is_person(name: str) -> bool:
    words = name.split()
    return len(words) > 1 and all(word.istitle() and word.replace("-", "").isalpha() for word in words)


def _put(text: str, place: Mention, words: str) -> str:
    return f"{text[: place.start]}{words}{text[place.end :]}"


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
