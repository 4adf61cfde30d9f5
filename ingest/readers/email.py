"""E-mail: the header lines that people read, then the body; attachments are members."""

import email
import email.policy
import mimetypes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from pathlib import PurePath

from ingest.documents import Extract, Member
from ingest.errors import CorruptFile
from ingest.readers.draft import Draft, one_line
from ingest.readers.encoding import decode
from ingest.readers.html import add_html
from ingest.readers.members import Members
from ingest.readers.text import add_text

HEADERS = ("From", "To", "Cc", "Date", "Subject")
TYPICAL_HEADERS = (*HEADERS, "Received", "Message-ID", "MIME-Version", "Content-Type", "Return-Path")
MAX_MEMBERS = 1_000
# The parser of header values fails in these ways on what spam and broken mailers write.
HEADER_FAULTS = (LookupError, ValueError, AttributeError, TypeError, MessageError)


def read(data: bytes, name: str) -> Extract:
    """Read a message: its subject is the title. Of a plain and an HTML body the plain one is taken.

    Raises:
        CorruptFile: it has none of the headers of an e-mail, or a body that is not text.
        FileTooLarge: it has more than `MAX_MEMBERS` attachments.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not any(header in message for header in TYPICAL_HEADERS):
        raise CorruptFile("no e-mail: it has no headers", "check the file's type and name")
    draft = Draft()
    headers = {header: _header(message, header) for header in HEADERS}
    draft.block("\n".join(f"{header}: {value}" for header, value in headers.items() if value))
    bodies, attachments = _parts(message)
    _add_body(draft, bodies)
    title = headers["Subject"] or PurePath(name).stem
    return draft.extract(title, _members(attachments, len(data)), dated=_day(message))


def _header(message: EmailMessage, name: str) -> str:
    try:
        return one_line(str(message.get(name, "")))
    except HEADER_FAULTS:
        values = [value for key, value in message.raw_items() if key.lower() == name.lower()]
        return one_line(str(values[0])) if values else ""


def _parts(message: EmailMessage) -> tuple[list[Message], list[Message]]:
    """The text parts to show, and the attachments, in order."""
    bodies: list[Message] = []
    attachments: list[Message] = []
    stack: list[Message] = [message]
    while stack:
        part = stack.pop()
        kind = part.get_content_type()
        if kind == "message/rfc822" or _is_attachment(part):
            attachments.append(part)
        elif part.is_multipart():
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            stack.extend(reversed(_best(children) if kind == "multipart/alternative" else children))
        elif kind in {"text/plain", "text/html"}:
            bodies.append(part)
        else:
            attachments.append(part)
    return bodies, attachments


def _best(alternatives: list[Message]) -> list[Message]:
    """The plain version where it says something, else the last one, which is the richest."""
    plain = [part for part in alternatives if part.get_content_type() == "text/plain"]
    return plain[:1] if plain and _text(plain[0]).strip() else alternatives[-1:]


def _is_attachment(part: Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or bool(part.get_filename())
    except HEADER_FAULTS:
        return False


def _add_body(draft: Draft, bodies: list[Message]) -> None:
    for body in bodies:
        if body.get_content_type() == "text/html":
            add_html(draft, _text(body))
        else:
            add_text(draft, _text(body))


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return decode(payload, [part.get_content_charset()]) if isinstance(payload, bytes) else ""


def _members(attachments: list[Message], size: int) -> tuple[Member, ...]:
    members = Members(size, MAX_MEMBERS)
    for number, part in enumerate(attachments, start=1):
        members.add(_member_name(part, number), _content(part))
    return members.all()


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        forwarded = inner[0] if isinstance(inner, list) and inner else None
        try:
            return forwarded.as_bytes() if isinstance(forwarded, Message) else b""
        except HEADER_FAULTS:
            return b""  # listed as an empty member: nobody can put it together again
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _member_name(part: Message, number: int) -> str:
    """A plain file name: no folders, never empty."""
    try:
        given = part.get_filename() or ""
    except HEADER_FAULTS:
        given = ""
    name = given.replace("\\", "/").rsplit("/", 1)[-1].strip(". ")
    if not name.isprintable():
        name = "".join(character for character in name if character.isprintable())
    if not name:
        kind = part.get_content_type()
        suffix = ".eml" if kind == "message/rfc822" else mimetypes.guess_extension(kind) or ""
        name = f"part-{number}{suffix}"
    return name


def _day(message: EmailMessage) -> str | None:
    """The day in the header `Date`, as its sender's calendar had it."""
    try:
        return parsedate_to_datetime(_header(message, "Date")).date().isoformat()
    except HEADER_FAULTS:
        return None
