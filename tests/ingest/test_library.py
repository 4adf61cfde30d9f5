import dataclasses
import shutil

import numpy as np
import pytest

from ingest.access import Principal
from ingest.errors import EmbedderMismatch, NotIndexed, StoreFault
from ingest.facts import STORE
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.memory import MemoryStore
from ingest.store import Mode
from tests.postgres import BOTH

pytestmark = BOTH
ADMIN = Principal.administrator()


class Unused(HashEmbedder):
    """An embedder that must not be asked for anything but its name."""

    def encode(self, _texts):
        pytest.fail("the embedder was used")

    def encode_query(self, _text):
        pytest.fail("the embedder was used")


@pytest.fixture
def files(folder):
    for name in ("one", "two", "three"):
        (folder / f"{name}.txt").write_text(f"words about {name}\n")
    return folder


def test_an_empty_library_answers_everything(library):
    assert library.search(ADMIN, "anything") == []
    assert library.documents(ADMIN).records == ()
    assert library.status()["documents"] == 0
    assert library.reindex() == 0
    library.open()
    library.optimize()
    library.remove(ADMIN, [])
    with pytest.raises(NotIndexed):
        library.document(ADMIN, "x")


def test_a_vector_that_is_known_already_is_not_computed_again(files, synced, library):
    synced()
    library.embedder = Unused(64)
    vector = HashEmbedder(64).encode_query("about two")
    assert library.search(ADMIN, "about two", 1, Mode.DENSE, vector)[0].uri.endswith("two.txt")


def test_words_are_searched_without_the_embedder(files, synced, open_library):
    synced()
    reopened = open_library(Unused(64))
    assert reopened.search(ADMIN, "two", 1, Mode.SPARSE)[0].uri.endswith("two.txt")


def test_an_unchanged_sync_uses_no_embedder(files, synced, tools, open_library):
    synced()
    assert synced(using=dataclasses.replace(tools, library=open_library(Unused(64)))).unchanged == 3


def test_another_embedder_is_refused_by_name_and_told_to_reindex(files, synced, tools, open_library):
    synced()
    other = open_library(HashEmbedder(64, "other"))
    for attempt in (
        lambda: other.search(ADMIN, "two"),
        lambda: synced(using=dataclasses.replace(tools, library=other)),
    ):
        with pytest.raises(EmbedderMismatch, match=r"built by hash, and other is configured: .*reindex"):
            attempt()
    assert other.search(ADMIN, "two", 1, Mode.SPARSE)[0].uri.endswith("two.txt")
    assert len(other.documents(ADMIN).records) == 3


def test_reindexing_switches_to_the_other_embedder(files, synced, tools, open_library):
    synced()
    before = [hit.chunk_id for hit in tools.library.search(ADMIN, "words", 9, Mode.SPARSE)]
    other = open_library(HashEmbedder(16, "other"))
    progress = []
    assert other.reindex(progress.append) == 3
    assert progress[-1] == 3
    assert other.search(ADMIN, "about two", 1, Mode.DENSE)[0].uri.endswith("two.txt")
    assert [hit.chunk_id for hit in other.search(ADMIN, "words", 9, Mode.SPARSE)] == before
    assert other.status()["embedder"].startswith("other ")
    assert synced(using=dataclasses.replace(tools, library=other)).unchanged == 3
    with pytest.raises(EmbedderMismatch):
        open_library().search(ADMIN, "two")


def test_a_killed_reindex_leaves_the_live_index_as_it_was(files, synced, tools, open_library, monkeypatch):
    synced()
    other = open_library(HashEmbedder(16, "other"))
    monkeypatch.setattr(other.catalog, "state", lambda **_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        other.reindex()
    again = open_library()
    assert again.search(ADMIN, "about two", 1)[0].uri.endswith("two.txt")
    assert len(list(again.folder.glob("vectors-*"))) == 1


def test_a_catalog_without_its_vectors_is_told_and_nothing_is_swept(files, synced, tools, library, tmp_path):
    synced()
    library.catalog.hide(["being-published"])
    elsewhere = Library(tmp_path / "elsewhere", library.catalog, HashEmbedder(), lambda *_: MemoryStore())
    with pytest.raises(StoreFault, match=r"are not in .*elsewhere: one catalog belongs to one data folder"):
        elsewhere.search(ADMIN, "two")
    assert library.catalog.visibility().hidden == {"being-published"}


def test_vectors_that_are_gone_or_replaced_are_neither_read_nor_written_until_they_are_back(
    files, synced, library
):
    synced()
    [vectors] = library.folder.glob("vectors-*")
    away = vectors.rename(library.folder / "away")
    (files / "four.txt").write_text("words about four\n")
    for replaced in (False, True):
        if replaced:
            vectors.mkdir()
        for attempt in (lambda: library.search(ADMIN, "two"), library.open, synced):
            with pytest.raises(StoreFault, match=f"{vectors.name}.* was moved, removed or replaced: put it"):
                attempt()
    vectors.rmdir()
    away.rename(vectors)
    assert synced().added == 1
    assert library.search(ADMIN, "about two", 1)[0].uri.endswith("two.txt")


def test_vectors_in_a_new_folder_are_watched_there(files, synced, tools, open_library):
    synced()
    other = open_library(HashEmbedder(16, "other"))
    other.reindex()
    shutil.rmtree(other.folder / other.catalog.fact(STORE))
    with pytest.raises(StoreFault, match="was moved, removed or replaced"):
        other.search(ADMIN, "two")


def test_status_counts_all_tenants(files, synced, library):
    synced()
    synced(tenant="other", groups=["hr"])
    # The tests' store is in memory, and their catalog elsewhere.
    (library.folder / "vectors.bin").write_bytes(bytes(range(256)) * 32)
    status = library.status()
    assert (status["documents"], status["chunks"], status["tenants"]) == (6, 6, 2)
    assert status["embedder"] == "hash dimension=64 unit"
    assert status["bytes"] >= 8_192


def test_removed_documents_are_found_no_more(files, synced, library):
    synced()
    library.remove(ADMIN, library.catalog.held_in(ADMIN, f"file://{files}/one.txt"))
    assert len(library.search(ADMIN, "words", 9)) == 2
    assert synced().added == 1


def test_vectors_are_written_as_the_embedder_gives_them(files, synced, library):
    synced()
    [found] = library.search(ADMIN, "x", 1, Mode.DENSE, np.eye(64, dtype=np.float32)[0])
    assert -1 <= found.score <= 1
