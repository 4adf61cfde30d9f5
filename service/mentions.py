"""Things that a question names, found by how they are written: for putting a follow-up's words in place.

No grammar: what is doubtful is left out, and whoever asks for the one thing named gets None where there
are two.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from service.follow_ups import ASPECT, TALK
from service.grammar import (
    ASKING,
    AUXILIARY,
    BOUNDARY,
    DETERMINER,
    PREPOSITION,
    Token,
    is_plural,
    tokens,
    words_of,
)

# "What is the notice period for managers?", "How long is the notice period?"
_WHAT_IS = re.compile(
    r"^(?:what(?: is| was|'s)|how \w+ (?:is|was)) ((?:the|our|my|a|an) .+?)\W*$", re.IGNORECASE
)
# Of "the price of the Aura 9" people go on to speak of the Aura 9.
_ASPECT_OF = re.compile(r"^the (?:price|cost|name|size|meaning|definition|purpose|use) of ", re.IGNORECASE)
_NOUNS = 2  # that follow a name: "the Nuppi starter kit"
_MOST_WORDS = 8  # a longer thing is a clause
_SHORTEST_PLURAL = 4
_ELSE = 2  # words of content beside the thing
_MANY = 3  # words before a noun that a "how many" may stand
# Verbs that a question ends with: what stands before one, after "does the", is a thing.
_LAST_VERBS = words_of("cost costs work mean last begin start end weigh expire")
_SHOUTED = 3  # words; a longer text in capitals has no names to be seen


@dataclass(frozen=True, slots=True)
class Mention:
    """`text` stands in the question from `start` to `end`, its article included."""

    text: str
    start: int
    end: int

    @property
    def bare(self) -> str:
        """Without the article: "the Kallio 10" is "Kallio 10"."""
        first, _, rest = self.text.partition(" ")
        return rest if rest and first.lower() in DETERMINER else self.text


def names(text: str) -> list[Mention]:
    """Names and codes: "the Aura 9", "the Silta gateway", "E14". A first word counts only as a code."""
    if len(text.split()) > _SHOUTED and text.isupper():
        return []
    words = tokens(text)
    runs: list[range] = []
    for place, token in enumerate(words):
        if runs and runs[-1].stop == place and (_is_name(token) or token.text.isdigit()):
            runs[-1] = range(runs[-1].start, place + 1)
        elif _is_name(token) and not (place == 0 and token.text.isalpha() and token.text.istitle()):
            runs.append(range(place, place + 1))
    return [_widened(text, words, run.start, run.stop) for run in runs]


def plurals(text: str) -> list[Mention]:
    """Plural nouns without a name: "contractors". Those who act ("do contractors ..."), if any do.

    What is counted ("how many days") is left out: nobody goes on to speak of it.
    """
    words = [_NOTHING, *tokens(text), _NOTHING]
    counted = [place for place, token in enumerate(words) if token.word == "many"]
    found = [
        (before, token)
        for place, ((before, token), (_, after)) in enumerate(pairwise(pairwise(words)), start=1)
        if _is_plural_noun(before, token, after) and not any(0 < place - at <= _MANY for at in counted)
    ]
    doing = [token for before, token in found if before.word in AUXILIARY]
    return [Mention(token.text, token.start, token.end) for token in doing or [token for _, token in found]]


def thing(text: str) -> str | None:
    """What a question of the kind "What is ...?" is about."""
    asked = _WHAT_IS.match(text)
    if asked is None:
        return None
    words = [token.word for token in tokens(asked[1])]
    if len(words) > _MOST_WORDS or any(word in AUXILIARY | BOUNDARY for word in words):
        return None
    return _ASPECT_OF.sub("", asked[1])


def is_subject(mention: Mention, text: str) -> bool:
    """Whether the text hardly speaks of anything else, so that an "it" can only be this."""
    outside = f"{text[: mention.start]} {text[mention.end :]}"
    return sum(token.is_content and token.word not in TALK | ASPECT for token in tokens(outside)) <= _ELSE


def only(mentions: Sequence[Mention]) -> Mention | None:
    """The first mention, if all are of one thing."""
    return mentions[0] if len({mention.bare.lower() for mention in mentions}) == 1 else None


_NOTHING = Token(".", "", 0, 0)


def _is_name(token: Token) -> bool:
    letters = any(letter.isalpha() for letter in token.text)
    marked = any(letter.isupper() or letter.isdigit() for letter in token.text)
    return token.is_content and letters and marked


def _is_plural_noun(before: Token, token: Token, after: Token) -> bool:
    """No "who pays", no "the product shows errors", no "which covers the"."""
    verb = after.word in DETERMINER or before.word in ASKING or (before.is_content and after.is_content)
    written = token.is_content and token.text.islower() and len(token.text) >= _SHORTEST_PLURAL
    return written and is_plural(token) and not verb


def _widened(text: str, words: Sequence[Token], first: int, after: int) -> Mention:
    """A name with its article, and with its noun where that ends the phrase: "the Silta gateway"."""
    start, end = words[first].start, words[after - 1].end
    if first and words[first - 1].word in DETERMINER:
        start = words[first - 1].start
        acting = first > 1 and words[first - 2].word in AUXILIARY
        nouns = list(takewhile(lambda token: token.is_content, words[after:]))
        verb = acting and nouns and nouns[-1].word in _LAST_VERBS
        nouns = nouns[:-1] if verb else [] if acting else nouns
        beyond = words[after + len(nouns)] if after + len(nouns) < len(words) else _NOTHING
        if 0 < len(nouns) <= _NOUNS and (verb or not beyond.is_word or beyond.word in PREPOSITION):
            end = nouns[-1].end
    return Mention(text[start:end], start, end)
