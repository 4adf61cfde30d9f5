import pytest

from ingest.errors import CorruptFile
from ingest.readers.mbox import read

BOX = (
    b"From ann Mon Jan  1 00:00:00 2026\nMessage-ID: <1@x.org>\nSubject: One\n\n>From here on\n\n"
    b"From bob Mon Jan  1 00:00:00 2026\nSubject: Two\n\nSecond\n\nFrom the heart, a line in the text\n"
)


def test_messages_are_members_called_by_their_identity():
    members = read(BOX, "x.mbox").members
    assert [member.name for member in members][:2] == ["1@x.org.eml", "message-2.eml"]
    assert members[0].data == b"Message-ID: <1@x.org>\nSubject: One\n\nFrom here on\n"


def test_a_line_of_the_text_that_begins_with_from_parts_nothing():
    assert len(read(BOX, "x.mbox").members) == 2


def test_what_is_no_mailbox_is_a_clear_error():
    with pytest.raises(CorruptFile, match="no mailbox"):
        read(b"Subject: x\n\ny", "x.mbox")
