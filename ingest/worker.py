"""The inside of a reader process: take a file, read it, answer; within limits that it sets itself."""

import contextlib
import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType

from ingest.documents import Extract
from ingest.errors import CorruptFile, FileTooLarge, IngestError, ReaderCrash, UnreadableFile, UnsupportedFile
from ingest.jail import Forbidden, lock

OPEN_FILES = 64

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


class Output:
    """The pipe to the parent process, where one answer goes out for one file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def extract(self, extract: Extract, *, last: bool) -> None:
        """Answer with an extract; its members follow as raw messages."""
        marks = [(mark.start, mark.level, mark.title, mark.page) for mark in extract.marks]
        members = [(member.name, _words(member.refusal)) for member in extract.members]
        reply = {"last": last, "error": None, "title": extract.title, "text": extract.text, "marks": marks}
        stated = (extract.dated, extract.expires, extract.superseded_by, extract.language)
        more = {"blocks": extract.blocks, "members": members, "stated": stated, "notes": extract.notes}
        self._send(reply | more)
        for member in extract.members:
            self._connection.send_bytes(member.data)

    def error(self, error: IngestError, *, last: bool) -> None:
        """Answer with an error."""
        self._send({"last": last, "error": _words(error)})

    def _send(self, reply: object) -> None:
        self._connection.send_bytes(json.dumps(reply, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _words(error: IngestError | None) -> tuple[str, str, str] | None:
    """An error as it travels: the name of its class, the message, the remedy."""
    return (type(error).__name__, error.message, error.remedy) if error else None


def serve(arguments: Sequence[str]) -> None:
    """Read files until the parent closes the pipe.

    `arguments`: the two pipes' descriptors, seconds, bytes of memory, characters of text.
    """
    requests = Connection(int(arguments[0]), writable=False)
    output = Output(Connection(int(arguments[1]), readable=False))
    seconds, memory, longest = float(arguments[2]), int(arguments[3]), int(arguments[4])
    _limit(memory)
    lock()
    sys.excepthook = _report_to(output)
    with contextlib.suppress(EOFError):
        while True:
            reader, name = json.loads(requests.recv_bytes())
            _limit_processor(seconds)
            _answer(output, reader, (requests.recv_bytes(), name), (memory, longest))


def _answer(output: Output, reader: str, file: tuple[bytes, str], limits: tuple[int, int]) -> None:
    memory, longest = limits
    try:
        extract = importlib.import_module(reader).read(*file)
        if len(extract.text) > longest:
            raise FileTooLarge(f"more than {longest} characters of text", "split the file")
        # A process that once grew large stays large: it goes, so that the next file has room.
        output.extract(extract, last=_peak() > memory / 2)
    except (UnreadableFile, UnsupportedFile) as error:
        output.error(error, last=False)
    except MemoryError:
        message = f"reading needs more than {memory >> 20} MiB of memory"
        output.error(FileTooLarge(message, "split the file or raise the limit"), last=True)
    except Forbidden:
        # Whatever the file wanted opened or fetched, it was not; what else it holds is not known to be sound.
        message = "reading it would reach outside: the network, a program or a file to write"
        output.error(ReaderCrash(message, "save a copy without links and embedded objects"), last=True)
    except RecursionError:
        output.error(CorruptFile("nested too deeply", "export the file again"), last=True)


def _report_to(output: Output) -> Hook:
    """A last word for faults that no reader foresaw: the kind of error, never its text."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:  # noqa: ARG001  # the hook's signature
        message = f"the reader failed ({kind.__name__})"
        output.error(ReaderCrash(message, "the file may be damaged; export it again"), last=True)

    return report


def _limit(memory: int) -> None:
    limits = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    for kind, limit in [*limits, (resource.RLIMIT_NOFILE, OPEN_FILES)]:
        with contextlib.suppress(ValueError, OSError):  # a system that has no such limit, or a lower one
            resource.setrlimit(kind, (limit, limit))


def _limit_processor(seconds: float) -> None:
    """Processor time for one file, so that a worker whose parent has died does not run on for ever."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 2, hard))


def _peak() -> int:
    """The most memory this process has held, in bytes.

    Linux's own figure for this program: what `getrusage` says begins with the parent's, so that below a
    server with its models loaded every worker would count as large.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)
