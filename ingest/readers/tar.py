"""Tar archives: no text of their own; what is in them are members."""

import io
import tarfile

from ingest.documents import Extract, Member
from ingest.errors import CorruptFile, EmptyFile, UnsupportedFile
from ingest.readers.members import Members, is_hidden

DAMAGE = (tarfile.TarError, EOFError, ValueError, OSError, KeyError)


def read(data: bytes, name: str) -> Extract:
    """Take out the files. Links and devices are listed as skipped: nothing is written, nothing followed.

    Raises:
        CorruptFile: no readable tar archive, or cut off.
        FileTooLarge: too many files, or they unpack to far more than the archive's size.
        EmptyFile: it holds no files.
    """
    return Extract(name, "", members=unpacked(data, Members(len(data))))


def unpacked(data: bytes, members: Members) -> tuple[Member, ...]:
    """The files in a tar archive, added to `members`. Raises as `read`."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for entry in archive:
                if not entry.isdir() and not is_hidden(entry.name):
                    _add(members, archive, entry)
    except DAMAGE as error:
        raise CorruptFile("not a readable tar archive", "copy it again, or unpack it") from error
    if not members.all():
        raise EmptyFile("empty: no files in it")
    return members.all()


def _add(members: Members, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> None:
    content = archive.extractfile(entry) if entry.isreg() else None
    if content is None:
        kind = "a link" if entry.issym() or entry.islnk() else "no regular file"
        members.refuse(entry.name, UnsupportedFile(f"{kind}: skipped"))
        return
    members.add(entry.name, content.read(members.room + 1))
