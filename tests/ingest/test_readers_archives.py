import bz2
import gzip
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import CorruptFile, EmptyFile, EncryptedFile, FileTooLarge, UnsupportedFile
from ingest.readers import compressed, tar
from ingest.readers import zip as zipped
from ingest.readers.members import LONGEST_NAME, Members, is_hidden, safe_name
from tests.ingest import hostile

FILES = {"a.txt": b"one", "in/b.md": b"two"}
TAR = hostile.tarred(FILES.items())


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (zipped.read, hostile.zipped(FILES)),
        (tar.read, TAR),
        (compressed.read, gzip.compress(TAR)),
        (compressed.read, bz2.compress(TAR)),
        (compressed.read, lzma.compress(TAR)),
    ],
)
def test_files_are_members_with_their_paths(read, data):
    extract = read(data, "x")
    assert {member.name: member.data for member in extract.members} == FILES
    assert extract.text == ""


@pytest.mark.parametrize(
    ("name", "inner"),
    [("notes.txt.gz", "notes.txt"), ("x.tgz", "x.tar"), ("X.GZ", "X"), ("download", "download (unpacked)")],
)
def test_a_compressed_file_is_one_member_by_its_own_name(name, inner):
    [member] = compressed.read(gzip.compress(b"words"), name).members
    assert (member.name, member.data) == (inner, b"words")


@pytest.mark.parametrize(
    ("read", "data", "error"),
    [
        (zipped.read, b"PK\x03\x04", CorruptFile),
        (zipped.read, hostile.zipped({}), EmptyFile),
        (zipped.read, hostile.zipped({".hidden": b"x", "__MACOSX/a.txt": b"x"}), EmptyFile),
        (zipped.read, hostile.overlapping_bomb(), FileTooLarge),
        (tar.read, b"words" * 999, CorruptFile),
        (tar.read, hostile.tarred([]), EmptyFile),
        (compressed.read, gzip.compress(b"words")[:-9], CorruptFile),
        (compressed.read, lzma.compress(b"words" * 99)[:-20], CorruptFile),
        (compressed.read, bz2.compress(b"words" * 99)[:-9], CorruptFile),
        (compressed.read, gzip.compress(b""), EmptyFile),
        (compressed.read, gzip.compress(bytes(40 << 20)), FileTooLarge),
    ],
)
def test_what_cannot_be_unpacked_is_a_clear_error(read, data, error):
    with pytest.raises(error):
        read(data, "x")


def test_a_locked_or_damaged_member_costs_itself_only():
    damaged = hostile.zipped({"bad.txt": b"words" * 99, "good.txt": b"words"}).replace(
        b"bad.txt", b"BAD.txt", 1
    )
    for data, error in ((hostile.locked_zip(), EncryptedFile), (damaged, CorruptFile)):
        refused, read = zipped.read(data, "x").members
        assert isinstance(refused.refusal, error)
        assert read.refusal is None
        assert read.data


def test_links_are_refused():
    [member] = tar.read(hostile.tarred([hostile.special("a", b"2", "/etc/passwd")]), "x").members
    assert isinstance(member.refusal, UnsupportedFile)
    assert member.data == b""


def test_too_many_members_are_a_clear_error():
    members = Members(10, most=2)
    members.add("a", b"")
    members.add("a", b"")
    with pytest.raises(FileTooLarge, match="more than 2 files"):
        members.add("b", b"")
    assert [member.name for member in members.all()] == ["a", "a (2)"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("C:\\Users\\x.txt", "Users/x.txt"),
        ("/abs//x.txt", "abs/x.txt"),
        ("a!/b", "a/b"),
        ("...", "unnamed"),
        ("a\x00\u202eb.txt", "ab.txt"),
        ("", "unnamed"),
        ("Report v1.2 (final).txt", "Report v1.2 (final).txt"),
    ],
)
def test_names_become_harmless(given, name):
    assert safe_name(given) == name


@given(st.text())
def test_any_name_stays_below_its_container(given):
    name = safe_name(given)
    parts = name.split("/")
    assert name.isprintable()
    assert 0 < len(name) <= LONGEST_NAME
    assert not name.startswith("/")
    assert not {"", ".", ".."} & set(parts)
    assert "!/" not in f"{name}/"
    assert safe_name(name) == name


@given(st.lists(st.text(alphabet="ab./\\!", max_size=6), max_size=8))
def test_any_names_become_different_ones(names):
    members = Members(10)
    for name in names:
        members.add(name, b"")
    assert len({member.name for member in members.all()}) == len(names)


@pytest.mark.parametrize(
    ("name", "hidden"), [(".git/x", True), ("a/.b", True), ("__MACOSX/x", True), ("a.b", False)]
)
def test_what_a_folder_would_not_show_is_hidden(name, hidden):
    assert is_hidden(name) is hidden
