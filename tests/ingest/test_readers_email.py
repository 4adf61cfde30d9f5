from email.message import EmailMessage

import pytest

from ingest.errors import CorruptFile
from ingest.readers.email import read
from tests.ingest import samples


def message(**headers):
    made = EmailMessage()
    for name, value in headers.items():
        made[name] = value
    return made


def test_headers_that_people_read_come_first_and_the_subject_is_the_title():
    extract = read(samples.mail(), "mail.eml")
    assert extract.title == samples.TITLE
    assert extract.text.startswith(
        "From: Ann <ann@example.com>\nTo: Bob <bob@example.com>\n"
        "Date: Mon, 02 Mar 2026 09:00:00 +0000\nSubject: Leave policy\n\nWho it is for."
    )


def test_the_plain_body_is_preferred_to_the_html_one():
    mail = message(Subject="s")
    mail.set_content("plain words")
    mail.add_alternative("<p>rich words</p>", subtype="html")
    assert read(mail.as_bytes(), "m.eml").text == "Subject: s\n\nplain words"


@pytest.mark.parametrize("plain", ["", " \n"])
def test_an_html_body_is_read_where_the_plain_one_says_nothing(plain):
    mail = message(Subject="s")
    mail.set_content(plain)
    mail.add_alternative("<p>rich</p><p style='display:none'>evil</p>", subtype="html")
    assert read(mail.as_bytes(), "m.eml").text == "Subject: s\n\nrich"


def test_an_encoded_subject_is_decoded():
    assert read(b"Subject: =?utf-8?q?Pr=C3=A4mien?=\n\nbody", "m.eml").title == "Prämien"


def test_attachments_are_members_with_plain_and_different_names():
    mail = message(Subject="s")
    mail.set_content("body")
    for name in ("a.txt", "a.txt", "../../etc/pass\x00wd.txt", "..\\c.txt"):
        mail.add_attachment(b"x", maintype="text", subtype="plain", filename=name)
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf")
    inner = message(Subject="inner")
    inner.set_content("inner body")
    mail.add_attachment(inner)
    members = read(mail.as_bytes(), "m.eml").members
    names = [member.name for member in members]
    assert names == ["a.txt", "a (2).txt", "passwd.txt", "c.txt", "part-5.pdf", "part-6.eml"]
    assert members[0].data == b"x"
    assert b"inner body" in members[5].data


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: s\nFrom: =?nonsense\nDate: yesterday\nTo: <<>>,,;\n\nbody",
        b"Subject: s\nContent-Type: text/plain; charset=no-such\n\nbody",
        b"Subject: s\nContent-Type: multipart/mixed\n\nbody",
        b"Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nbody",
        b"Subject: s\nContent-Transfer-Encoding: base64\n\nYm9keQ",
        b"Subject: s\nContent-Type: ;;;\n\nbody",
        b"Subject: s\nContent-Disposition: attachment; filename*=x'y\n\nbody",
    ],
)
def test_broken_messages_are_read_as_far_as_they_go(raw):
    extract = read(raw, "m.eml")
    assert extract.title == "s"
    assert "body" in extract.text or extract.members


def test_no_headers_is_a_clear_error():
    with pytest.raises(CorruptFile, match="no headers"):
        read(b"just some words\n", "m.eml")


@pytest.mark.parametrize(
    ("date", "dated"),
    [
        ("Mon, 02 Mar 2026 23:30:00 -0800", "2026-03-02"),
        ("yesterday", None),
        ("Mon, 99 Mar 2026 23:30:00 -0800", None),
        ("", None),
    ],
)
def test_a_message_is_of_the_day_of_its_sender(date, dated):
    assert read(f"Subject: s\nDate: {date}\n\nbody".encode(), "m.eml").dated == dated
