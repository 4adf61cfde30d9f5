import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.documents import Mark, Member
from ingest.errors import (
    CorruptFile,
    EncryptedFile,
    FileTooLarge,
    ReaderCrash,
    ReaderTimeout,
    UnreadableFile,
    UnsupportedFile,
)
from ingest.sandbox import Limits, Sandbox

READER = "tests.ingest.bad_readers"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(Limits(seconds=2.0, memory=1024**3, text=4_000), workers=2) as made:
        yield made


def read(sandbox, deed):
    return sandbox.read(READER, deed.encode(), "name")


@pytest.mark.parametrize(
    ("deed", "error", "words"),
    [
        ("hang", ReaderTimeout, "longer than 2 s"),
        ("die", ReaderCrash, "died"),
        ("swell", FileTooLarge, "1024 MiB of memory"),
        ("talk", FileTooLarge, "4000 characters"),
        ("recurse", CorruptFile, "nested too deeply"),
        ("secret", ReaderCrash, "ValueError"),
        ("empty", UnsupportedFile, "nothing to read"),
        ("encrypted", EncryptedFile, "locked: unlock it"),
        ("segfault", ReaderCrash, "died"),
        ("allocate", FileTooLarge, "1024 MiB of memory"),
        ("flood", ReaderTimeout, "longer than 2 s"),
        ("connect", ReaderCrash, "reach outside"),
        ("spawn", ReaderCrash, "reach outside"),
        ("write", ReaderCrash, "reach outside"),
        ("no such deed", ReaderCrash, "KeyError"),
    ],
)
def test_a_misbehaving_reader_costs_one_clear_error_and_the_next_file_is_read(sandbox, deed, error, words):
    with pytest.raises(error, match=words):
        read(sandbox, deed)
    assert read(sandbox, "chatter").text == "quiet"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's lock is Linux's")
def test_native_code_in_a_worker_gets_no_socket_from_the_kernel(sandbox):
    assert read(sandbox, "native socket").text == "-1"


def test_an_extract_comes_back_as_the_reader_made_it(sandbox):
    extract = read(sandbox, "echo")
    assert (extract.title, extract.text) == ("name", "t\ud800\U0001f600")
    assert extract.marks == (Mark(0, 1, "H\ud800"), Mark(2, page=3))
    assert extract.blocks == ((0, 1),)
    assert extract.members == (Member("m", b"\x00\xff"),)
    assert (extract.dated, extract.notes) == ("2024-05-17", ("a page is left out",))


def test_a_program_that_a_reader_started_ends_with_it(tmp_path):
    sleeper = tmp_path / "tesseract"  # the one name that may be started
    sleeper.symlink_to("/bin/sleep")
    with Sandbox() as made:
        program = Path("/proc") / made.read(READER, b"child", str(sleeper)).text / "stat"
        assert program.exists()
    ended = time.monotonic() + 5
    while program.exists() and program.read_text().split()[2] != "Z" and time.monotonic() < ended:
        time.sleep(0.01)
    assert not program.exists() or program.read_text().split()[2] == "Z"


def test_an_error_never_quotes_the_document(sandbox):
    with pytest.raises(UnreadableFile) as caught:
        read(sandbox, "secret")
    assert "salary" not in str(caught.value)


def test_a_worker_sees_nothing_of_our_environment(sandbox, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_SERVICE__KEY", "x")
    assert "PLUMBLINE_SERVICE__KEY" in os.environ
    assert "PLUMBLINE" not in read(sandbox, "environment").text


def test_a_worker_imports_no_model_library(sandbox):
    imported = set(read(sandbox, "imported").text.split())
    assert not imported & {"torch", "transformers", "qdrant_edge", "sqlalchemy", "pydantic"}


def test_a_worker_reads_many_files():
    with Sandbox() as sandbox:
        assert len({read(sandbox, "process").text for _ in range(5)}) == 1


def test_a_worker_below_a_large_parent_counts_as_small_all_the_same():
    ballast = bytearray(os.urandom(1 << 20) * 1_100)
    with Sandbox() as sandbox:
        assert len({read(sandbox, "process").text for _ in range(3)}) == 1
    assert len(ballast) > 2**30


def test_many_threads_may_read_at_once(sandbox):
    with ThreadPoolExecutor(8) as threads:
        texts = list(threads.map(lambda deed: read(sandbox, deed).text, ["chatter", "process"] * 10))
    assert texts[::2] == ["quiet"] * 10
    assert len(set(texts[1::2])) <= 2


def test_a_closed_sandbox_can_be_used_again():
    sandbox = Sandbox()
    first = read(sandbox, "process").text
    sandbox.close()
    second = read(sandbox, "process").text
    sandbox.close()
    assert first != second
