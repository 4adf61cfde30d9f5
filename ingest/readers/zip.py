"""ZIP archives: no text of their own; what is in them are members."""

import io
import zipfile
import zlib
from lzma import LZMAError

from ingest.documents import Extract
from ingest.errors import CorruptFile, EmptyFile, EncryptedFile, FileTooLarge, UnreadableFile
from ingest.readers.members import MAX_MEMBERS, Members, is_hidden

DAMAGE = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, ValueError, OSError, RuntimeError)
ENCRYPTED = 1  # of a member's flags


def read(data: bytes, name: str) -> Extract:
    """Take out the files. What a member says of its size is not believed: what it unpacks to is counted.

    Raises:
        CorruptFile: no readable ZIP archive. A damaged or encrypted member costs itself only.
        FileTooLarge: too many files, or they unpack to far more than the archive's size.
        EmptyFile: it holds no files.
    """
    members = Members(len(data))
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGE as error:
        raise CorruptFile("not a readable ZIP archive", "copy it again, or unpack it") from error
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not is_hidden(entry.filename)]
    if len(entries) > MAX_MEMBERS:
        raise FileTooLarge(f"{len(entries)} files in it, more than {MAX_MEMBERS}", "unpack it first")
    for entry in entries:
        try:
            members.add(entry.filename, _content(archive, entry, members.room))
        except FileTooLarge:
            raise
        except UnreadableFile as error:
            members.refuse(entry.filename, error)
    if not entries:
        raise EmptyFile("empty: no files in it")
    return Extract(name, "", members=members.all())


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    if entry.flag_bits & ENCRYPTED:
        raise EncryptedFile("the file needs a password", "save a copy without one")
    try:
        with archive.open(entry) as opened:
            return opened.read(room + 1)
    except DAMAGE as error:  # a method that Python cannot unpack is among them
        raise CorruptFile("damaged, or packed in a way that is not read", "pack it again") from error
