from dataclasses import replace

import pytest

from ingest.commands import COMMANDS, run
from ingest.errors import Misuse, NoSuchPath, NotIndexed
from ingest.hashing import HashEmbedder
from tests.postgres import BOTH

pytestmark = BOTH


@pytest.fixture
def indexed(folder, tools):
    (folder / "hr").mkdir()
    (folder / "one.txt").write_text("words about one\n== two.txt\nwords about two\n")
    (folder / "hr" / "pay.txt").write_text("words about pay\n")
    (folder / "hr" / ".plumbline.yaml").write_text("groups: [hr]\nlabels: [confidential]\n")
    run(tools, "sync", {"paths": [str(folder)]})
    return folder


def uris(result):
    return [row["uri"].rpartition("/docs/")[2] for row in result]


def test_a_sync_reports_in_the_contracts_words(folder, tools):
    (folder / "one.txt").write_text("words about one\n")
    (folder / "bad.txt").write_text("DAMAGED")
    (folder / "x.bin").write_text("x")
    told = []
    report = run(tools, "sync", {"paths": [str(folder)]}, lambda done, of: told.append((done, of)))
    assert report.pop("seconds") >= 0
    assert report == {
        "added": 1,
        "updated": 0,
        "unchanged": 0,
        "deleted": 0,
        "skipped": [{"uri": f"file://{folder}/x.bin", "reason": "no reader for .bin files"}],
        "failed": [{"uri": f"file://{folder}/bad.txt", "error": "damaged: get another copy"}],
        "renamed": [],
        "notes": [],
        "chunks": 1,
        "rails": {},
        "duplicates": [],
    }
    assert told[-1] == (3, 3)


def test_a_hit_has_the_contracts_fields(indexed, tools):
    result = run(tools, "search", {"queries": [{"id": 7, "query": "about one"}], "k": 1})
    [answer] = result["results"]
    assert answer["id"] == 7
    [hit] = answer["hits"]
    assert set(hit) == {"chunk_id", "document_id", "uri", "title", "text", "start", "end", "page", "score"}


def test_a_listing_has_the_contracts_fields(indexed, tools):
    [row, *_] = run(tools, "list", {})["documents"]
    assert set(row) == {
        *("document_id", "uri", "title", "chunks", "groups", "labels", "updated_at"),
        *("language", "dated", "expires", "superseded_by", "state"),
    }
    assert (row["groups"], row["labels"]) == (["hr"], ["confidential"])


@pytest.mark.parametrize(
    ("groups", "seen"),
    [
        (None, ["hr/pay.txt", "one.txt", "one.txt!/two.txt"]),
        ([], ["one.txt", "one.txt!/two.txt"]),
        (["hr"], ["hr/pay.txt", "one.txt", "one.txt!/two.txt"]),
        (["it"], ["one.txt", "one.txt!/two.txt"]),
    ],
)
def test_groups_decide_what_is_read(indexed, tools, groups, seen):
    assert uris(run(tools, "list", {"groups": groups})["documents"]) == seen
    found = run(tools, "search", {"queries": [{"id": 1, "query": "words"}], "groups": groups})
    assert sorted(uris(found["results"][0]["hits"])) == seen


def test_deleting_a_file_deletes_what_is_inside_it(indexed, tools):
    assert len(run(tools, "delete", {"uri": f"file://{indexed}/one.txt"})["deleted"]) == 2
    assert uris(run(tools, "list", {})["documents"]) == ["hr/pay.txt"]


def test_deleting_what_is_not_there_says_so(indexed, tools):
    with pytest.raises(NotIndexed, match="list"):
        run(tools, "delete", {"uri": "file:///nowhere"})
    with pytest.raises(NotIndexed):
        run(tools, "delete", {"uri": f"file://{indexed}/one.txt", "tenant": "other"})


def test_status_and_reindex_need_no_arguments(indexed, tools):
    figures = {
        "documents",
        "chunks",
        "tenants",
        "embedder",
        "store",
        "without_fingerprint",
        "bytes",
        "expired",
        "superseded",
        "copies",
        "quarantined",
    }
    assert set(run(tools, "status", {})) == figures
    assert run(tools, "reindex", {}) == {"chunks": 3, "embedder": "hash"}


def test_a_reindex_goes_over_to_the_embedder_that_it_names(indexed, tools):
    others = replace(tools, embedder=lambda name: HashEmbedder(16, name))
    assert run(others, "reindex", {"embedder": "other"}) == {"chunks": 3, "embedder": "other"}
    assert run(others, "status", {})["embedder"] == "other dimension=16 unit"
    assert run(others, "reindex", {})["embedder"] == "other"
    with pytest.raises(Misuse, match="'third' cannot be made here"):
        run(tools, "reindex", {"embedder": "third"})


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        ("format-disk", {}, "no command"),
        ("sync", {}, "paths"),
        ("sync", {"paths": ["/"], "tenant": ""}, "tenant"),
        ("search", {"queries": [{"id": 1, "query": ""}]}, "query"),
        ("search", {"queries": [{"id": 1, "query": "x"}], "k": 0}, "k"),
        ("search", {"queries": [{"id": 1, "query": "x"}], "mode": "magic"}, "mode"),
        ("search", {"queries": [{"id": 1, "query": "x\udce9"}]}, "query"),
        ("search", {"queries": [{"id": "x\udce9", "query": "x"}]}, "surrogate"),
        ("sync", {"paths": ["/x\udce9"]}, "surrogate"),
        ("reindex", {"embedder": ""}, "embedder"),
        ("delete", {"uri": "x\udce9"}, "surrogate"),
        ("list", {"everything": True}, "everything"),
        ("delete", {"uri": "x", "groups": ["hr", ""]}, "groups"),
    ],
)
def test_bad_arguments_are_misuse(tools, command, arguments, told):
    with pytest.raises(Misuse, match=told):
        run(tools, command, arguments)


def test_a_path_that_is_not_there_is_misuse(tools, tmp_path):
    with pytest.raises(NoSuchPath):
        run(tools, "sync", {"paths": [str(tmp_path / "nowhere")]})


def test_the_commands_are_the_contracts():
    more = {"quarantine", "release", "duplicates", "chunks"}
    assert set(COMMANDS) == {"sync", "search", "list", "status", "delete", "reindex"} | more
