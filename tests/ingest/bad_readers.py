"""Readers that misbehave, for the sandbox: what they do is the content of the file."""

import os
import subprocess
import sys
import time

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
    """Start a program, and tell its number while it runs."""
    return Extract(name, str(subprocess.Popen(["/bin/sleep", "60"]).pid))


def _environment(name: str) -> Extract:
    return Extract(name, " ".join(sorted(os.environ)))


def _imported(name: str) -> Extract:
    return Extract(name, " ".join(module for module in sys.modules if "." not in module))


def _process(name: str) -> Extract:
    return Extract(name, str(os.getpid()))


DEEDS = {
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
