"""Which language a text is written in, as far as can be told; and in which of its own a message is."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

FALLBACK = "en"
"""The language of a message that is given without one."""

_WORD = re.compile(r"[^\W\d_]{3}")  # i g n o r e   a l l is in no language
_READ = 1_000  # characters: more of a text tells no more
_SAMPLE = 2_000  # characters of a document
_ENOUGH = 40  # letters: fewer are a name or a table as often as a sentence
_CERTAIN = 0.95  # of all languages known
_SURE = 1.5  # times as likely as the next of the languages on offer, or it counts as none of them


def _by_language(message: object) -> object:
    return {FALLBACK: message} if isinstance(message, str) else message


Message = Annotated[Mapping[str, str], Field(min_length=1), BeforeValidator(_by_language)]
"""What a reader is told, by language (ISO 639-1); a plain text is English."""


def spoken(message: Mapping[str, str], text: str) -> str:
    """The message in the language of `text`; where that is unknown in English, or as it begins.

    A language that the message is not in counts as the one of its own that it is most like.
    """
    fallback = message.get(FALLBACK) or next(iter(message.values()))
    return (
        fallback
        if len(message) == 1 or not _WORD.search(text[:_READ])
        else message.get(_likeliest(text, message), fallback)
    )


def detected(text: str) -> str | None:
    """The language of a document (ISO 639-1), by its beginning; None where that is too short or too mixed."""
    sample = text[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _ENOUGH:
        return None
    name, share = _identifier().classify(sample)
    return str(name) if share >= _CERTAIN else None


def _likeliest(text: str, languages: Collection[str]) -> str:
    every: list[tuple[str, float]] = _identifier().rank(text[:_READ])
    ranked = [(name, share) for name, share in every if name in languages]
    if not ranked:
        return FALLBACK
    best, share = ranked[0]
    return best if len(ranked) == 1 or share >= _SURE * ranked[1][1] else FALLBACK


@cache
def _identifier() -> "LanguageIdentifier":
    # Half a second and 70 MB, for the first text that is blocked by a message in several languages.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  # as above

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
