import pytest

from ingest.documents import Member
from ingest.errors import CorruptFile, UnsupportedFile
from ingest.readers.msg import read
from tests.ingest import ole


def test_an_outlook_message_reads_like_an_e_mail():
    extract = read(ole.message("Leave", "Sixteen weeks.\n"), "x.msg")
    assert extract.title == "Leave"
    assert extract.dated == "2026-03-02"
    assert extract.text == (
        "From: Ann <ann@example.com>\nTo: Bob <bob@example.com>\nDate: 2026-03-02 09:00+00:00\n"
        "Subject: Leave\n\nSixteen weeks."
    )


def test_an_html_body_is_read_where_the_plain_one_says_nothing():
    assert read(ole.message("s", " ", html=b"<p>rich<script>evil()</script>"), "x.msg").text.endswith(
        "\n\nrich"
    )


def test_attachments_are_members_and_what_is_no_file_is_refused():
    members = read(ole.message("s", "b", [("..\\a.txt", b"x" * 200), ("inner.msg", None)]), "x.msg").members
    assert members[0] == Member("a.txt", b"x" * 200)
    assert members[1].name == "inner.msg"
    assert isinstance(members[1].refusal, UnsupportedFile)


@pytest.mark.parametrize("data", [b"", b"words", ole.message("s", "b")[:900], ole.compound({"x": b"y"})])
def test_what_is_no_message_is_a_clear_error(data):
    with pytest.raises(CorruptFile, match="not a readable Outlook message"):
        read(data, "x.msg")
