import json
import socket
import tarfile
import threading

import pytest

from ingest.access import Access
from ingest.folder import Properties
from ingest.formats import BY_SUFFIX, TEXT, Format, detect
from ingest.load import Loader
from ingest.order import Order, Tools
from ingest.sandbox import Limits
from ingest.scan import Root
from ingest.screen import NO_SCREENS
from ingest.sync import sync
from tests.ingest import hostile, samples

BAD = Format("bad", "tests.ingest.bad_readers", (".bad",), ("x/bad",))
SECRET = "the launch code"
DEEP = 100_000
CODE = b"class Open:\n    pass\n"

# What a file does, its bytes, and words of the one error that it costs.
ATTACKS = {
    "ratio.zip": (lambda: hostile.zipped({"zeros.txt": bytes(120 << 20)}), "far more than its size"),
    "overlapping.zip": (hostile.overlapping_bomb, "far more than its size"),
    "bomb.txt.gz": (hostile.lying_gzip, "far more than its size"),
    "laughs.xml": (hostile.laughs, "a bomb of entities"),
    "laughs.docx": (hostile.laughing_word, "Word document"),
    "pages.pdf": (hostile.long_pdf, "10000 pages, more than 5000"),
    "deep.json": (lambda: b"[" * DEEP + b"]" * DEEP, "nested more than"),
    "deep.xml": (lambda: b"<a>" * DEEP + b"</a>" * DEEP, "nested too deeply"),
    "cut.pdf": (lambda: samples.pdf()[:2000], "cut off"),
    "cut.docx": (lambda: samples.word()[:-200], "not a readable Word document"),
    "cut.zip": (lambda: hostile.zipped({"a.txt": b"words"})[:-30], "not a readable ZIP archive"),
    "cut.tar": (lambda: hostile.tarred([("a.txt", b"words" * 999)])[:1500], "not a readable tar archive"),
    "cut.json": (lambda: b'{"a": [1, 2', "not readable JSON"),
    "cut.xml": (lambda: b"<a><b>words", "not well-formed, or cut off"),
    "cut.ipynb": (lambda: b'{"cells": [', "not a readable notebook"),
    "locked.pdf": (lambda: samples.pdf("secret"), "password"),
    "crash.bad": (lambda: b"segfault", "died"),
    "sleep.bad": (lambda: b"hang", "longer than"),
    "swell.bad": (lambda: b"allocate", "of memory"),
    "flood.bad": (lambda: b"flood", "longer than"),
}


@pytest.fixture
def strict(library, monkeypatch):
    monkeypatch.setitem(BY_SUFFIX, ".bad", BAD)
    with Loader(Limits(seconds=4.0, memory=1024**3), workers=2) as loader:
        yield Tools(library, loader, NO_SCREENS)


def reported(outcomes):
    return {uri.rsplit("/", 1)[-1]: str(reason) for uri, reason in outcomes}


def test_in_one_sync_each_hostile_file_costs_itself_one_clear_error(strict, folder):
    for name, (make, _) in ATTACKS.items():
        (folder / name).write_bytes(make())
    for number, (name, data) in enumerate(samples.FILES.items()):
        (folder / f"good-{number}-{name}").write_bytes(data)
    (folder / "zz-good.zip").write_bytes(hostile.zipped({"in/open.py": CODE}))
    report = sync(strict, Order((Root.of(str(folder)),), Properties(Access.of("default", ()))))
    found = reported(report.failed) | reported(report.skipped)
    assert {name: words for name, (_, words) in ATTACKS.items() if words not in found.get(name, "")} == {}
    assert set(found) == set(ATTACKS)
    assert report.added == len(samples.FILES) + 1


@pytest.fixture
def ear():
    """A web server's ear: the requests that anything made to it, and its address."""
    heard = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            heard.append(connection.recv(1000))
            connection.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield heard, f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def linking(url):
    """Files that refer to `url`, each in its format's ways."""
    page = (
        f'<html><head><link rel="stylesheet" href="{url}"><script src="{url}"></script><base href="{url}">'
        f'<meta http-equiv="refresh" content="0;url={url}"></head><body>Linked words.<img src="{url}">'
        f'<iframe src="{url}"></iframe><object data="{url}"></object></body></html>'
    )
    cell = {"cell_type": "markdown", "source": f"Linked words. ![x]({url})"}
    return {
        "page.html": page.encode(),
        "note.md": f"Linked words. ![x]({url}) {page}".encode(),
        "mail.eml": f"Subject: Linked words.\nContent-Type: text/html\n\n{page}".encode(),
        "book.ipynb": json.dumps({"cells": [cell]}).encode(),
        "word.docx": hostile.linked_word(url),
        "open.odt": hostile.linked_odt(url),
        "entity.xml": hostile.entity(url),
        "outer.xml": hostile.outer_dtd(url),
        "doc.rst": f"Linked words.\n\n.. include:: {url}\n\n.. raw:: html\n   :url: {url}\n\n"
        f".. csv-table:: x\n   :url: {url}\n\n.. image:: {url}\n".encode(),
        "doc.adoc": f"Linked words.\n\ninclude::{url}[]\n\nimage::{url}[]\n".encode(),
        "paper.tex": f"Linked words. \\input{{{url}}} \\includegraphics{{{url}}}".encode(),
    }


@pytest.fixture(scope="module")
def loader():
    with Loader() as made:
        yield made


def test_nothing_in_a_document_makes_us_fetch_anything(loader, ear):
    heard, url = ear
    unread = {}
    for name, data in linking(url).items():
        if name.rpartition(".")[1:][1] == "odt" and ".odt" not in BY_SUFFIX:
            continue
        text = loader.load(data, name).parts[0].extract.text
        if "Linked words" not in text:
            unread[name] = text
    assert unread == {}
    assert heard == []


def test_no_file_is_read_into_a_document(loader, tmp_path):
    (tmp_path / "secret.txt").write_text(SECRET)
    path = str(tmp_path / "secret.txt")
    texts = [
        part.extract.text
        for target in (path, f"file://{path}")
        for name, data in linking(target).items()
        if not name.endswith(".odt") or ".odt" in BY_SUFFIX
        for part in loader.load(data, name).parts
    ]
    assert any("Linked words" in text for text in texts)
    assert not any(SECRET in text for text in texts)


@pytest.mark.parametrize(
    ("make", "read", "refused"),
    [
        (
            lambda: hostile.tarred(
                [
                    ("../../etc/cron.d/x.txt", b"up"),
                    ("/abs/y.txt", b"absolute"),
                    hostile.special("link.txt", tarfile.SYMTYPE, "/etc/passwd"),
                    hostile.special("hard.txt", tarfile.LNKTYPE, "/etc/passwd"),
                    hostile.special("disk", tarfile.BLKTYPE),
                    hostile.special("pipe", tarfile.FIFOTYPE),
                ]
            ),
            ["etc/cron.d/x.txt", "abs/y.txt"],
            {"link.txt": "a link", "hard.txt": "a link", "disk": "no regular", "pipe": "no regular"},
        ),
        (hostile.locked_zip, ["open.txt"], {"locked.txt": "password"}),
        (
            lambda: hostile.zipped(
                {"../up.txt": "a", "C:\\x\\..\\y.txt": "b", "a!/b.txt": "c", ".git/c.txt": "d"}
            ),
            ["up.txt", "x/y.txt", "a/b.txt"],
            {},
        ),
    ],
)
def test_members_names_are_harmless_and_what_cannot_be_taken_out_is_reported(loader, make, read, refused):
    loaded = loader.load(make(), "x.tar" if "link.txt" in refused else "x.zip")
    assert [part.member for part in loaded.parts] == read
    assert {one.member: str(one.error) for one in loaded.rejected}.keys() == refused.keys()
    assert all(refused[one.member] in str(one.error) for one in loaded.rejected)


@pytest.mark.parametrize("line", [b" " * 12 + b"x\n", b"A: b\n", b"A: b\n" + b" \t" * 6 + b"\n", b" " * 60])
def test_to_look_at_a_text_takes_no_time_worth_mentioning(line):
    """It happens in the server's own process: what once took longer than the universe would end no test."""
    assert detect(b"A: b\n" * 3 + line * 300 + b"!!", "a.txt") is TEXT


def test_archives_in_archives_end_at_one_allowance(monkeypatch):
    monkeypatch.setattr("ingest.load.MAX_MEMBERS", 40)
    with Loader() as loader:
        loaded = loader.load(hostile.nested_bomb(4, 4), "bomb.zip")
    reasons = {str(one.error).partition(":")[0] for one in loaded.rejected}
    assert len(loaded.parts) + len(loaded.rejected) < 200
    assert reasons == {"too much in one file, all its files in files together"}


def test_archives_in_archives_end_somewhere(loader):
    loaded = loader.load(hostile.nested_bomb(8, 1), "bomb.zip")
    [rejected] = loaded.rejected
    assert loaded.parts == ()
    assert "more than 5 deep" in str(rejected.error)
