"""Sentences copied from texts with one thing made wrong: a number, a date, a name or a negation.

A rail that checks whether an answer is grounded must find them. Knows how English writes such things, and
nothing of any rail.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eval.mutation_words import CONTRACTIONS, FLIPS, MONTHS, NOT_NAMES, NUMBERS, UNITS, WEEKDAYS
from guardrails.sentences import sentences

KINDS = ("number", "date", "name", "negation")

_SHORTEST, _LONGEST = 30, 300  # characters of a sentence that is worth changing
_TRIES = 8
_YEAR = re.compile(r"(?<![\d.,$€£-])(?:1[0-9]|20)\d\d(?![\d%]|[.,]\d|-\d| (?:people|men|miles))")
_NUMBER = re.compile(r"(?<![\w.,:/#-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w-]|[.,:/]\d)")
_SPELT = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join(NUMBERS)})(?![\w-])")
_AMOUNT = re.compile(r"[$€£](?=\d)|(?<=\d )(?:EUR|USD|GBP|dollars|euros|pounds)\b|\b(?:EUR|USD|GBP)(?= \d)")
_UNIT = re.compile(rf"(?<=[\w%] )(?:{'|'.join(UNITS)})\b")
_COUNTED = re.compile(rf"(?i)(?:\d|\b(?:{'|'.join(NUMBERS)}))[\w,.]*[ -]?$")
_MONTH = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(MONTHS)})\b(?=[ ,.;)]|$)")
_ANY_MONTH = "|".join(MONTHS)
_DATE = re.compile(
    rf"\b(?P<day>[0-3]?\d) (?P<month>{_ANY_MONTH})(?: (?P<year>\d{{4}}))?\b"
    rf"|\b(?P<month_first>{_ANY_MONTH}) (?P<day_second>[0-3]?\d)(?:, (?P<year_third>\d{{4}}))?\b"
)
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})\b")
_NAME = re.compile(r"(?<=[a-z,;)] )[A-Z][\w-]*[a-z](?: (?:of |de |van )?[A-Z][\w-]*[a-z])*\b(?!['’])")  # noqa: RUF001
_VERB = re.compile(
    r"\b(?:is|are|was|were|can|could|will|would|has|had|have|does|did|must|should|may|might)\b"
    r"(?! (?:not|n't|no|never|been not)\b|n't| to )"
)
_DENIED = re.compile(r"(?i)\b(?:not(?! only| just| merely)|no longer|never) ")
_CONTRACTED = re.compile(r"(?i)\b(is|are|was|were|do|does|did|has|have|had|would|could|should|must)n['’]t\b")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed sentence, what it was, the passages with the original in them, and what was changed how."""

    text: str
    original: str
    passages: tuple[str, ...]
    kind: str
    how: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence with what a change may draw on."""

    sentence: str
    passage: str
    names: Sequence[str]
    chance: random.Random


Change = Callable[[_Place], str | None]


def mutations(texts: Sequence[str], count: int, seed: int) -> list[Mutation]:
    """Make `count` changed sentences of `texts`, as many of each kind, and of each way where texts allow it.

    Equal arguments, equal mutations; fewer where the texts do not hold enough of a kind.
    """
    chance = random.Random(seed)  # noqa: S311 sampling, not secrets
    order = list(texts)
    chance.shuffle(order)
    names = sorted({name for text in order for name in names_in(text)})
    by_kind: dict[str, dict[str, list[Mutation]]] = {kind: defaultdict(list) for kind in KINDS}
    for text in order:
        passages = (text, *chance.sample(order, min(chance.randint(0, 2), len(order))))
        for made in _changed(text, passages, names, chance):
            by_kind[made.kind][made.how].append(made)
    groups = {kind: list(by_kind[kind].values()) for kind in KINDS}
    for group in (group for kind in KINDS for group in groups[kind]):
        chance.shuffle(group)  # not all of the first few sentences
    return [made for kind in KINDS for made in _evenly(groups[kind], count // len(KINDS))]


def copies(texts: Sequence[str], count: int, seed: int) -> list[tuple[str, tuple[str, ...]]]:
    """Unchanged sentences with their passages: what must not be found."""
    chance = random.Random(seed)  # noqa: S311 sampling, not secrets
    chosen = [text for text in chance.sample(list(texts), len(texts)) if worth_changing(text)][:count]
    return [
        (chance.choice(worth_changing(text)), (text, *chance.sample(list(texts), min(2, len(texts)))))
        for text in chosen
    ]


def changes(
    sentence: str, passage: str, names: Sequence[str], chance: random.Random
) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, how, changed sentence) for every way in which `sentence` of `passage` can be made wrong.

    `names` are those of other texts.
    """
    place = _Place(sentence, passage, names, chance)
    for kind, ways in _WAYS.items():
        for how, change in ways.items():
            changed = change(place)
            if changed and changed != sentence and changed.lower() not in passage.lower():
                yield kind, how, changed


def _changed(
    text: str, passages: tuple[str, ...], names: Sequence[str], chance: random.Random
) -> Iterator[Mutation]:
    for sentence in worth_changing(text):
        for kind, how, changed in changes(sentence, text, names, chance):
            yield Mutation(changed, sentence, passages, kind, how)


def worth_changing(text: str) -> list[str]:
    """The sentences of a text that are neither too short nor too long to be changed."""
    cut = (text[start:end].strip() for start, end in sentences(text))
    return [sentence for sentence in cut if _SHORTEST <= len(sentence) <= _LONGEST]


def _evenly(groups: Sequence[Sequence[Mutation]], count: int) -> list[Mutation]:
    """The first of each group, the second of each, and so on."""
    longest = max(map(len, groups), default=0)
    return [group[number] for number in range(longest) for group in groups if number < len(group)][:count]


def _put(sentence: str, found: re.Match[str], new: str) -> str:
    return sentence[: found.start()] + new + sentence[found.end() :]


def _one(pattern: re.Pattern[str], place: _Place, new: Callable[[re.Match[str]], str | None]) -> str | None:
    """`place.sentence` with one match of `pattern` replaced by `new` of it."""
    found = list(pattern.finditer(place.sentence))
    if not found:
        return None
    chosen = place.chance.choice(found)
    changed = new(chosen)
    return None if changed is None else _put(place.sentence, chosen, changed)


def _two(pattern: re.Pattern[str], place: _Place) -> str | None:
    """`place.sentence` with two different matches of `pattern` exchanged, unless a list holds both."""
    found = list(pattern.finditer(place.sentence))
    pairs = [
        (one, other)
        for one, other in pairwise(found)
        if one.group() != other.group() and len(place.sentence[one.end() : other.start()].split()) > 1
    ]
    if not pairs:
        return None
    one, other = place.chance.choice(pairs)
    return _put(_put(place.sentence, other, one.group()), one, other.group())


def _of(options: Sequence[str], place: _Place) -> Callable[[re.Match[str]], str | None]:
    """A replacement by another of `options`, with the same capital."""

    def other(found: re.Match[str]) -> str:
        new = place.chance.choice([option for option in options if option.lower() != found.group().lower()])
        return new.capitalize() if found.group()[0].isupper() else new

    return other


def _number(place: _Place) -> str | None:
    def other(found: re.Match[str]) -> str | None:
        if _YEAR.fullmatch(found.group()):
            return None
        value = found.group().replace(",", "")
        whole, _, part = value.partition(".")
        new = place.chance.choice([int(whole) + step for step in (1, 2, 3, 10)] + [int(whole) * 10 + 5])
        return (f"{new:,}" if "," in found.group() else str(new)) + (f".{part}" if part else "")

    return _one(_NUMBER, place, other)


def _other_number(place: _Place) -> str | None:
    known = [n for n in _NUMBER.findall(place.passage) if n not in place.sentence and not _YEAR.fullmatch(n)]

    def other(found: re.Match[str]) -> str | None:
        return None if _YEAR.fullmatch(found.group()) else place.chance.choice(known)

    return _one(_NUMBER, place, other) if known else None


def _unit(place: _Place) -> str | None:
    def other(found: re.Match[str]) -> str | None:
        counted = _COUNTED.search(place.sentence[: found.start()])
        return UNITS[found.group()] if counted else None

    return _one(_UNIT, place, other)


def _amount(place: _Place) -> str | None:
    signs = {"$": "€", "€": "£", "£": "$", "EUR": "USD", "USD": "GBP", "GBP": "EUR"}
    signs |= {"dollars": "euros", "euros": "pounds", "pounds": "dollars"}
    return _one(_AMOUNT, place, lambda found: signs[found.group()])


def _year(place: _Place) -> str | None:
    steps = (-10, -1, 1, 2, 100)
    return _one(_YEAR, place, lambda found: str(int(found.group()) + place.chance.choice(steps)))


def _day(place: _Place) -> str | None:
    def other(found: re.Match[str]) -> str:
        group = "day" if found["day"] else "day_second"
        new = str(int(found.group(group)) % 28 + place.chance.choice((1, 2, 3)))
        start, end = (edge - found.start() for edge in found.span(group))
        return found.group()[:start] + new + found.group()[end:]

    return _one(_DATE, place, other)


def _rewritten(place: _Place) -> str | None:
    """Another day, and another way to write it."""

    def other(found: re.Match[str]) -> str | None:
        year, month = found["year"] or found["year_third"], found["month"] or found["month_first"]
        if not year:
            return None
        number, day = MONTHS.index(month) + 1, int(found["day"] or found["day_second"]) % 28 + 1
        forms = (f"{year}-{number:02}-{day:02}", f"{day}.{number}.{year}", f"{month[:3]} {day}, {year}")
        return place.chance.choice((*forms, f"{day} {month} {year}"))

    return _one(_DATE, place, other)


def names_in(text: str) -> list[str]:
    """Names that stand within sentences of a text, those of months and days left out."""
    return [name for name in _NAME.findall(text) if name not in {*MONTHS, *WEEKDAYS, *NOT_NAMES}]


def _foreign_name(place: _Place) -> str | None:
    held = place.passage.lower()
    tried = [place.chance.choice(place.names) for _ in range(_TRIES)] if place.names else []
    return _name(place, [name for name in tried if not any(part in held for part in name.lower().split())])


def _name_nearby(place: _Place) -> str | None:
    return _name(place, [name for name in names_in(place.passage) if name not in place.sentence])


def _name(place: _Place, others: Sequence[str]) -> str | None:
    mine = set(names_in(place.sentence))
    if not mine or not others:
        return None
    return _one(_NAME, place, lambda found: place.chance.choice(others) if found.group() in mine else None)


def _names_swapped(place: _Place) -> str | None:
    if not set(_NAME.findall(place.sentence)) <= set(names_in(place.sentence)):
        return None
    return _two(_NAME, place)


def _denied(word: str) -> Change:
    def change(place: _Place) -> str | None:
        denied = _DENIED.search(place.sentence)
        return None if denied else _one(_VERB, place, lambda found: f"{found.group()} {word}")

    return change


def _contracted(place: _Place) -> str | None:
    return _one(_VERB, place, lambda found: CONTRACTIONS.get(found.group()))


def _flipped(place: _Place) -> str | None:
    pattern = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join(map(re.escape, FLIPS))})(?![\w-])")

    def other(found: re.Match[str]) -> str:
        new = FLIPS[found.group().lower()]
        return new.capitalize() if found.group()[0].isupper() else new

    return _one(pattern, place, other)


_WAYS: dict[str, dict[str, Change]] = {
    "number": {
        "another": _number,
        "another of the passage": _other_number,
        "spelt": lambda place: _one(_SPELT, place, _of(NUMBERS, place)),
        "swapped": lambda place: _two(_NUMBER, place),
        "unit": _unit,
        "currency": _amount,
    },
    "date": {
        "year": _year,
        "month": lambda place: _one(_MONTH, place, _of(MONTHS, place)),
        "day": _day,
        "rewritten": _rewritten,
        "weekday": lambda place: _one(_WEEKDAY, place, _of(WEEKDAYS, place)),
        "years swapped": lambda place: _two(_YEAR, place),
    },
    "name": {"foreign": _foreign_name, "of the passage": _name_nearby, "swapped": _names_swapped},
    "negation": {
        "not": _denied("not"),
        "never": _denied("never"),
        "no longer": _denied("no longer"),
        "contraction": _contracted,
        "removed": lambda place: _one(_DENIED, place, lambda _: ""),
        "contraction removed": lambda place: _one(_CONTRACTED, place, lambda found: found.group(1)),
        "opposite": _flipped,
    },
}
