"""Multipart uploads, written to disk as they arrive. The only module that imports python_multipart.

Starlette's own form parser would take in a file of any size before anybody could refuse it.
"""

import errno
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from anyio import to_thread
from pydantic import ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from ingest.errors import EmptyFile, IngestError, UnsupportedFile
from ingest.folder import Manifest
from ingest.formats import detect
from service.errors import BadRequest, NoRoom, TooLarge, UnsupportedMedia

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILES = "files"
# What a folder's manifest may say of its files, an upload may say of its own; these are lists, with commas.
LISTS = ("groups", "labels")
TERMS = ("language", "expires", "license")
LONGEST_FIELD = 10_000
LONGEST_NAME = 200  # bytes; file systems allow 255
UNPROCESSABLE = 422
# The disk is full, or what its user may take of it.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Upload:
    """What was received: the files in the folder with their sizes in bytes, and what was said of them."""

    files: dict[str, int]
    manifest: Manifest = field(default_factory=Manifest)

    @property
    def groups(self) -> frozenset[str]:
        """Who may read them; none: the whole tenant."""
        return frozenset(self.manifest.groups)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of one file, and files of one upload; `take` is told of bytes before they are written."""

    file_bytes: int
    files: int
    take: Callable[[int], None] = lambda _count: None


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
        BadRequest: a part of another name, a file without a usable one, or a field that is wrong.
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
        self._files: dict[str, int] = {}
        self._name = ""
        self._fields: dict[str, bytearray] = {}
        self._header = (bytearray(), bytearray())
        self._headers: dict[str, bytes] = {}
        self._file: IO[bytes] | None = None
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
        if not self._files:
            raise BadRequest("no file in the field `files`", FILES, UNPROCESSABLE)
        return Upload(self._files, _manifest(self._fields))

    def _begin(self) -> None:
        self._headers = {}
        self._header = (bytearray(), bytearray())

    def _keep_header(self) -> None:
        name, value = self._header
        self._headers[name.decode("latin-1").lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name in {*LISTS, *TERMS}:
            self._fields.setdefault(self._name, bytearray()).extend(b",")
            return
        if self._name != FILES:
            known = ", ".join((FILES, *LISTS, *TERMS))
            raise BadRequest(f"unknown field {self._name[:50]!r}: use {known}", self._name, UNPROCESSABLE)
        self._begin_file(_safe_name(options.get(b"filename", b"").decode("utf-8", "replace")))

    def _begin_file(self, name: str) -> None:
        if name in self._files:
            raise BadRequest(f"two files are called {name}: send them apart", FILES, UNPROCESSABLE)
        if len(self._files) == self._limits.files:
            raise TooLarge(f"more than {self._limits.files} files: send them in several uploads")
        self._name, self._files[name] = name, 0
        with while_there_is_room():
            self._file = (self._folder / name).open("xb")

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            said = self._fields[self._name]
            said.extend(data[start:end])
            if len(said) > LONGEST_FIELD:
                raise TooLarge(f"the field `{self._name}` is too long: say less")
            return
        self._files[self._name] += end - start
        if self._files[self._name] > self._limits.file_bytes:
            limit = f"{self._limits.file_bytes / 2**20:g} MiB"
            raise TooLarge(f"{self._name} is larger than {limit}: split it, or raise max_upload_bytes")
        self._limits.take(end - start)
        with while_there_is_room():
            self._file.write(data[start:end])

    def _close(self) -> None:
        if self._file is not None:
            with while_there_is_room():  # the last bytes are written now
                self._file.close()
            self._file = None

    def _end(self) -> None:
        self._ended = True


def _manifest(fields: Mapping[str, bytearray]) -> Manifest:
    """What was said of the files. A field that is sent empty says nothing.

    Raises:
        BadRequest: a field holds what no manifest may.
    """
    said: dict[str, object] = {}
    for name, sent in fields.items():
        words = [word.strip() for word in sent.decode("utf-8", "replace").split(",") if word.strip()]
        if words:
            said[name] = words if name in LISTS else ", ".join(words)
    try:
        return Manifest.model_validate(said)
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        name = str(fault["loc"][0])
        raise BadRequest(f"the field `{name}` is wrong: {fault['msg']}", name, UNPROCESSABLE) from error


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
    for name in upload.files:
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
