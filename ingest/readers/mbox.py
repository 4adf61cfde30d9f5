"""Mailboxes (mbox): no text of their own; each message is a member, called by its Message-ID."""

import re
from collections.abc import Iterator

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.members import Members

START = re.compile(rb"(?:\A|\r?\n)From [^\n]*\n(?=[!-9;-~]+:)")
QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>\r\n]{1,150})>", re.MULTILINE | re.IGNORECASE)
HEADERS = 64 * 1024


def read(data: bytes, name: str) -> Extract:
    """Part a mailbox into messages; named by identity, so that one that is deleted renames no other.

    Raises:
        CorruptFile: it does not begin as a mailbox does.
        FileTooLarge: it holds more messages than a container may.
    """
    if not START.match(data):
        raise CorruptFile("no mailbox: it does not begin with a line `From `", "check the file's type")
    members = Members(len(data))
    for number, message in enumerate(_messages(data), start=1):
        identity = MESSAGE_ID.search(message, 0, HEADERS)
        stem = identity[1].decode("ascii", "replace").replace("/", "_") if identity else f"message-{number}"
        members.add(f"{stem}.eml", message)
    return Extract(name, "", members=members.all())


def _messages(data: bytes) -> Iterator[bytes]:
    begins = list(START.finditer(data))
    ends = [begin.start() for begin in begins[1:]] + [len(data)]
    for begin, end in zip(begins, ends, strict=True):
        yield QUOTED.sub(rb"\1", data[begin.end() : end])
