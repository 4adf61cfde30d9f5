from itertools import chain

import pytest

from ingest.access import Access
from ingest.record import Record
from ingest.scan import Root
from ingest.survey import Fate, Survey


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.txt", "a b.txt", "sub/c.txt"):
        (tmp_path / name).write_text(name)
    return tmp_path


def uris(survey):
    return [found.uri for some in survey.found() for found in some]


def record(uri, file=None):
    return Record("id", uri, file or uri, "v", "title", "hash", Access("default"), 1, "2026-01-01")


def test_what_is_met_on_several_ways_counts_once(tree):
    with Survey([Root.of(str(tree / name)) for name in ("", "sub", "b.txt")]) as survey:
        assert uris(survey) == [f"file://{tree}/{name}" for name in ("a b.txt", "b.txt", "sub/c.txt")]
        assert (len(survey), survey.odd, survey.unseen) == (3, [], [])


def test_files_are_remembered_with_path_and_stamp_however_many(tree, monkeypatch):
    monkeypatch.setattr("ingest.survey.PAGE", 2)
    with Survey([Root.of(str(tree))]) as survey:
        pages = list(survey.found())
    assert [len(page) for page in pages] == [2, 1]
    for found in chain(*pages):
        assert found.uri == found.path.as_uri().replace("%20", " ")
        assert found.stamp.startswith(f"{found.path.stat().st_size} ")


def test_two_files_with_one_uri_are_told_apart(tree):
    roots = [Root.of(str(tree), "https://x"), Root.of(str(tree / "sub"), "https://x")]
    (tree / "sub" / "b.txt").write_text("another b")
    with Survey(roots) as survey:
        told = f"{tree}/b.txt has this uri already; give each path its own --base"
        assert survey.odd == [("https://x/b.txt", told)]
        assert uris(survey).count("https://x/b.txt") == 1


def test_gone_is_what_was_not_kept_unless_its_file_stayed_or_could_not_be_looked_at(tree):
    with Survey([Root.of(str(tree))]) as survey:
        survey.unseen.append((f"file://{tree}/dark", "denied"))
        survey.settle(f"file://{tree}/a b.txt", Fate.WHOLE)
        survey.settle(f"file://{tree}/b.txt", Fate.READ)
        survey.keep(f"file://{tree}/b.txt")
        held = [("a b.txt!/1", "a b.txt"), ("b.txt", None), ("b.txt!/2", "b.txt"), ("sub/c.txt", None)]
        held += [("dark/d.txt", None), ("darker.txt", None)]
        records = [
            record(f"file://{tree}/{uri}", f"file://{tree}/{file}" if file else None) for uri, file in held
        ]
        gone = {one.uri.removeprefix(f"file://{tree}/"): fate for one, fate in survey.gone(records)}
    assert gone == {"b.txt!/2": Fate.READ, "sub/c.txt": Fate.NONE, "darker.txt": Fate.NONE}


def test_what_arrived_is_claimed_once(tree):
    with Survey([Root.of(str(tree))]) as survey:
        for uri in ("b", "a"):
            survey.arrive(uri, "same")
        assert [survey.claim("same") for _ in range(3)] == ["a", "b", None]
        assert survey.claim("other") is None
