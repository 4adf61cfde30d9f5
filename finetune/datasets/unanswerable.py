"""Questions that a set of passages does not answer although it looks as if it did.

Four ways to get them: questions of other paragraphs of the same article (many shared words), questions of
other articles, and answerable questions in which one entity, number or direction was swapped, or which were
negated (SQuAD v2's own recipe: Rajpurkar et al., 2018, table 1).
"""

import random
import re
from collections.abc import Iterable, Sequence

from finetune.datasets.examples import Paragraph, Question

_WORD = re.compile(r"\w+")
_ENTITY = re.compile(
    r"(?<=\w )(?:[A-Z][\w'-]+(?: (?:of|the|and) (?=[A-Z]))?(?: [A-Z][\w'-]+)*|\d[\d,.]*\d|\d)"
)
_OPPOSITES = [
    ("first", "last"), ("most", "least"), ("before", "after"), ("largest", "smallest"),
    ("increase", "decrease"), ("increased", "decreased"), ("more", "fewer"), ("highest", "lowest"),
    ("north", "south"), ("northern", "southern"), ("east", "west"), ("eastern", "western"),
    ("oldest", "youngest"), ("best", "worst"), ("beginning", "end"), ("began", "ended"),
    ("start", "end"), ("minimum", "maximum"), ("male", "female"), ("win", "lose"), ("won", "lost"),
    ("major", "minor"), ("above", "below"), ("early", "late"), ("lower", "higher"), ("founded", "abolished"),
    ("allowed", "forbidden"), ("include", "exclude"), ("import", "export"), ("internal", "external"),
    ("can", "cannot"), ("always", "never"), ("gained", "lost"), ("rise", "fall"), ("old", "new"),
]  # fmt: skip
_OPPOSITE = dict(_OPPOSITES) | {b: a for a, b in _OPPOSITES}

_DENIED = {
    "can": "cannot",
    "will": "won't",
    **{
        word: f"{word}n't"
        for word in ("did", "does", "do", "is", "are", "was", "were", "has", "had", "could")
    },
    **{word: f"{word}n't" for word in ("have", "should", "would", "must")},
}
_BEING = frozenset({"is", "are", "was", "were"})
_AUXILIARY = re.compile(rf"\b(?:{'|'.join(_DENIED)})\b")
_ASKING = re.compile(r"(?i)\b(?:what|which|who|whom|whose|when|where|why|how)\b")
_BARE = re.compile(r"(?i)\b(?:what|who|whom|when|where|why|how(?: \w+)?) \Z")  # with no noun behind it
_DENIAL = re.compile(r"(?i)\b(?:not|no|never|without|nor|cannot|none|except)\b|n['’]t\b")  # noqa: RUF001


def words(text: str) -> set[str]:
    """The lower-case words of a text."""
    return set(_WORD.findall(text.lower()))


def near_misses(shown: Sequence[Paragraph], others: Iterable[Paragraph], count: int) -> list[Question]:
    """Questions of `others` that share most words with `shown`, and whose answer is not in it."""
    text = "\n".join(paragraph.text for paragraph in shown)
    present = words(text)
    candidates = [
        (len(words(question.text) & present) / max(1, len(words(question.text))), question)
        for paragraph in others
        for question in paragraph.questions
        if question.answer and question.answer.lower() not in text.lower()
    ]
    closest = sorted(candidates, key=lambda candidate: candidate[0], reverse=True)
    return list(dict.fromkeys(question for _, question in closest))[:count]


def swapped(
    question: str, shown: Sequence[Paragraph], pool: Sequence[str], dice: random.Random
) -> str | None:
    """`question` with one entity or number exchanged for one that `shown` lacks, or one word reversed.

    `pool` holds the entities that may come in: best those of the same article. None when the question
    offers nothing to swap.
    """
    text = "\n".join(paragraph.text for paragraph in shown)
    options = [_exchange(question, match, text, pool, dice) for match in _ENTITY.finditer(question)]
    options += [_reverse(question, match) for match in _WORD.finditer(question)]
    made = [option for option in options if option]
    return dice.choice(made) if made else None


def negated(question: str) -> str | None:
    """`question` of what is not so: its first auxiliary denied. None for what asks for yes or no, or denies.

    "Isn't there a delegate?" is answered as "Is there a delegate?" is, and "What isn't the price of it?" is
    no question at all.
    """
    found = _AUXILIARY.search(question)
    if not found or _DENIAL.search(question):
        return None
    before, word, after = question[: found.start()], found.group(), question[found.end() :]
    asks = _ASKING.search(before) and before.split(maxsplit=1)[0].lower() not in _DENIED
    if not asks or (word in _BEING and _BARE.search(before)):
        return None
    return f"{before}{_DENIED[word]}{after}"


def entities(text: str) -> list[str]:
    """Capitalised names and numbers inside sentences: what a question may be about."""
    return _ENTITY.findall(text)


def _exchange(
    question: str, match: re.Match[str], text: str, pool: Sequence[str], dice: random.Random
) -> str | None:
    old = match.group()
    numeric = old[0].isdigit()
    new = [
        name
        for name in pool
        if name[0].isdigit() == numeric and len(name) > 1 and name not in text and name not in question
    ]
    if numeric:
        new = [name for name in new if len(name) == len(old)]
    return question[: match.start()] + dice.choice(new) + question[match.end() :] if new else None


def _reverse(question: str, match: re.Match[str]) -> str | None:
    new = _OPPOSITE.get(match.group())
    return question[: match.start()] + new + question[match.end() :] if new else None
