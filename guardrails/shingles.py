"""A text as shingles: hashes of words that stand together, by which it is known again without being kept.

Three words side by side, in any order (Broder, "On the resemblance and containment of documents", 1997);
every number with each word near it, and with the words that its line begins with, so that a row of a table
is known again as a sentence; and numbers so long that they say enough alone. Words are compared without
case, accents, endings and function words. Knows no synonyms and no grammar.

Which shingles a text has depends on its words alone, never on where a sentence or a document ends: what
stands in one text and is quoted in another is the same shingle in both. So nothing is chosen by windows, as
winnowing does (Schleimer, Wilkerson and Aiken, 2003): what is said to stand in no other text would then only
not have been chosen there. And a text of fewer words than a shingle has none.

Numbers with words near them are bounded in what is kept of a document, for each is a dozen hashes: to so many
of a line, and of all its lines. Of what comes after them runs and long numbers are kept; a short number there
is not known again, neither as closed nor as open to all.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby, islice
from typing import NamedTuple

VERSION = "1"
"""Changes with anything here that changes a hash: whoever keeps hashes makes them anew then."""

_STEM = 5  # letters: "salary" and "salaries", "engineer" and "engineering", in any language
_SHORTEST = 3  # letters; shorter words say little
_TELLING = 4  # digits of a number that says something by itself, if it is no year
_BEFORE, _AFTER, _LEAD = 8, 4, 3  # words near a number, and those that begin its line
_OF_LINE, _OF_TEXT = 10_000, 300_000  # hashes of numbers with words, in what is kept
_BITS = (1 << 64) - 1

_WORD = re.compile(
    r"\n"
    r"|(?<![\w.,])\d{1,3}(?:[,.'\u2019\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\w)"  # 4,480 and 4 480.00
    r"|\d+(?:[.,]\d+)*[^\W\d_]*"
    r"|[\u3040-\u30ff\u3400-\u9fff]"  # scripts that put no spaces between words: each sign is one
    r"|[^\W_\u3040-\u30ff\u3400-\u9fff]+"
)
_THOUSANDS = re.compile(r"[^\w](?=\d{3}(?!\d))")
_CENTS = re.compile(r"[.,]0{1,2}\Z")
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_DIGIT = re.compile(r"\d")
_ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|en|er|e|s|n)\Z")
_FUNCTION_WORDS = """
the and for are was were been being with from that this these those they them their there then than you your
our his her its have has had not but which who whom what when where how will would can could should may might
must shall all any each into about over under also only such
der die das den dem des ein eine einen einem einer und oder ist sind war waren wird werden mit von vom zum zur
auf aus bei für nach über nicht auch sich als wie dass
les une est sont pour par dans sur avec que qui aux
los las una con del como
gli che non sono per della nel
och att det som med till ett inte var
"""
_EMPTY = frozenset(_FUNCTION_WORDS.split())


class Token(NamedTuple):
    """A word that says something, as it is compared, and where it stands.

    `number`: it has a digit and more than one sign. `line` counts the lines before it.
    """

    word: str
    start: int
    end: int
    number: bool
    line: int

    @property
    def telling(self) -> bool:
        """Whether it is a number that says something by itself."""
        return self.number and len(_DIGIT.findall(self.word)) >= _TELLING and not _YEAR.match(self.word)


Group = tuple[Token, ...]


class Shingle(NamedTuple):
    """Words that stand together, and their hash: 64 bits, the same for any order."""

    value: int
    group: Group


def tokens(text: str) -> list[Token]:
    """The words of `text` that say something, in order."""
    found, line = [], 0
    for match in _WORD.finditer(text):
        written = match.group()
        if written == "\n":
            line += 1
        elif word := _plain(written):
            number = len(word) > 1 and _DIGIT.search(word) is not None
            found.append(Token(word, match.start(), match.end(), number, line))
    return found


def kept(text: str) -> set[int]:
    """The hashes by which `text` is known again."""
    words = tokens(text)
    values = [_value(token.word) for token in words]
    side_by_side = zip(values, values[1:], values[2:], strict=False)
    runs_kept = {(a + b + c) & _BITS for a, b, c in side_by_side}
    return runs_kept | set(map(_hash, _long(words))) | _paired(words)


def _paired(words: Sequence[Token]) -> set[int]:
    """The numbers with words near them: so many of each line, until they are enough."""
    found: set[int] = set()
    for _, line in groupby(_pairs(words), key=lambda pair: pair[0].line):
        found.update(islice(map(_hash, line), _OF_LINE))
        if len(found) >= _OF_TEXT:
            break
    return found


def asked(words: Sequence[Token]) -> list[Shingle]:
    """The shingles by which a text is looked for: as `kept`, and runs that a word was put into."""
    return [*runs(words), *_shingles((*_long(words), *_pairs(words)))]


def runs(words: Sequence[Token]) -> list[Shingle]:
    """Those of `asked` that are of three words: at most three for each word of the text."""
    return _shingles(_runs(words))


def _shingles(groups: Iterable[Group]) -> list[Shingle]:
    return [Shingle(_hash(group), group) for group in dict.fromkeys(groups)]


@lru_cache(maxsize=65_536)
def _plain(written: str) -> str:
    """The word as it is compared; empty if it says nothing."""
    if written[0].isdigit():
        return _THOUSANDS.sub("", _CENTS.sub("", written)).replace(",", ".").casefold()
    word = written.casefold()
    if word in _EMPTY:
        return ""
    if not word.isascii():
        word = "".join(
            sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign)
        )
    if _DIGIT.search(word):
        return word
    return "" if len(word) < _SHORTEST and word.isascii() else _ENDING.sub("", word)[:_STEM]


def _runs(words: Sequence[Token]) -> Iterator[Group]:
    for place in range(len(words) - 2):
        first, second, third, *more = words[place : place + 4]
        yield first, second, third
        for fourth in more:
            yield first, second, fourth
            yield first, third, fourth


def _long(words: Sequence[Token]) -> Iterator[Group]:
    return ((token,) for token in words if token.telling)


def _pairs(words: Sequence[Token]) -> Iterator[Group]:
    lead = 0
    for place, token in enumerate(words):
        if token.line != words[lead].line:
            lead = place
        if not token.number:
            continue
        for other in sorted({*range(lead, lead + _LEAD), *range(place - _BEFORE, place + _AFTER + 1)}):
            if 0 <= other < len(words) and words[other].word != token.word:
                yield token, words[other]


def _hash(group: Group) -> int:
    return sum(_value(token.word) for token in group) & _BITS


@lru_cache(maxsize=65_536)
def _value(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
