"""The little English that the templates need: numbers, dates, the base of a verb, what names something."""

import re
from collections.abc import Iterable

NUMBER = (
    r"(?:\d[\d,.]*\d|\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|forty|fifty|sixty|ninety)"
)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
DATE = rf"(?:\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH} \d{{4}}|(?:19|20)\d\d)"
TIME = r"(?:\d{1,2}:\d\d)"
MONEY = r"(?:(?:EUR|USD|GBP|CHF|SEK|NOK|DKK) |[€$£] ?)\d[\d,.]*(?<=\d)(?: (?:million|billion))?"
LIMIT = r"(?:up to |at least |at most |about |more than |less than |fewer than )?"

_DETERMINERS = {"the", "a", "an", "each", "every", "all", "our", "one"}
# Words that a sentence may begin with and that are no subject of their own.
_NOT_SUBJECTS = (
    "it he she they we you i this that these those there here what who whoever when if in on at "
    "after before for from to until since without with while during by as and but or so nobody "
    "everybody everyone somebody anyone please not only both either neither its their his her my "
    "your some many most such another other others everything about around below above then also "
    "because although unless once how where why today"
)
_NO_SUBJECT = frozenset(_NOT_SUBJECTS.split())
# A word of these would make another sentence of what comes before it.
_CLAUSE = frozenset(
    {"which", "that", "who", "whose", "if", "when", "is", "are", "was", "were", "has", "have", "and"}
)
_LONGEST_SUBJECT = 8  # words
# A list, since plural nouns look like verbs: what is said with them has an amount.
_VERBS = frozenset(
    {
        *(
            "has",
            "weighs",
            "holds",
            "costs",
            "lasts",
            "needs",
            "uses",
            "takes",
            "gets",
            "contains",
            "receives",
        ),
        *("seats", "serves", "stores", "carries", "employs", "covers", "supports", "measures", "produces"),
        *("requires", "includes", "offers", "earns", "sends", "builds", "pays", "starts", "opens", "begins"),
        *("ends", "closes"),
    }
)
_CAPITAL = re.compile(r"(?<=[a-zà-þ,] )[A-ZÀ-Þ][\w-]*")
# Addresses and file names hold names in small letters.
_SMALL = re.compile(r"(?<![\w@./-])[a-zà-þ]+(?![\w@/-]|\.\w)")
_IRREGULAR = {"has": "have", "does": "do", "goes": "go", "is": "be", "was": "be"}
_HISSING = ("ches", "shes", "sses", "xes", "zes")


def base(verb: str) -> str:
    """The base of a verb in the third person: weighs → weigh, has → have, carries → carry."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-2] if verb.endswith(_HISSING) else verb.removesuffix("s")


def is_verb(word: str) -> bool:
    """Whether a word is a verb in the third person singular that the templates can ask with."""
    return word in _VERBS


def is_subject(words: str) -> bool:
    """Whether the beginning of a sentence can stand as its subject, with no other sentence before it."""
    first, *others = words.split()
    if first.lower() in _NO_SUBJECT or len(others) >= _LONGEST_SUBJECT or "|" in words:
        return False
    return not _CLAUSE & set(others) and len(set(others)) == len(others) and first not in others


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """The names in `texts`: words with a capital inside sentences that never stand in small letters."""
    capital: set[str] = set()
    small: set[str] = set()
    for text in texts:
        capital.update(_CAPITAL.findall(text))
        small.update(_SMALL.findall(text))
    return frozenset(word for word in capital if word.lower() not in small)


def is_name(words: str, names: frozenset[str]) -> bool:
    """Whether `words`, which begin a sentence, hold a name, so that they tell by themselves what is meant."""
    first, *others = words.split()
    return _is_named(first, names) or any(other[0].isupper() or other[0].isdigit() for other in others)


def inside(words: str, names: frozenset[str]) -> str:
    """`words`, which begin a sentence, as they stand inside one: names keep their capital."""
    first, *others = words.split()
    follows = bool(others) and (others[0][0].isupper() or others[0][0].isdigit())  # Ada Berg, Kallio 10
    return (
        words
        if (follows and first.lower() not in _DETERMINERS) or _is_named(first, names)
        else words[0].lower() + words[1:]
    )


def _is_named(first: str, names: frozenset[str]) -> bool:
    return first in names or (first.lower() not in _DETERMINERS and first[1:] != first[1:].lower())
