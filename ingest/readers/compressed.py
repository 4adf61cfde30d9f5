"""Compressed files (gzip, bzip2, xz): one file inside, or the files of the tar archive that it is."""

import bz2
import gzip
import io
import lzma
import zlib
from pathlib import PurePath

from ingest.documents import Extract
from ingest.errors import CorruptFile, EmptyFile
from ingest.readers.members import Members
from ingest.readers.tar import unpacked

BZIP2, XZ = b"BZh", b"\xfd7zXZ"
DAMAGE = (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
USTAR, USTAR_AT = b"ustar", 257
TARRED = {".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}
SUFFIXES = frozenset({".gz", ".bz2", ".xz"})


def read(data: bytes, name: str) -> Extract:
    """Unpack the content and give it out as a member, or as many where it is a tar archive.

    Raises:
        CorruptFile: damaged or cut off.
        FileTooLarge: it unpacks to far more than its size.
        EmptyFile: there is nothing in it.
    """
    members = Members(len(data))
    content = _content(data, members.room)
    if not content:
        raise EmptyFile("empty: nothing in it")
    if content.startswith(USTAR, USTAR_AT) and len(content) <= members.room:
        return Extract(name, "", members=unpacked(content, members))
    members.add(_inner(name), content)
    return Extract(name, "", members=members.all())


def _content(data: bytes, room: int) -> bytes:
    source = io.BytesIO(data)
    opened: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile  # they close over memory: nothing is left open
    if data.startswith(BZIP2):
        opened = bz2.BZ2File(source)  # as said
    else:
        opened = lzma.LZMAFile(source) if data.startswith(XZ) else gzip.GzipFile(fileobj=source)  # noqa: SIM115  # as said
    try:
        return opened.read(room + 1)
    except DAMAGE as error:
        raise CorruptFile("damaged or cut off", "copy it again, or unpack it") from error


def _inner(name: str) -> str:
    path = PurePath(name)
    if path.suffix.lower() in TARRED:
        return path.stem + TARRED[path.suffix.lower()]
    return path.stem if path.suffix.lower() in SUFFIXES else f"{path.name} (unpacked)"
