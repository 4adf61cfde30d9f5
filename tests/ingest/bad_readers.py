"""Readers that misbehave, for the sandbox: what they do is the content of the file."""

import ctypes
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from ingest.documents import Extract, Mark, Member
from ingest.errors import EncryptedFile, UnsupportedFile


def read(data: bytes, name: str) -> Extract:
    return DEEDS[data.decode()](name)


def _echo(name: str) -> Extract:
    marks = (Mark(0, 1, "H\ud800"), Mark(2, page=3))
    members = (Member("m", b"\x00\xff"),)
    return Extract(
        name, "t\ud800\U0001f600", marks, ((0, 1),), members, "2024-05-17", ("a page is left out",)
    )


def _hang(name: str) -> Extract:
    while True:
        time.sleep(1)


def _swell(name: str) -> Extract:
    return Extract(name, "x" * 8 * 1024**3)


def _talk(name: str) -> Extract:
    return Extract(name, "x" * 5_000)


def _recurse(name: str) -> Extract:
    return _recurse(name)


def _chatter(name: str) -> Extract:
    sys.stdout.write("noise")
    sys.stdout.flush()
    return Extract(name, "quiet")


def _secret(name: str) -> Extract:
    raise ValueError("the salary is 100")


def _encrypted(name: str) -> Extract:
    raise EncryptedFile("locked", "unlock it")


def _empty(name: str) -> Extract:
    raise UnsupportedFile("nothing to read here")


def _child(name: str) -> Extract:
    """Start the program `name`, and tell its number while it runs."""
    return Extract(name, str(subprocess.Popen([name, "60"]).pid))


def _environment(name: str) -> Extract:
    return Extract(name, " ".join(sorted(os.environ)))


def _imported(name: str) -> Extract:
    return Extract(name, " ".join(module for module in sys.modules if "." not in module))


def _process(name: str) -> Extract:
    return Extract(name, str(os.getpid()))


def _segfault(name: str) -> Extract:
    ctypes.string_at(0)
    return Extract(name, "still here")


def _allocate(name: str) -> Extract:
    held = []
    while True:
        held.append(bytearray(1 << 27))


def _flood(name: str) -> Extract:
    while True:
        os.write(1, b"x" * 65_536)


def _connect(name: str) -> Extract:
    return Extract(name, str(socket.create_connection(("127.0.0.1", 9))))


def _native_socket(name: str) -> Extract:
    libc = ctypes.CDLL(None, use_errno=True)
    return Extract(name, f"{libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)}")


def _spawn(name: str) -> Extract:
    return Extract(name, subprocess.check_output(["id"], text=True))  # noqa: S607  # it is refused


def _write(name: str) -> Extract:
    Path(name).write_text("x")
    return Extract(name, "written")


DEEDS = {
    "segfault": _segfault,
    "allocate": _allocate,
    "flood": _flood,
    "connect": _connect,
    "native socket": _native_socket,
    "spawn": _spawn,
    "write": _write,
    "echo": _echo,
    "hang": _hang,
    "die": lambda _: os._exit(9),
    "swell": _swell,
    "talk": _talk,
    "recurse": _recurse,
    "chatter": _chatter,
    "secret": _secret,
    "encrypted": _encrypted,
    "child": _child,
    "empty": _empty,
    "environment": _environment,
    "imported": _imported,
    "process": _process,
}
