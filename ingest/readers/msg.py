"""Outlook messages (the only import of oxmsg): as an e-mail; attachments are members."""

import io
import struct
import zlib
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import PurePath

from oxmsg import Message

from ingest.documents import Extract
from ingest.errors import CorruptFile, UnsupportedFile
from ingest.readers.draft import Draft, one_line
from ingest.readers.html import add_html
from ingest.readers.members import Members
from ingest.readers.text import add_text

# How oxmsg and olefile, which it reads through, fail on damaged files.
DAMAGE = (
    *(OSError, ValueError, LookupError, AttributeError, TypeError, AssertionError),
    *(struct.error, zlib.error, HeaderParseError),
)


def read(data: bytes, name: str) -> Extract:
    """Read a message: the header lines that people read, then the plain body, or else the HTML one.

    A body in RTF alone is not read.

    Raises:
        CorruptFile: no readable Outlook message.
        FileTooLarge: too many attachments.
    """
    try:
        message = Message.load(io.BytesIO(data))
        return _extract(message, name, Members(len(data)))
    except DAMAGE as error:
        raise CorruptFile("not a readable Outlook message", "save it from Outlook again") from error


def _extract(message: Message, name: str, members: Members) -> Extract:
    subject = one_line(message.subject or "")
    day = message.sent_date.date().isoformat() if message.sent_date else None
    people = [_person(recipient.name, recipient.email_address) for recipient in message.recipients]
    headers = {
        "From": _person(*parseaddr(str(make_header(decode_header(message.sender or ""))))),
        "To": ", ".join(filter(None, people)),
        "Date": message.sent_date.isoformat(" ", "minutes") if message.sent_date else "",
        "Subject": subject,
    }
    draft = Draft()
    draft.block("\n".join(f"{header}: {value}" for header, value in headers.items() if value))
    if (message.body or "").strip():
        add_text(draft, message.body or "")
    else:
        add_html(draft, message.html_body or "")
    _take_attachments(message, members)
    return draft.extract(subject or PurePath(name).stem, members.all(), dated=day)


def _person(name: str, address: str) -> str:
    return one_line(f"{name} <{address}>" if name and address and name != address else name or address or "")


def _take_attachments(message: Message, members: Members) -> None:
    for number, attachment in enumerate(message.attachments, start=1):
        name = PurePath((attachment.file_name or f"part-{number}").replace("\\", "/")).name
        content = attachment.file_bytes
        if content is None:
            members.refuse(name, UnsupportedFile("a link, or a message in the message: not read"))
        else:
            members.add(name, content)
