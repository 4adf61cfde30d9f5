import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.access import Access, Principal
from ingest.catalog import Catalog
from ingest.chunk import Sizes, chunk
from ingest.commands import run
from ingest.copies import Copies
from ingest.documents import Extract
from ingest.edition import Edition, document, version
from ingest.folder import Properties
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.memory import MemoryStore
from ingest.settings import sqlite_url
from ingest.store import Mode, embedded_text
from ingest.where import Where
from tests.postgres import BOTH

ADMIN = Principal.administrator()
BY_GROUPS = {name: Principal("default", name or "none", frozenset(name)) for name in ("", "a", "b", "ab")} | {
    "all": ADMIN
}
SAME = "words that stand in several places\n"


def edition(name, text, groups=(), title="Title", **properties):
    made = document(
        f"f://{name}", Extract(title, text), Properties(Access.of("default", groups), **properties), ()
    )
    return Edition(made, made.uri, version(made, made.uri, ""), tuple(chunk(made, Sizes())))


def publish(library, *editions):
    texts = [embedded_text(point) for each in editions for point in each.points()]
    return library.publish(editions, library.embedder.encode(texts))


def remove(library, *names):
    records = [each for name in names for each in library.catalog.held_in(ADMIN, f"f://{name}")]
    library.remove(ADMIN, records)


def found(library, principal=ADMIN):
    """The texts of the passages that are found, as often as they are."""
    hits = library.search(principal, "words", 1000, Mode.DENSE)
    for hit in hits:
        assert library.document(principal, hit.document_id).text[hit.start : hit.end] == hit.text
    return sorted(hit.text for hit in hits)


def where(library):
    return [hit.uri for hit in library.search(ADMIN, "words", 1000, Mode.DENSE)]


def pairs(library):
    return list(library.catalog.copies.below(ADMIN, "f://"))


@BOTH
def test_of_twins_one_is_indexed_and_all_are_listed(library):
    folded = publish(library, edition("one", SAME), edition("two", SAME), edition("other", "other words\n"))
    assert folded == {edition("two", SAME).document.document_id}
    assert found(library) == ["other words", SAME.strip()]
    assert pairs(library) == [("f://two", "f://one")]
    assert [record.chunks for record in library.documents(ADMIN).records] == [1, 1, 0]


@BOTH
@pytest.mark.parametrize("how", ["removed", "changed"])
def test_a_copy_takes_the_place_of_its_twin_at_once(library, how):
    publish(library, edition("one", SAME))
    publish(library, edition("two", SAME), edition("three", SAME))
    if how == "removed":
        remove(library, "one")
        assert found(library) == [SAME.strip()]
    else:
        publish(library, edition("one", "now they say this\n"))
        assert found(library) == ["now they say this", SAME.strip()]
    assert "f://three" in where(library)
    assert pairs(library) == [("f://two", "f://three")]
    assert library.documents(ADMIN).records[-2 if how == "removed" else 1].chunks == 1


def test_all_of_several_that_go_together_leave_an_heir_only_if_one_stays(library):
    publish(library, *(edition(name, SAME) for name in ("one", "two", "three")))
    remove(library, "one", "two")
    assert where(library) == ["f://three"]
    remove(library, "three")
    assert where(library) == []


@pytest.mark.parametrize(
    ("groups", "properties"),
    [
        (["hr"], {}),
        ([], {"labels": frozenset({"confidential"})}),
        ([], {"expires": "2999-01-01"}),
        ([], {"language": "de"}),
        ([], {"license": "MIT"}),
        ([], {"title": "Re: Title"}),
    ],
)
def test_what_a_reader_may_find_on_other_conditions_is_no_twin(library, groups, properties):
    publish(library, edition("one", SAME), edition("two", SAME, groups, **properties))
    assert len(where(library)) == 2
    assert pairs(library) == []


@pytest.mark.parametrize("other", ["It is 4,000 in 2025.", "It is 4,100 in 2024.", "It is 4,000 in 2024"])
def test_the_smallest_difference_is_one(library, other):
    publish(library, edition("one", "It is 4,000 in 2024."), edition("two", other))
    assert len(where(library)) == 2


def test_a_copy_keeps_headings_pages_and_labels_for_the_day_it_is_needed(library):
    one, two = edition("one", SAME, labels=frozenset({"x"})), edition("two", SAME, labels=frozenset({"x"}))
    publish(library, one)
    publish(library, two)
    remove(library, "one")
    [hit] = library.search(ADMIN, "words", 9)
    [point] = two.points()
    assert (hit.uri, hit.title, hit.chunk_id) == ("f://two", "Title", point.chunk.chunk_id)
    assert (hit.heading, hit.page, hit.labels) == (point.chunk.heading, point.chunk.page, point.labels)


def test_copies_that_lost_their_twin_between_two_writers_are_found_after_the_next_sync(library):
    publish(library, edition("one", SAME), edition("two", SAME), edition("three", SAME))
    [first] = library.catalog.held_in(ADMIN, "f://one")
    library._publisher().remove("default", [first])  # noqa: SLF001  # as a writer that knows of no copies
    assert where(library) == []
    library.imprint()
    assert where(library) == ["f://three"]


def test_a_reindex_keeps_copies_as_they_are(open_library):
    library = open_library()
    publish(library, edition("one", SAME), edition("two", SAME))
    library.close()
    other = open_library(HashEmbedder(32, "other"))
    assert other.reindex() == 1
    remove(other, "one")
    assert where(other) == ["f://two"]


def test_a_sync_counts_a_copy_and_says_of_what(folder, synced, library):
    for name in ("a", "b", "c"):
        (folder / name).mkdir()
        (folder / name / "x.txt").write_text(SAME if name != "c" else "other words\n")
    report = synced()
    copied = [(f"file://{folder}/b/x.txt", f"file://{folder}/a/x.txt")]
    assert (report.added, report.chunks, report.duplicates) == (3, 2, copied)
    again = synced()
    assert (again.unchanged, again.chunks, again.duplicates) == (3, 0, copied)
    (folder / "a" / "x.txt").unlink()
    last = synced(prune=True)
    assert (last.unchanged, last.deleted, last.duplicates) == (2, 1, [])
    assert found(library) == ["other words", SAME.strip()]


def test_copies_are_read_and_deleted_like_others(library, tools):
    publish(library, edition("one", SAME), edition("two", SAME))
    [record] = library.catalog.held_in(ADMIN, "f://two")
    assert library.document(ADMIN, record.document_id).text == SAME
    assert run(tools, "delete", {"uri": "f://two"}) == {"deleted": ["f://two"]}
    assert where(library) == ["f://one"]


@BOTH
@pytest.mark.parametrize("mode", Mode)
def test_a_search_in_a_folder_finds_a_text_through_its_copy_there(library, mode):
    long = "".join(f"# Part {n}\n\n" + "words and more of them " * 90 + "\n\n" for n in range(3))
    publish(library, edition("a/x", long), edition("archive/x", long), edition("archive/y", long, ["hr"]))
    publish(library, edition("archive/z.zip!/x", long), edition("archived/x", "other words\n"))
    sam = Principal("default", "sam")
    for path, name in (("f://archive", "archive/x"), ("f://archive/z.zip", "archive/z.zip!/x")):
        hits = library.search(sam, "words", 50, mode, where=Where(path=path))
        made = edition(name, long)
        assert {hit.uri for hit in hits} == {f"f://{name}"}
        assert {hit.chunk_id for hit in hits} == {each.chunk_id for each in made.chunks}
        text = library.document(sam, made.document.document_id).text
        assert all(hit.text == text[hit.start : hit.end] for hit in hits)
    everywhere = library.search(sam, "words", 50, mode)
    assert {hit.uri for hit in everywhere} == {"f://a/x", "f://archived/x"}
    assert library.search(sam, "words", 50, mode, where=Where(path="f://b")) == []


def test_a_text_that_lies_in_a_folder_itself_is_not_found_there_through_a_copy(library):
    publish(library, edition("b/x", SAME), edition("b/a", SAME), edition("c/x", SAME))
    assert [hit.uri for hit in library.search(ADMIN, "words", where=Where(path="f://b"))] == ["f://b/x"]
    assert [hit.uri for hit in library.search(ADMIN, "words", where=Where(path="f://b/a"))] == ["f://b/a"]


NAMES = st.sampled_from(["one", "two", "three", "four"])
CHANGE = st.tuples(NAMES, st.sampled_from(["x", "y", ""]), st.sampled_from(["", "a", "b", "ab"]))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(CHANGE, min_size=1, max_size=3, unique_by=lambda each: each[0]), max_size=6))
def test_each_text_is_found_by_whoever_may_read_any_copy_of_it_and_by_nobody_else(blank_catalog, steps):
    """Each step publishes some documents at once, or removes those without a text."""
    with tempfile.TemporaryDirectory() as home:
        file = shutil.copy(blank_catalog, Path(home) / "catalog.db")
        store = MemoryStore()
        with Library(Path(home), Catalog(sqlite_url(file)), HashEmbedder(8), lambda *_: store) as library:
            held = {}
            for step in steps:
                added = {name: (text, groups) for name, text, groups in step if text}
                if added:
                    publish(library, *(edition(name, *made) for name, made in added.items()))
                gone = [name for name, text, _ in step if not text]
                remove(library, *gone)
                held = {name: made for name, made in (held | added).items() if name not in gone}
                for name, principal in BY_GROUPS.items():
                    copies = {
                        made
                        for made in held.values()
                        if name == "all" or not made[1] or set(name) & set(made[1])
                    }
                    assert found(library, principal) == sorted(text for text, _ in copies)


@pytest.mark.parametrize(
    "change",
    [lambda library: publish(library, edition("one", "others")), lambda library: remove(library, "one")],
)
def test_who_stands_for_whom_is_asked_while_no_other_process_writes(library, monkeypatch, change):
    asked, alone, heirs = [], [], Copies.heirs

    @contextmanager
    def kept_out():
        alone.append(True)
        yield
        alone.pop()

    monkeypatch.setattr(library.catalog, "alone", kept_out)
    publish(library, edition("one", SAME))
    monkeypatch.setattr(Copies, "heirs", lambda *given: asked.append(bool(alone)) or heirs(*given))
    change(library)
    assert asked == [True]
