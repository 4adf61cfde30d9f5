import importlib
import io
import random
import zipfile
from email.message import EmailMessage

import pytest

from ingest.errors import (
    CorruptFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    IngestError,
    NoTextFound,
    ReaderTimeout,
    UnreadableFile,
    UnsupportedFile,
)
from ingest.formats import BY_NAME, FORMATS, HTML, MARKDOWN, PDF, TEXT, WORD, detect
from ingest.load import Loader
from ingest.sandbox import Limits
from tests.ingest import samples

EMAIL = BY_NAME["e-mail"]
GIF = b"GIF89a" + b"\x00\x01\x02" * 50
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
LOCKED_OFFICE = (
    OLD_OFFICE + "EncryptedPackage".encode("utf-16-le").ljust(64, b"\x00") + b"\x22" + b"\x00" * 63
)


def mail(subject="Outer"):
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "ann@example.com"
    message.set_content("the body")
    return message


def archive(**members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return target.getvalue()


@pytest.fixture(scope="module")
def loader():
    with Loader() as made:
        yield made


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_every_row_of_the_table_names_a_reader(kind):
    assert callable(importlib.import_module(kind.reader).read)
    assert kind.suffixes
    assert kind.media_types


@pytest.mark.parametrize("name", samples.FILES)
def test_every_format_is_loaded_with_its_words(loader, name):
    loaded = loader.load(samples.FILES[name], name)
    [part] = loaded.parts
    assert part.member == ""
    assert part.extract.title in {samples.TITLE, "policy"}
    assert "Basic" in part.extract.text or "sixteen weeks" in part.extract.text
    assert loaded.rejected == ()


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (samples.pdf(), "report.docx", PDF),
        (samples.pdf(), "report", PDF),
        (samples.pdf(), "report.txt", PDF),
        (b"\r\n" + samples.pdf(), "report.pdf", PDF),
        (samples.word(), "report.pdf", WORD),
        (samples.word(), "report", WORD),
        (samples.html(), "page.txt", HTML),
        (b"  <!DOCTYPE html><p>x", "page.md", HTML),
        (b"# PDF files begin with %PDF-1.7", "note.md", MARKDOWN),
        (b"x", "NOTE.MD", MARKDOWN),
        (b"words", "README", TEXT),
        (b'{"level": "info"}\n{"level": "warn"}\n', "service.log", BY_NAME["JSON"]),
        (b'[["a wiki link"]', "note.md", MARKDOWN),
        (b"<?xml version='1.0'?><a>x</a>", "data.txt", BY_NAME["XML"]),
        (b"<?xml version='1.0'?>\n<html><p>x", "page.xhtml", HTML),
        (b"From ann@example.com Mon Jan  1 00:00:00 2026\nSubject: x\n\ny", "inbox", BY_NAME["mbox"]),
        (archive(**{"a.txt": "b"}), "download", BY_NAME["ZIP archive"]),
        (archive(**{"word/document.xml": "b"}), "report.zip", WORD),
        (archive(**{"inner.docx": samples.word()}), "files.zip", BY_NAME["ZIP archive"]),
        (b"From: me, with love\n\nwords", "note.txt", TEXT),
        (b"{braces} open a line\n", "note.txt", TEXT),
        (mail().as_bytes(), "saved.txt", EMAIL),
    ],
)
def test_content_that_names_itself_wins_over_the_name(data, name, kind):
    assert detect(data, name) is kind


@pytest.mark.parametrize(
    ("data", "name", "error", "words"),
    [
        (b"", "empty.md", EmptyFile, "empty"),
        (b" \n\t ", "blank.txt", EmptyFile, "empty"),
        (b"\xef\xbb\xbf", "mark.txt", EmptyFile, "empty"),
        (b"", "empty.xyz", EmptyFile, "empty"),
        (b"<!-- nothing -->", "page.html", EmptyFile, "no text"),
        (b"x", "file.xyz", UnsupportedFile, r"no reader for \.xyz files"),
        (bytes(range(256)), "core", UnsupportedFile, "without a suffix"),
        (
            b"SQLite format 3\0" + bytes(200),
            "state.db",
            UnsupportedFile,
            r"no reader for \.db .*SQLite",
        ),
        (archive(a="b"), "book.cbz", UnsupportedFile, r"no reader for \.cbz files .*a ZIP archive"),
        (GIF, "picture.md", CorruptFile, "named as Markdown, but the content is a GIF image"),
        (GIF, "picture.pdf", CorruptFile, "named as PDF, but the content is a GIF image"),
        (GIF, "picture.eml", CorruptFile, "named as e-mail, but the content is a GIF image"),
        (bytes(range(256)) * 4, "noise.csv", CorruptFile, "binary content"),
        (bytes(range(256)) * 4, "noise.html", CorruptFile, "binary content"),
        (b"plain words", "report.pdf", CorruptFile, "the content is not PDF"),
        (b"plain words", "report.docx", CorruptFile, "the content is not Word"),
        (b"plain words", "report.eml", CorruptFile, "no headers"),
        (archive(a="b"), "report.docx", CorruptFile, "named as Word, but the content is a ZIP archive"),
        (OLD_OFFICE, "report.docx", CorruptFile, "an old Office file"),
        (LOCKED_OFFICE, "report.docx", EncryptedFile, "password"),
        (samples.pdf("secret"), "report.pdf", EncryptedFile, "password"),
        (samples.pdf()[:2000], "report.pdf", CorruptFile, "cut off"),
        (samples.word()[:-200], "report.docx", CorruptFile, "not a readable Word document"),
        (samples.drawing(), "scan.pdf", NoTextFound, "OCR"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(loader, data, name, error, words):
    with pytest.raises(error, match=words):
        loader.load(data, name)


@pytest.mark.parametrize(
    ("data", "name", "text"),
    [
        (b"caf\xe9 cr\xe8me", "menu.txt", "café crème"),
        ("Prämie".encode("utf-16"), "note.md", "Prämie"),
        (
            b"caf\xc3\xa9s, na\xc3\xafve, r\xc3\xa9sum\xc3\xa9 and one bad byte: \xff",
            "note.txt",
            "bad byte: \ufffd",
        ),
        (b"a,b\r\n1,\xe9", "t.csv", "a: 1; b: é"),
    ],
)
def test_invalid_utf8_loses_no_words(loader, data, name, text):
    assert text in loader.load(data, name).parts[0].extract.text


def test_a_huge_file_is_a_clear_error():
    with Loader(max_bytes=1024) as loader, pytest.raises(FileTooLarge, match=r"0\.0 MiB.*split it"):
        loader.load(b"x" * 1025, "huge.txt")


def test_a_file_that_unpacks_to_too_much_text_is_a_clear_error():
    with Loader(Limits(text=100)) as loader, pytest.raises(FileTooLarge, match="100 characters"):
        loader.load(samples.markdown(), "policy.md")


def test_a_slow_file_is_a_clear_error_and_the_next_is_read():
    with Loader(Limits(seconds=0.001)) as loader, pytest.raises(ReaderTimeout, match=r"0\.001 s"):
        loader.load(samples.pdf(), "policy.pdf")
    with Loader() as loader:
        assert loader.load(samples.pdf(), "policy.pdf").parts


def damaged(data, seed):
    """A copy with some bytes changed, and every third one cut off."""
    chance = random.Random(seed)  # noqa: S311  # damage that can be repeated, no secret
    copy = bytearray(data)
    for _ in range(chance.choice([1, 5, 50])):
        copy[chance.randrange(len(copy))] = chance.randrange(256)
    return bytes(copy[: chance.randrange(len(copy))] if seed % 3 == 0 else copy)


@pytest.mark.parametrize("name", samples.FILES)
def test_a_damaged_file_is_read_or_a_clear_error_and_the_next_is_read(loader, name):
    outcomes = []
    for seed in range(20):
        try:
            outcomes.append(loader.load(damaged(samples.FILES[name], seed), name).parts[0].extract.text)
        except IngestError as error:
            outcomes.append(str(error))
    assert all(outcomes)
    assert loader.load(samples.FILES[name], name).parts


def test_attachments_become_further_parts_and_bad_ones_are_reported_alone(loader):
    inner = mail("Inner")
    inner.add_attachment(b"| A |\n|---|\n| 1 |", maintype="text", subtype="markdown", filename="table.md")
    outer = mail()
    outer.add_attachment(samples.pdf(), maintype="application", subtype="pdf", filename="policy.pdf")
    outer.add_attachment(GIF, maintype="image", subtype="gif", filename="logo.gif")
    outer.add_attachment(samples.pdf("x"), maintype="application", subtype="pdf", filename="locked.pdf")
    outer.add_attachment(b"", maintype="text", subtype="plain", filename="empty.txt")
    outer.add_attachment(inner, filename="inner.eml")
    loaded = loader.load(outer.as_bytes(), "outer.eml")
    assert [part.member for part in loaded.parts] == ["", "policy.pdf", "inner.eml", "inner.eml!/table.md"]
    assert loaded.parts[3].extract.text == "A: 1"
    assert all(part.extract.members == () for part in loaded.parts)
    assert [(one.member, type(one.error)) for one in loaded.rejected] == [
        ("logo.gif", UnsupportedFile),
        ("locked.pdf", EncryptedFile),
        ("empty.txt", EmptyFile),
    ]


def test_mails_in_mails_end_somewhere(loader):
    message = mail("innermost")
    for _ in range(12):
        wrapper = mail()
        wrapper.add_attachment(message, filename="m.eml")
        message = wrapper
    loaded = loader.load(message.as_bytes(), "outer.eml")
    assert len(loaded.parts) == 6
    [rejected] = loaded.rejected
    assert isinstance(rejected.error, FileTooLarge)


def test_one_bad_file_never_stops_the_others(loader):
    outcomes = []
    for name, data in [*samples.FILES.items(), ("bad.pdf", b"%PDF-"), *samples.FILES.items()]:
        try:
            outcomes.append(len(loader.load(data, name).parts))
        except UnreadableFile:
            outcomes.append(0)
    assert outcomes == [1] * 7 + [0] + [1] * 7
