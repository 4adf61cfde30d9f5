"""Texts that hide what they say: what they read as once invisible, look-alike or encoded letters are undone.

Plain texts give nothing here, so their scores do not change. Knows spellings, not meanings.
"""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from guardrails.sentences import Span
from guardrails.wording import Wording, small

_LEAST = 6  # letters that a hidden text must have to be one
_TAG = re.compile(r"[\U000E0020-\U000E007E]+")
_STYLED = re.compile(r"[\uFF21-\uFF5A\u24B6-\u24E9\U0001D400-\U0001D7FF]")
_MIXED = re.compile(r"[A-Za-z][\u0370-\u058F]|[\u0370-\u058F][A-Za-z]")
_LEET_SIGNS = "013457@$"  # one of which a word in leet spelling has
_LEET = re.compile(
    r"(?<![\w@$])(?=[013457@$|]{0,30}[a-z])(?=[a-z|]{0,30}[013457@$])[a-z013457@$|]{3,}(?!\w)",
    re.IGNORECASE,
)
_LETTER = r"[^\W\d_](?![^\W_])"
_SPACED = re.compile(rf"(?<![^\W_]){_LETTER}(?:[ .\-_*]{{1,3}}{_LETTER}){{7,}}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[ :]?){8,}")
_ESCAPED = re.compile(r"(?:%[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,5};|\\u00[0-9a-fA-F]{2}|\\x[0-9a-fA-F]{2})")
_FEW = 5  # escapes that stand in a plain address or page
_TELLING = 2  # words that two accidents do not explain
# Words of rot13 and of reversed English that no plain text has: the, and, you, all, ignore, system, rules ...
_ROTATED = Wording(
    r"\b(?:gur|naq|lbh|lbhe|nyy|vtaber|cerivbhf|vafgehpgvbaf?|flfgrz|cebzcg|ehyrf|erirny|sbetrg)\b",
    "gur|naq|lbh|nyy|vtaber|cerivbhf|vafgehpgvba|flfgrz|cebzcg|ehyrf|erirny|sbetrg",
)
_REVERSED = Wording(
    r"\b(?:eht|dna|uoy|ruoy|lla|erongi|suoiverp|snoitcurtsni|metsys|tpmorp|selur|laever|tegrof)\b",
    "eht|dna|uoy|lla|erongi|suoiverp|snoitcurtsni|metsys|tpmorp|selur|laever|tegrof",
)
_UNICODE = re.compile(r"\\u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})")

# Cyrillic, Armenian and Greek letters that pass for Latin ones, then leet spelling.
_LOOKALIKES = str.maketrans(
    "аеорсухіѕјԁոԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαονρτυικℓ",
    "aeopcyxisjdnqwABEZHIKMNOPTYXaovptuikl",
)
_LEET_LETTERS = str.maketrans("0134578@$€|", "oieastbasel")
_RUN = re.compile(r"\S+")
_ANY_LETTER = re.compile(r"[^\W\d_]")


class Reading(NamedTuple):
    """What a part of a text reads as, and which characters of it do so."""

    text: str
    span: Span


def readings(text: str) -> list[Reading]:
    """Return what `text` reads as besides what it shows; nothing for a plain text."""
    looks = _LOOKS if text.isascii() else (*_OTHER_LETTERS, *_LOOKS)
    found = [reading for look in looks for reading in look(text)]
    return [reading for reading in found if sum(char.isalpha() for char in reading.text) >= _LEAST]


def fold(text: str) -> str:
    """Replace look-alike letters and leet digits inside words by what they stand for; length is kept."""

    def plain(run: re.Match[str]) -> str:
        word = run.group()
        return word.translate(_LOOKALIKES).translate(_LEET_LETTERS) if _ANY_LETTER.search(word) else word

    return _RUN.sub(plain, text)


def _whole(text: str, plain: str) -> Iterator[Reading]:
    if plain != text:
        yield Reading(plain, (0, len(text)))


def _tags(text: str) -> Iterator[Reading]:
    for match in _TAG.finditer(text):
        yield Reading("".join(chr(ord(char) - 0xE0000) for char in match.group()), match.span())


def _styled(text: str) -> Iterator[Reading]:
    if len(_STYLED.findall(text)) >= _LEAST:
        yield from _whole(text, unicodedata.normalize("NFKC", text))


def _twins(text: str) -> Iterator[Reading]:
    if _MIXED.search(text):
        yield from _whole(text, text.translate(_LOOKALIKES))


def _leet(text: str) -> Iterator[Reading]:
    most = sum(map(text.count, _LEET_SIGNS))
    least = max(_TELLING, len(text.split()) / 5)
    if most >= least and sum(1 for _ in _LEET.finditer(text)) >= least:
        yield from _whole(text, fold(text))


def _spaced(text: str) -> Iterator[Reading]:
    for match in _SPACED.finditer(text):
        words = re.split(r"\s{2,}" if re.search(r"\w \w", match.group()) else r"\s+", match.group())
        yield Reading(" ".join(re.sub(r"[ .\-_*]", "", word) for word in words), match.span())


def _base64(text: str) -> Iterator[Reading]:
    for match in _BASE64.finditer(text):
        coded = match.group().rstrip("=").replace("-", "+").replace("_", "/")
        try:
            plain = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
        except binascii.Error:
            continue
        yield from _bytes(plain, match.span())


def _hex(text: str) -> Iterator[Reading]:
    for match in _HEX.finditer(text):
        digits = re.sub(r"[ :]", "", match.group())
        yield from _bytes(bytes.fromhex(digits[: len(digits) // 2 * 2]), match.span())


def _bytes(plain: bytes, span: Span) -> Iterator[Reading]:
    try:
        text = plain.decode("utf-8")
    except UnicodeDecodeError:
        return
    if text.isprintable() or text.replace("\n", " ").isprintable():
        yield Reading(text, span)


def _escaped(text: str) -> Iterator[Reading]:
    if len(_ESCAPED.findall(text)) >= _FEW:
        plain = _UNICODE.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), text)
        yield from _whole(text, html.unescape(unquote(plain)))


def _rotated(text: str) -> Iterator[Reading]:
    if _ROTATED.times(text, small(text)) >= _TELLING:
        yield from _whole(text, codecs.encode(text, "rot13"))


def _reversed(text: str) -> Iterator[Reading]:
    if _REVERSED.times(text, small(text)) >= _TELLING:
        yield from _whole(text, text[::-1])


_Look = Callable[[str], Iterator[Reading]]
_OTHER_LETTERS: tuple[_Look, ...] = (_tags, _styled, _twins)
"""Those that find nothing in ASCII."""
_LOOKS: tuple[_Look, ...] = (
    _leet, _spaced, _base64, _hex, _escaped, _rotated, _reversed,
)  # fmt: skip
