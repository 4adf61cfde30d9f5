"""Multipart uploads, written to disk as they arrive. The only module that imports python_multipart.

Starlette's own form parser would take in a file of any size before anybody could refuse it.
"""

import errno
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from anyio import to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from ingest.errors import EmptyFile, IngestError, UnsupportedFile
from ingest.formats import detect
from service.errors import BadRequest, NoRoom, TooLarge, UnsupportedMedia

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILES, GROUPS = "files", "groups"
LONGEST_FIELD = 10_000
LONGEST_NAME = 200  # bytes; file systems allow 255
UNPROCESSABLE = 422
# The disk is full, or what its user may take of it.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Upload:
    """What was received: the names of the files in the folder, and the groups that may read them."""

    names: tuple[str, ...]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of one file, and files of one upload."""

    file_bytes: int
    files: int


@contextmanager
def while_there_is_room() -> Iterator[None]:
    """Around whatever writes to the disk.

    Raises:
        NoRoom: instead of the system's error that there is none.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise NoRoom from error


async def receive(content_type: str, body: AsyncIterator[bytes], folder: Path, limits: Limits) -> Upload:
    """Write the files of a multipart body into `folder`, which is made for them.

    Raises:
        UnsupportedMedia: the body is no multipart form, or no reader takes any of its files.
        TooLarge: a file, or their number, is over its limit.
        BadRequest: a part that is neither `files` nor `groups`, or a file without a usable name.
        NoRoom: the disk is full; what was written before is the caller's to remove.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise UnsupportedMedia("send multipart/form-data with the files in the field `files`")
    with while_there_is_room():
        await to_thread.run_sync(lambda: folder.mkdir(parents=True))
    with _Receiver(folder, limits) as receiver:
        try:
            parser = MultipartParser(options[b"boundary"], receiver.callbacks())
            async for data in body:
                await to_thread.run_sync(parser.write, data)
            parser.finalize()
        except FormParserError as error:
            raise BadRequest(f"the multipart form is damaged ({error})", FILES) from error
    upload = receiver.upload()
    await to_thread.run_sync(_check_supported, folder, upload)
    return upload


class _Receiver:
    """Follows the parser: the headers of a part, then its data, into a file or a field."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        self._names: list[str] = []
        self._groups = bytearray()
        self._header = (bytearray(), bytearray())
        self._headers: dict[str, bytes] = {}
        self._file: IO[bytes] | None = None
        self._written = 0
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._close()

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls, by its names for it."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._keep_header,
            "on_headers_finished": self._open,
            "on_part_data": self._take,
            "on_part_end": self._close,
            "on_end": self._end,
        }

    def upload(self) -> Upload:
        """What was received. Raises `BadRequest` if that is nothing, or not everything."""
        if not self._ended:
            raise BadRequest("the multipart form ends in the middle: send it again", FILES)
        if not self._names:
            raise BadRequest("no file in the field `files`", FILES, UNPROCESSABLE)
        groups = self._groups.decode("utf-8", "replace").split(",")
        return Upload(tuple(self._names), frozenset(name.strip() for name in groups if name.strip()))

    def _begin(self) -> None:
        self._headers = {}
        self._header = (bytearray(), bytearray())

    def _keep_header(self) -> None:
        name, value = self._header
        self._headers[name.decode("latin-1").lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        field = options.get(b"name", b"").decode("utf-8", "replace")
        if field == GROUPS:
            self._groups.extend(b",")
            return
        if field != FILES:
            raise BadRequest(f"unknown field {field[:50]!r}: use `files` and `groups`", field, UNPROCESSABLE)
        name = _safe_name(options.get(b"filename", b"").decode("utf-8", "replace"))
        if name in self._names:
            raise BadRequest(f"two files are called {name}: send them apart", FILES, UNPROCESSABLE)
        if len(self._names) == self._limits.files:
            raise TooLarge(f"more than {self._limits.files} files: send them in several uploads")
        self._names.append(name)
        with while_there_is_room():
            self._file, self._written = (self._folder / name).open("xb"), 0

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            self._groups.extend(data[start:end])
            if len(self._groups) > LONGEST_FIELD:
                raise TooLarge("the field `groups` is too long: name fewer groups")
            return
        self._written += end - start
        if self._written > self._limits.file_bytes:
            limit = f"{self._limits.file_bytes / 2**20:g} MiB"
            raise TooLarge(f"{self._names[-1]} is larger than {limit}: split it, or raise max_upload_bytes")
        with while_there_is_room():
            self._file.write(data[start:end])

    def _close(self) -> None:
        if self._file is not None:
            with while_there_is_room():  # the last bytes are written now
                self._file.close()
            self._file = None

    def _end(self) -> None:
        self._ended = True


def _safe_name(given: str) -> str:
    """The last part of a file's name, fit for any disk.

    Raises:
        BadRequest: there is none, it is too long, or it is a hidden file's.
    """
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2])
    name = "".join(letter if letter.isprintable() else "_" for letter in name).strip()
    if not name or name.startswith(".") or len(name.encode()) > LONGEST_NAME:
        raise BadRequest(
            f"{name[:50]!r} is no usable file name: up to {LONGEST_NAME} bytes, not beginning with a dot",
            FILES,
            UNPROCESSABLE,
        )
    return name


def _check_supported(folder: Path, upload: Upload) -> None:
    for name in upload.names:
        try:
            detect((folder / name).read_bytes(), name)
        except EmptyFile:
            return
        except UnsupportedFile as error:
            refused = error
        except IngestError:
            return  # it is of a kind that is read, and the job will say what is wrong with it
        else:
            return
    raise UnsupportedMedia(
        f"no reader takes any of these files ({refused}): send Markdown, text, HTML, PDF, ..."
    )
