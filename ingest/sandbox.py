"""Reader processes: a hostile file that hangs, crashes or swells costs itself one clear error.

Each worker is a Python process that imports readers only, keeps its limits (`ingest.worker`), answers
in JSON, and is replaced when it dies. This bounds what a file can use up; it is no jail for a parser
that an attacker has taken over.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict

from ingest.documents import Extract, Mark, Member
from ingest.errors import IngestError, ReaderCrash, ReaderTimeout, UnreadableFile, UnsupportedFile

ROOT = str(Path(__file__).resolve().parent.parent)
PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from ingest.worker import serve; serve(sys.argv[2:])"
FINDING = ("PATH", "TESSDATA_PREFIX")
MAX_REPLY = 2 * 1024**3 - 1  # bytes; the worker's own limits keep replies far smaller

KINDS: list[type[IngestError]] = [
    UnreadableFile,
    *UnreadableFile.__subclasses__(),
    UnsupportedFile,
    *UnsupportedFile.__subclasses__(),
]
ERRORS = {kind.__name__: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may use: seconds, bytes of memory, characters of text."""

    seconds: float = 60.0
    memory: int = 2 * 1024**3
    text: int = 64 * 1024**2


Words = tuple[str, str, str]  # an error: the name of its class, the message, the remedy


class Reply(TypedDict):
    """A worker's answer: an extract (its members follow as raw messages), or the name of an error."""

    last: bool
    error: Words | None
    title: str
    text: str
    marks: list[tuple[int, int, str, int | None]]
    blocks: list[tuple[int, int]]
    members: list[tuple[str, Words | None]]
    stated: tuple[str | None, str | None, str | None, str | None]
    notes: list[str]


def _error(words: Words) -> IngestError:
    kind, message, remedy = words
    return ERRORS.get(kind, ReaderCrash)(message, remedy)


class Sandbox:
    """Up to `workers` reader processes, started when first needed. Safe to use from many threads.

    Close it (or use it as a context manager): the processes end with it.
    """

    def __init__(self, limits: Limits | None = None, workers: int = 1) -> None:
        self._limits = limits or Limits()
        self._slots: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
        self._workers = workers
        for _ in range(workers):
            self._slots.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all workers; the sandbox starts new ones if it is used again."""
        for worker in [self._slots.get() for _ in range(self._workers)]:
            if worker:
                worker.close()
            self._slots.put(None)

    def read(self, reader: str, data: bytes, name: str) -> Extract:
        """Run `read(data, name)` of the module `reader` in a worker.

        Raises:
            UnsupportedFile: the reader knows such files and takes none of them.
            UnreadableFile: what else the reader raised; `ReaderTimeout`, `ReaderCrash` or `FileTooLarge`
                for a reader that broke a limit.
        """
        worker = self._slots.get()
        try:
            worker = worker or _Worker(self._limits)
            return worker.read(reader, data, name)
        finally:
            self._slots.put(worker if worker and worker.alive else None)


class _Worker:
    """One process and its two pipes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.alive = True
        request, self._requests = Pipe(duplex=False)
        self._replies, reply = Pipe(duplex=False)
        descriptors = (request.fileno(), reply.fileno())
        settings = (limits.seconds, limits.memory, limits.text)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", PROGRAM, ROOT, *map(str, (*descriptors, *settings))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Nothing of ours, which may hold secrets, but where programs (Tesseract) and their data are.
            env={"LANG": "C.UTF-8"} | {name: os.environ[name] for name in FINDING if name in os.environ},
            pass_fds=descriptors,
            start_new_session=True,  # so that the programs which a reader starts end with it
        )
        request.close()
        reply.close()

    def close(self) -> None:
        self.alive = False
        self._kill()
        self._process.wait()
        self._requests.close()
        self._replies.close()

    def read(self, reader: str, data: bytes, name: str) -> Extract:
        self.alive = False  # until a whole answer has come: a half-read pipe is of no more use
        expired = threading.Event()
        watchdog = threading.Timer(self._limits.seconds, self._expire, [expired])
        watchdog.daemon = True
        watchdog.start()
        try:
            return self._exchange(reader, data, name)
        except (EOFError, OSError) as error:
            raise self._cause(expired) from error
        finally:
            watchdog.cancel()
            watchdog.join()
            if expired.is_set() or not self.alive:
                self.close()

    def _exchange(self, reader: str, data: bytes, name: str) -> Extract:
        self._requests.send_bytes(json.dumps([reader, name]).encode())
        self._requests.send_bytes(data)
        reply: Reply = json.loads(self._replies.recv_bytes(MAX_REPLY).decode("utf-8", "surrogatepass"))
        if reply["error"]:
            self.alive = not reply["last"]
            raise _error(reply["error"])
        members = tuple(self._member(*member) for member in reply["members"])
        self.alive = not reply["last"]
        marks = tuple(Mark(*mark) for mark in reply["marks"])
        blocks = tuple((start, end) for start, end in reply["blocks"])
        notes = tuple(reply["notes"])
        dated, *stated = reply["stated"]
        return Extract(reply["title"], reply["text"], marks, blocks, members, dated, notes, *stated)

    def _member(self, name: str, refusal: Words | None) -> Member:
        return Member(name, self._replies.recv_bytes(MAX_REPLY), _error(refusal) if refusal else None)

    def _expire(self, expired: threading.Event) -> None:
        expired.set()
        self._kill()

    def _kill(self) -> None:
        """End the process and what it started, unless that is done: its number may be another's by now."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _cause(self, expired: threading.Event) -> UnreadableFile:
        if expired.is_set():
            limit = f"{self._limits.seconds:g} s"
            return ReaderTimeout(f"reading took longer than {limit}", "split the file or raise the limit")
        self._kill()
        status = self._process.wait()
        return ReaderCrash(f"the reader process died ({status})", "the file may be damaged; export it again")
