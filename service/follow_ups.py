"""Which questions lean on what was said before them: by rule, in English, without a model.

A question leans on the conversation when it points outside itself ("Is it free?"), leaves out what was said
("And in Finland?", "Why?"), or has no content of its own ("Tell me more"). Everything else stands alone. In
doubt a question stands alone: words of an old question in a new one find the wrong passages.
"""

from collections.abc import Sequence

from service.grammar import (
    ASKING,
    AUXILIARY,
    BOUNDARY,
    DETERMINER,
    FUNCTION,
    OWNING,
    PERSON,
    PLURAL,
    POINTING,
    PREPOSITION,
    SELF,
    THING,
    Token,
    is_plural,
    tokens,
    words_of,
)

# Words of talking about talk: a question made of nothing else is about what was said before.
TALK = words_of(
    """
    tell explain elaborate clarify describe say said mean means meant mention mentioned give show know
    understand continue go ahead detail details detailed example examples information info reason reasons
    question answer answers point part bit list summary summarise summarize sure source sources word words
    term terms simple simpler simply short shorter brief briefly specific exactly happens happen further
    additional work works kind kinds type types sort thing things way ways case like long far often soon
    """
)
# What one asks of a thing. Without the thing ("What are the benefits?") it is that of the last question.
ASPECT = words_of(
    """
    advantage advantages alternative alternatives amount benefit benefits biggest best best-known condition
    conditions consequence consequences cost costs date deadline definition difference differences
    disadvantage disadvantages downside downsides drawback drawbacks duration exception exceptions fee fees
    first greatest last latter former limit limits limitation limitations main maximum minimum next option
    options penalty penalties price prices pro pros con cons procedure process purpose rate requirement
    requirements risk risks rule rules second step steps third total typical usual worst average common
    """
)
COURTESY = words_of(
    """
    thanks thank thx ok okay great good fine nice cool hello hi hey bye goodbye yes no perfect awesome sorry
    welcome got understood right well
    """
)
# "This year" and "this company" mean the same in every conversation.
NO_POINTER_BEFORE = words_of(
    """
    year month week quarter morning afternoon evening time summer spring autumn winter season semester
    fiscal financial calendar company firm organisation organization employer country days
    """
)
ONE_OF = words_of("which the other another first second last this that")
# "Is it safe to ...", "How long does it take to ...": the "it" points at what follows.
EMPTY_IT = words_of(
    """
    possible impossible necessary safe allowed ok okay fine better best worth worthwhile mandatory required
    legal illegal lawful common normal true likely important wise advisable easy hard difficult enough
    acceptable permitted forbidden compulsory obligatory useful helpful good bad free take takes took cost
    costs comes seems appears makes make usual mean means recommended advised expected called
    """
)

# They only tie a question to the last one.
MARKERS = [
    marker.split()
    for marker in (
        "what about",
        "how about",
        "same for",
        "in that case",
        "and",
        "but",
        "or",
        "so",
        "also",
        "then",
    )
]
LONGEST_MARKER = max(map(len, MARKERS))  # words
LONGEST_FRAGMENT = 8  # words
LONGEST = 60  # words
TOLD = 2  # words of content from which a clause tells what it is about


def leans(question: str) -> bool:
    """Whether `question` needs what was said before it to be understood. A long one says it itself."""
    if len(question.split()) > LONGEST:
        return False
    found = tokens(question)
    words = [token for token in found if token.is_word]
    if len(words) > LONGEST:  # without spaces between them
        return False
    if all(word.word in COURTESY | {"you", "so", "very", "much", "a", "lot"} for word in words):
        return False
    return bool(pointers(found)) or is_fragment(found) or not has_content(question)


def has_content(text: str, beside: frozenset[str] = ASPECT) -> bool:
    """Whether `text` says something by itself: more than talk ("tell me more") and `beside` ("the costs")."""
    return any(token.is_content and token.word not in TALK | COURTESY | beside for token in tokens(text))


def pointers(found: Sequence[Token]) -> list[int]:
    """Places of the words that point outside the question: "it" in "Is it free?", "those" in "why those?"."""
    return [place for place in range(len(found)) if _points(found, place)]


def is_fragment(found: Sequence[Token]) -> bool:
    """Whether it is a piece of a question: "And in Finland?", "What about contractors?", "How many days?"."""
    rest, polite = unmarked(found), _after_courtesy(found)
    words = [token.word for token in rest if token.is_word]
    if not 0 < len(words) <= LONGEST_FRAGMENT or any(word in AUXILIARY | SELF for word in words):
        return False
    asking = [place for place, word in enumerate(words) if word in ASKING]
    if asking:
        own = [word for word in words[asking[0] + 1 :] if word not in FUNCTION | TALK]
        return asking[0] <= 1 and len(own) <= 1
    return len(rest) < len(polite) or words[0] in PREPOSITION


def unmarked(found: Sequence[Token]) -> Sequence[Token]:
    """The question without what only ties it to the last one: "and", "what about", "ok,"."""
    found = _after_courtesy(found)
    while (tie := _tie(found)) and (rest := found[tie:]):
        found = _after_courtesy(rest)
    return found


def _tie(found: Sequence[Token]) -> int:
    """How many tokens a marker at the beginning takes, with the mark after it; 0: there is none."""
    words = [token.word for token in found[:LONGEST_MARKER]]
    tie = next((len(marker) for marker in MARKERS if words[: len(marker)] == marker), 0)
    return tie + (tie > 0 and not _at(found, tie).is_word)


def _after_courtesy(found: Sequence[Token]) -> Sequence[Token]:
    start = 0
    while start + 2 < len(found) and found[start].word in COURTESY and not found[start + 1].is_word:
        start += 2
    return found[start:]


def _points(found: Sequence[Token], place: int) -> bool:
    word = found[place].word
    if word in POINTING:
        return _demonstrates(found, place)
    if word in {"it", "itself"} and _is_empty(found, place):
        return False
    if word in THING | PLURAL | PERSON:
        return not _answered_inside(found, place)
    if word in {"one", "ones"} and place:
        alone = not _at(found, place + 1).is_content and _at(found, place + 1).word != "of"
        return alone and found[place - 1].word in ONE_OF
    if word in {"former", "latter"} and place and found[place - 1].word == "the":
        return word == "latter" or not _at(found, place + 1).is_content
    return word == "there" and not _at(found, place + 1).is_word and found[place - 1].word not in AUXILIARY


def _demonstrates(found: Sequence[Token], place: int) -> bool:
    """Whether "this", "that", ... points outside: not in "a laptop that was stolen", nor in "this year"."""
    word, before, after = found[place].word, _at(found, place - 1), _at(found, place + 1)
    if after.word in NO_POINTER_BEFORE | {"who", "of", "that", "with", "without", "in", "on", "at"}:
        return word not in {"those", "that"} and after.word not in NO_POINTER_BEFORE
    if word == "those" and after.word.endswith("ing"):
        return False
    if (
        word == "that"
        and after.is_word
        and (before.is_content or before.word in {"so", "such", "now", "one"})
    ):
        return False
    return not _answered_inside(found, place)


def _is_empty(found: Sequence[Token], place: int) -> bool:
    """Whether this "it" stands for what follows: "is it possible to", "how long does it take to"."""
    after = [token.word for token in found[place + 1 : place + 5]]
    said = any(word in EMPTY_IT for word in after[:3]) or _at(found, place - 1).word in {"make", "makes"}
    return said and any(
        token.word in {"to", "that", "if", "for", "when"} or token.word.endswith("ing")
        for token in found[place + 1 :]
    )


def _answered_inside(found: Sequence[Token], place: int) -> bool:
    """Whether the question itself names what the word at `place` stands for.

    "Do employees keep their laptops?", "When the gateway freezes, how do I restart it?": an owner may be
    named in the same clause, anything else only in another one (they cannot be one thing: "Can I use a
    laptop with it?").
    """
    single = found[place].word in THING
    before = found[: max((at for at in range(place) if found[at].word in BOUNDARY), default=0)]
    if found[place].word in OWNING:
        return any(_names(found, at, single=single) for at in range(place))
    told = sum(token.is_content and token.word not in TALK for token in before)
    return told >= TOLD or any(_names(found, at, single=single) for at in range(len(before)))


def _names(found: Sequence[Token], place: int, *, single: bool) -> bool:
    """Whether a thing is named here: "the gateway", "Vulnerability Advisor", "employees"."""
    token, before = found[place], _at(found, place - 1)
    if not token.is_content:
        return token.word in {"someone", "anyone", "everyone"} and not single
    if before.word in DETERMINER:
        return True
    return (place > 0 and not token.text.islower()) or (is_plural(token) and not single)


def _at(found: Sequence[Token], place: int) -> Token:
    """The token at `place`, or an empty mark beyond the ends."""
    return found[place] if 0 <= place < len(found) else Token(".", "", 0, 0)
