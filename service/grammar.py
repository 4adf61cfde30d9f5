"""English as far as follow-ups need it: words by their class, and a text taken apart into them."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\w+(?:['.&+/-]\w+)*|[^\w\s]")
_CLITIC = re.compile(r"(?:n't|'(?:s|re|ve|ll|d|m))$")


def words_of(words: str) -> frozenset[str]:
    """The words of a list that is written with blanks."""
    return frozenset(words.split())


ASKING = words_of("what which who whom whose when where why how")
AUXILIARY = words_of(
    """
    is are was were be been being am do does did has have had can could will would shall should may might
    must cannot wo ca
    """
)
PERSON = words_of("he she him her his hers himself herself")
PLURAL = words_of("they them their theirs themselves")
THING = words_of("it its itself")
POINTING = words_of("this that these those")
OWNING = words_of("its their his her itself themselves himself herself")
SELF = words_of("i you we me us my your our mine yours ours myself yourself ourselves")
DETERMINER = words_of("a an the each every any some all no my your our another such")
PREPOSITION = words_of(
    """
    of in on at by for from with to into over under about as than per during after before until since within
    without between among through across against via like regarding concerning outside inside above below
    beyond near around behind
    """
)
BOUNDARY = words_of(
    """
    and or but if when because since so while after before until unless once though although whether that
    which who where as than , ; : ? . ! -
    """
)
SMALL = words_of(
    """
    not no never only also too very just then there here now still already yet again ever even really
    actually maybe perhaps please once up down out off both either neither none many much more most less
    least few several enough same other others else instead something anything everything nothing someone
    anyone everyone one ones own so s t yes if because unless though although while whether and or but let
    lets
    """
)
FUNCTION = ASKING | AUXILIARY | PERSON | PLURAL | THING | POINTING | SELF | DETERMINER | PREPOSITION | SMALL


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark. `word` is its lower-case form without a clitic: "it's" is "it"."""

    text: str
    word: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it is no punctuation."""
        return self.text[0].isalnum() or self.text[0] == "_"

    @property
    def is_content(self) -> bool:
        """Whether it says something by itself."""
        return self.is_word and self.word not in FUNCTION


def tokens(text: str) -> list[Token]:
    """The words and marks of `text`, in order."""
    plain = text.replace("\u2019", "'")
    return [
        Token(found.group(), _CLITIC.sub("", found.group().lower()), found.start(), found.end())
        for found in _TOKEN.finditer(plain)
    ]


def is_plural(token: Token) -> bool:
    """Whether the word looks like a plural."""
    return token.word.endswith("s") and not token.word.endswith(("ss", "us", "is"))
