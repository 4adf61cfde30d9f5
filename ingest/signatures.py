"""How content names itself: magic numbers, names in ZIP archives and old Office files, looks of text.

Every look is cheap and bounded, for it happens outside the reader processes.
"""

import re
import struct

import puremagic

from ingest.readers.encoding import looks_binary

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# How common binary files begin: named so that a wrong name gets a clear answer.
BINARIES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"PK\x03\x04", "a ZIP archive"),
)
SURE = 0.6  # what puremagic gives to signatures of five bytes and more
SAMPLE = 4096
END = struct.Struct("<4s4x2xH4xI")  # of a ZIP's end record: entries, and where their directory begins
END_LENGTH = 22
LONGEST_COMMENT = 65_535
ENTRY = struct.Struct("<4s24xHHH")  # of a directory's entry: lengths of name, extra field and comment
ENTRY_LENGTH = 46
MOST_NAMES = 2_000
MIMETYPE = re.compile(rb"PK\x03\x04.{4}\0\0.{16}\x08\0..mimetype", re.DOTALL)
LONGEST_TYPE = 100
ENTRY_SIZE = 128  # of an old Office file's directory, to which its entries are aligned

# One blank, and whatever follows: with `[ \t]+` each line could be read in as many ways as it has blanks.
HEADER = rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n){0,50})"
MAIL = re.compile(rb"\s*" + HEADER + rb"{3,200}?\s*\n")
MAIL_HEADERS = re.compile(rb"^(?:From|Date):", re.MULTILINE)
MAIL_SIGNS = re.compile(rb"^(?:Message-ID|MIME-Version|Received):", re.MULTILINE | re.IGNORECASE)
JSON_HEAD = re.compile(rb"""\s*(?:\{\s*"[^"\n]{0,200}"\s*:|\[\s*(?:\{\s*"|\[))""")
LOOKS = (
    (re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE), "HTML"),
    (re.compile(rb"\s*<\?xml[^>]*>\s*(?:<!doctype html|<html)", re.IGNORECASE), "HTML"),
    (re.compile(rb"\s*<\?xml "), "XML"),
    (re.compile(rb"From \S+ .{10,60}\n[A-Za-z-]+:"), "mbox"),
)


def what(data: bytes) -> str:
    """Name binary content as in "named as Markdown, but the content is a PNG image"; empty if unknown."""
    found = next((kind for begin, kind in BINARIES if data.startswith(begin)), "")
    if found or not looks_binary(data):
        return found
    try:
        best = max(puremagic.magic_string(data[:SAMPLE]), key=lambda match: match.confidence)
    except (puremagic.PureError, ValueError):
        return ""
    return f"of the kind {best.name!r}" if best.confidence >= SURE else ""


def zip_names(data: bytes) -> tuple[frozenset[str], str]:
    """The first `MOST_NAMES` names in a ZIP archive, and what its member `mimetype` says.

    No names where the archive is cut off or damaged.
    """
    kind = ""
    if MIMETYPE.match(data):
        kind = data[38 : 38 + LONGEST_TYPE].split(b"PK")[0].decode("ascii", "replace").strip()
    place = data.rfind(b"PK\x05\x06", -END_LENGTH - LONGEST_COMMENT)
    if place < 0 or len(data) < place + END_LENGTH:
        return frozenset(), kind
    _, entries, position = END.unpack_from(data, place)
    names = set()
    for _ in range(min(entries, MOST_NAMES)):
        if data[position : position + 4] != b"PK\x01\x02" or len(data) < position + ENTRY_LENGTH:
            break
        _, length, extra, comment = ENTRY.unpack_from(data, position)
        begin = position + ENTRY_LENGTH
        names.add(data[begin : begin + length].decode("utf-8", "replace"))
        position = begin + length + extra + comment
    return frozenset(names), kind


def ole_has(data: bytes, stream: str) -> bool:
    """Whether an old Office file names `stream` in a directory: its own, or that of a file inside it."""
    name = stream.encode("utf-16-le")
    entry = name.ljust(ENTRY_SIZE // 2, b"\0") + struct.pack("<H", len(name) + 2)
    place = data.find(entry)
    while place >= 0:
        if place % ENTRY_SIZE == 0:
            return True
        place = data.find(entry, place + 1)
    return False


def is_text(data: bytes) -> bool:
    """Whether content without a telling name can be read as text."""
    return not looks_binary(data)


def text_kind(data: bytes) -> str:
    """The name of the format that a text shows by its first lines; empty if it shows none."""
    head = data[:SAMPLE].removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if found := next((kind for look, kind in LOOKS if look.match(head)), ""):
        return found
    if JSON_HEAD.match(head) and data[-SAMPLE:].rstrip()[-1:] in {b"}", b"]"}:
        return "JSON"
    headers = MAIL.match(head)
    if headers and MAIL_HEADERS.search(headers[0]) and MAIL_SIGNS.search(headers[0]):
        return "e-mail"
    return ""
