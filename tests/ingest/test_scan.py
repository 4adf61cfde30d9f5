import os
from pathlib import Path

import pytest

from ingest.errors import NoSuchPath
from ingest.globs import Globs
from ingest.scan import Found, Passed, Root, scan


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "root"
    (root / "sub" / ".git").mkdir(parents=True)
    for name in ("b.txt", "a b.txt", "sub/c.txt", ".hidden", "sub/.git/config", ".plumbline.yaml"):
        (root / name).write_text(name)
    return root


def names(root):
    return [found.uri for found in scan(Root.of(str(root))) if isinstance(found, Found)]


def passed(root):
    return [met for met in scan(Root.of(str(root))) if isinstance(met, Passed)]


def test_every_visible_file_is_met_once_in_a_fixed_order(tree):
    wanted = [f"file://{tree}/a b.txt", f"file://{tree}/b.txt", f"file://{tree}/sub/c.txt"]
    assert names(tree) == wanted


def test_a_single_file_is_a_root(tree):
    assert names(tree / "b.txt") == [f"file://{tree}/b.txt"]


@pytest.mark.parametrize(
    ("path", "base", "uri"),
    [
        ("root", "https://x/y/", "https://x/y/sub/c.txt"),
        ("root", "https://x", "https://x/sub/c.txt"),
        ("root/sub/c.txt", "https://x/y", "https://x/y/c.txt"),
    ],
)
def test_a_base_stands_for_the_path(tree, path, base, uri):
    root = Root.of(str(tree.parent / path), base)
    assert uri in [found.uri for found in scan(root)]


def test_relative_paths_become_absolute(tree, monkeypatch):
    monkeypatch.chdir(tree)
    assert Root.of("sub/../b.txt").uri == f"file://{tree}/b.txt"


def test_a_missing_path_is_an_error(tmp_path):
    with pytest.raises(NoSuchPath, match="mounted"):
        Root.of(str(tmp_path / "nowhere"))


def test_links_lead_out_but_never_in_circles(tree, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "d.txt").write_text("d")
    (tree / "away").symlink_to(outside)
    (tree / "loop").symlink_to(tree)
    (tree / "up").symlink_to(tmp_path)
    (tree / "twin.txt").symlink_to(tree / "b.txt")
    (outside / "back").symlink_to(tree)
    assert [uri.removeprefix(f"file://{tree}/") for uri in names(tree)] == [
        "a b.txt",
        "b.txt",
        "away/d.txt",
        "sub/c.txt",
    ]


def test_a_broken_link_is_reported(tree):
    (tree / "gone.txt").symlink_to(tree.parent / "nowhere")
    [met] = passed(tree)
    assert (met.uri, met.unseen) == (f"file://{tree}/gone.txt", True)


def test_what_is_no_regular_file_is_skipped(tree):
    os.mkfifo(tree / "pipe.txt")
    assert passed(tree) == [Passed(f"file://{tree}/pipe.txt", "not a regular file", unseen=False)]


def test_the_stamp_changes_with_the_file(tree):
    def stamp():
        return next(scan(Root.of(str(tree / "b.txt")))).stamp

    before = stamp()
    assert stamp() == before
    Path(tree / "b.txt").write_text("other")
    assert stamp() != before


def test_only_what_is_meant_is_met(tree):
    def met(root, **patterns):
        return [found.uri.rpartition("/")[2] for found in scan(Root.of(str(root)), Globs.of(**patterns))]

    assert met(tree, exclude=["sub/"]) == ["a b.txt", "b.txt"]
    assert met(tree, include=["/b.txt", "c.*"]) == ["b.txt", "c.txt"]
    assert met(tree / "b.txt", exclude=["b.*"]) == []


def test_a_root_holds_what_is_below_it_and_nothing_beside():
    root = Root(Path("/a"), "file:///a")
    assert root.holds("file:///a/b")
    assert root.holds("file:///a")
    assert not root.holds("file:///ab")


def test_a_name_that_is_not_utf_8_is_one_failure_and_stops_nothing(tree):
    (tree / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    (tree / os.fsdecode(b"dir\xe9")).mkdir()
    (tree / os.fsdecode(b"dir\xe9") / "d.txt").write_text("d")
    assert len(names(tree)) == 3
    assert passed(tree) == [
        Passed(f"file://{tree}/caf\\udce9.txt", "the name is not valid UTF-8: rename it", unseen=True),
        Passed(f"file://{tree}/dir\\udce9", "the name is not valid UTF-8: rename it", unseen=True),
    ]
