"""Bytes to text: byte order marks, then UTF-8, then what the file declares, then a guess."""

import codecs
import re
from collections.abc import Iterable

from charset_normalizer import from_bytes

from ingest.errors import CorruptFile

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
SAMPLE = 64 * 1024
HIGH = re.compile(rb"[\x80-\xff]")
# Too few accented letters to tell one Western code page from another: take the commonest.
FEW_HIGH_BYTES = 16
GUESS_EXCLUDES = ["utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "utf_7"]


def decode(data: bytes, declared: Iterable[str | None] = ()) -> str:
    """Text of `data`; `declared` are encodings that the file or its envelope names, best first.

    Raises:
        CorruptFile: the bytes are no text in any encoding.
    """
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    if wide := _wide_encoding(data):
        return data.decode(wide, errors="replace")
    if looks_binary(data):
        raise CorruptFile("binary content where text was expected", "check the file's type and name")
    for encoding in ("utf-8", *filter(None, declared)):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return _mostly_utf8(data) or _guess(data)


def looks_binary(data: bytes) -> bool:
    """Whether `data` has too many control bytes for text (a stray NUL is forgiven)."""
    if data.startswith(tuple(bom for bom, _ in BOMS)) or _wide_encoding(data):
        return False
    sample = data[:SAMPLE]
    controls = len(sample) - len(sample.translate(None, CONTROLS))
    return controls > max(2, 0.03 * len(sample))


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a mark: Western text then has NULs at every other place only."""
    sample = data[: SAMPLE & ~1]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * len(sample) / 2 and not even:
        return "utf-16-le"
    if even > 0.4 * len(sample) / 2 and not odd:
        return "utf-16-be"
    return None


def _mostly_utf8(data: bytes) -> str | None:
    """UTF-8 with a few damaged places, shown as U+FFFD; None where it is another encoding."""
    text = data.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    sound = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    return text if sound > 2 * damaged else None


def _guess(data: bytes) -> str:
    high = len(HIGH.findall(data[:SAMPLE]))
    western = high < FEW_HIGH_BYTES and high < len(data[:SAMPLE]) / 2
    best = None if western else from_bytes(data, cp_exclusion=GUESS_EXCLUDES).best()
    if best is None or "cp1252" in best.could_be_from_charset:
        return data.decode("cp1252", errors="replace")
    return str(best)
