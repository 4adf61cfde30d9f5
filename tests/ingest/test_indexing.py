"""A search index built beside the one in use: by another process, while answers and writers go on."""

import dataclasses
import os

import pytest

from ingest import edge, library
from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.edge import EdgeStore
from ingest.errors import StoreFault
from ingest.facts import STORE
from ingest.hashing import HashEmbedder
from ingest.indexing import Indexed
from ingest.library import Library
from ingest.store import Mode
from ingest.stores import FolderStores

ADMIN = Principal.administrator()


@pytest.fixture
def shelf(tmp_path, catalog_url, folder, synced, tools, monkeypatch):
    """A library on disk that holds a document, and is due as soon as it holds anything."""
    monkeypatch.setattr(edge, "SCANNED_KILOBYTES", 0)
    (folder / "one.txt").write_text("words about leave\n")
    (tmp_path / "edge").mkdir()
    with Library(tmp_path / "edge", Catalog(catalog_url), HashEmbedder(), EdgeStore) as opened:
        synced(using=dataclasses.replace(tools, library=opened))
        yield opened


def found(shelf):
    return [hit.text for hit in shelf.search(ADMIN, "leave", 5, Mode.SPARSE)]


def names(shelf):
    return [place.name for place in shelf.folder.glob("vectors-*")]


def test_another_process_indexes_a_copy_which_then_takes_the_place(shelf):
    before = shelf.catalog.fact(STORE)
    assert shelf.index_beside() is Indexed.DONE
    assert names(shelf) == [shelf.catalog.fact(STORE)] != [before]
    assert found(shelf) == ["words about leave"]


def test_a_search_whose_store_is_replaced_before_its_eyes_takes_the_new_one(shelf, monkeypatch):
    check, switches = FolderStores.check, iter([shelf.index_beside])

    def switched(stores, name):
        next(switches, lambda: None)()
        check(stores, name)

    monkeypatch.setattr(FolderStores, "check", switched)
    assert found(shelf) == ["words about leave"]


def test_a_folder_that_somebody_still_writes_to_does_not_keep_a_library_from_opening(tmp_path, monkeypatch):
    (tmp_path / "vectors-old").mkdir()
    remove = os.rmdir

    def still_written(path, **options):
        (tmp_path / "vectors-old" / "segment").write_text("more")
        remove(path, **options)

    monkeypatch.setattr(os, "rmdir", still_written)
    FolderStores(tmp_path, EdgeStore).keep("vectors-new")
    monkeypatch.undo()
    assert (tmp_path / "vectors-old").exists()
    FolderStores(tmp_path, EdgeStore).keep("vectors-new")
    assert not (tmp_path / "vectors-old").exists()


def test_what_is_written_meanwhile_is_kept_and_the_copy_is_not(shelf, folder, synced, tools, monkeypatch):
    before = shelf.catalog.fact(STORE)

    def write_meanwhile(*_):
        (folder / "two.txt").write_text("more about leave\n")
        synced(using=dataclasses.replace(tools, library=shelf))

    monkeypatch.setattr(library, "index", write_meanwhile)
    assert shelf.index_beside() is Indexed.OVERTAKEN
    assert names(shelf) == [before]
    assert sorted(found(shelf)) == ["more about leave", "words about leave"]


def test_a_copy_made_before_a_reindex_is_thrown_away(shelf, monkeypatch):
    monkeypatch.setattr(library, "index", lambda *_: shelf.reindex())
    assert shelf.index_beside() is Indexed.OVERTAKEN
    assert found(shelf) == ["words about leave"]


def test_a_process_that_fails_changes_nothing(shelf, monkeypatch):
    before = shelf.catalog.fact(STORE)

    def fail(place, _):
        raise StoreFault("the process ended")

    monkeypatch.setattr(library, "index", fail)
    with pytest.raises(StoreFault):
        shelf.index_beside()
    assert names(shelf) == [before]
    assert found(shelf) == ["words about leave"]


def test_a_process_that_cannot_open_the_store_is_a_fault(tmp_path):
    (tmp_path / "vectors").mkdir()
    with pytest.raises(StoreFault, match="ended with 1"):
        library.index(tmp_path / "vectors", 8)


def test_nothing_is_done_where_little_was_written(shelf, monkeypatch):
    monkeypatch.setattr(edge, "SCANNED_KILOBYTES", 64_000)
    assert shelf.index_beside() is Indexed.NOTHING_DUE
    assert len(names(shelf)) == 1


def test_nothing_is_done_without_room_for_a_second_store(shelf, monkeypatch):
    monkeypatch.setattr(edge, "RESERVE", 2**62)
    assert shelf.index_beside() is Indexed.NOTHING_DUE
