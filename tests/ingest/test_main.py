"""The command line on the real index: Qdrant Edge, SQLite, reader processes. Only the model is left out."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ingest.__main__ as command_line
from ingest.hashing import HashEmbedder
from ingest.lock import claim
from ingest.settings import IngestSettings

POLICY = "name: none\nmessage: stopped\nstages: {}\n"


@pytest.fixture
def home(tmp_path, monkeypatch, blank_catalog):
    (tmp_path / "policy.yaml").write_text(POLICY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PLUMBLINE_GUARDRAILS__POLICY", str(tmp_path / "policy.yaml"))
    monkeypatch.setenv("PLUMBLINE_INGEST__LOCK_WAIT", "0")
    monkeypatch.setattr(command_line, "remembering", lambda _, name=None: HashEmbedder(384, name or "hash"))
    return tmp_path / "home"


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    (folder / "hr").mkdir(parents=True)
    (folder / "leave.md").write_text("# Leave\n\nParental leave lasts sixteen weeks.\n")
    (folder / "rent.txt").write_text("Rent is paid on the first of the month.\n")
    (folder / "hr" / "pay.csv").write_text("name,pay\nAda,100\n")
    (folder / "hr" / ".plumbline.yaml").write_text("groups: [hr]\n")
    return folder


@pytest.fixture
def call(home):
    def run(*arguments):
        return CliRunner().invoke(command_line.app, [str(argument) for argument in arguments])

    return run


def test_documents_go_in_and_passages_come_out(call, docs):
    synced = call("sync", docs, "--json")
    assert synced.exit_code == 0
    report = json.loads(synced.stdout)
    assert {name: report[name] for name in ("added", "unchanged", "failed")} == {
        "added": 3,
        "unchanged": 0,
        "failed": [],
    }
    assert json.loads(call("sync", docs, "--json").stdout)["unchanged"] == 3

    [hit, *_] = json.loads(call("search", "parental leave weeks", "-k", "2", "--json").stdout)["hits"]
    assert hit["uri"] == f"file://{docs}/leave.md"
    assert len(json.loads(call("list", "--json").stdout)["documents"]) == 3
    assert len(json.loads(call("list", "--json", "--groups", "").stdout)["documents"]) == 2
    assert len(json.loads(call("list", "--json", "--groups", "it, hr").stdout)["documents"]) == 3
    assert json.loads(call("search", "Ada", "--groups", "", "--mode", "sparse", "--json").stdout) == {
        "hits": []
    }

    status = json.loads(call("status", "--json").stdout)
    assert (status["documents"], status["tenants"], status["embedder"]) == (3, 1, "hash dimension=384 unit")
    assert call("delete", f"file://{docs}/rent.txt").stdout == "1 deleted\n"
    assert json.loads(call("status", "--json").stdout)["documents"] == 2
    assert json.loads(call("reindex", "--json").stdout)["chunks"] == 2


def test_people_get_sentences_instead_of_json(call, docs):
    assert "3 added, 0 updated, 0 unchanged, 0 deleted" in call("sync", docs).stdout
    assert "1. Leave" in call("search", "parental leave").stdout
    assert "nothing found" in call("search", "Ada", "--tenant", "other").stdout
    assert "@hr" in call("list").stdout
    assert "documents  3" in call("status").stdout
    assert "chunks embedded anew" in call("reindex").stdout


def test_a_batch_is_answered_line_by_line_in_order(call, docs, tmp_path):
    call("sync", docs)
    queries = tmp_path / "queries.jsonl"
    queries.write_text('{"id": "b", "query": "rent"}\n\n{"id": 1, "query": "leave"}\n')
    lines = [json.loads(line) for line in call("search", "--batch", queries, "-k", "1").stdout.splitlines()]
    assert [line["id"] for line in lines] == ["b", 1]
    assert [line["hits"][0]["title"] for line in lines] == ["rent", "Leave"]


def test_a_search_looks_where_it_is_told_to(call, docs, tmp_path):
    (docs / "hr" / ".plumbline.yaml").write_text("labels: [personal, draft]\nlanguage: de\n")
    call("sync", docs)
    (tmp_path / "queries.jsonl").write_text('{"id": 1, "query": "pay rent leave"}')
    where = ("--path", f"file://{docs}")
    for options, found in (
        (["--label", "draft", "--label", "x", "--language", "de", "--not-label", "y"], {"pay"}),
        (["--not-label", "draft", "--json"], {"Leave", "rent"}),
        (["--since", "2026-01-01", "--until", "2026-02-01"], set()),
    ):
        query = ("pay rent leave",) if "--json" in options else ("--batch", tmp_path / "queries.jsonl")
        hits = json.loads(call("search", *query, *where, *options).stdout)["hits"]
        assert {hit["title"] for hit in hits} == found, options


def test_only_a_newline_ends_a_line_of_a_batch(call, docs, tmp_path):
    call("sync", docs)
    queries = tmp_path / "queries.jsonl"
    queries.write_bytes('{"id": "a\u2028b\x85", "query": "rent\u2028leave"}\r\n'.encode())
    result = call("search", "--batch", queries, "-k", "1")
    assert [json.loads(line)["id"] for line in result.stdout.split("\n") if line] == ["a\u2028b\x85"]


def test_a_failed_file_is_listed_and_exits_1(call, docs):
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    result = call("sync", docs, "--json")
    assert result.exit_code == 1
    [failed] = json.loads(result.stdout)["failed"]
    assert failed["uri"].endswith("broken.pdf")
    assert "failed" in call("sync", docs).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sync", "nowhere"], "nowhere is not there"),
        (["sync"], "Missing argument"),
        (["sync", ".", "--engine", "spark"], "spark"),
        (["search"], "give a QUERY"),
        (["search", "x", "--batch", "y"], "give a QUERY"),
        (["search", ""], "query"),
        (["search", "x", "--mode", "magic"], "magic"),
        (["search", "x", "-k", "0"], "k"),
        (["search", "x", "--since", "soon"], "where.since: not a day such as"),
        (["search", "x", "--until", "2026-02-30"], "where.until: not a day such as"),
        (["search", "x", "--since", "2026-03-02", "--until", "2026-03-01"], "`since` is after `until`"),
        (["search", "x", "--label", ""], "where.labels"),
        (["search", "--batch", "nowhere.jsonl"], "cannot be read"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_bad_usage_exits_2_with_a_remedy_and_no_output(call, arguments, told):
    result = call(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', "3"])
def test_a_bad_line_of_a_batch_is_named(call, tmp_path, line):
    (tmp_path / "queries.jsonl").write_text(f'{{"id": 1, "query": "x"}}\n{line}\n')
    result = call("search", "--batch", tmp_path / "queries.jsonl")
    assert result.exit_code == 2
    assert "line 2" in result.stderr


def test_a_wrong_setting_exits_2(call, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_INGEST__CHUNK_TARGET", "many")
    result = call("status")
    assert result.exit_code == 2
    assert "chunk_target" in result.stderr


def test_another_embedder_exits_2_and_names_reindex(call, docs, monkeypatch):
    call("sync", docs)
    monkeypatch.setattr(command_line, "remembering", lambda *_: HashEmbedder(16, "other"))
    for arguments in (["search", "leave"], ["sync", docs]):
        result = call(*arguments)
        assert result.exit_code == 2
        assert "reindex" in result.stderr
    assert call("reindex").exit_code == 0
    assert call("search", "leave").exit_code == 0


def test_a_reindex_to_another_embedder_says_what_to_set(call, docs, monkeypatch):
    call("sync", docs)
    told = call("reindex", "--embedder", "other").stdout
    assert "chunks embedded anew\nset PLUMBLINE_INGEST__EMBEDDER=other before the next start\n" in told
    monkeypatch.setenv("PLUMBLINE_INGEST__EMBEDDER", "other")
    assert "set" not in call("reindex", "--embedder", "other").stdout
    folder = docs.relative_to(docs.parent)
    assert json.loads(call("reindex", "--embedder", folder, "--json").stdout)["embedder"] == str(docs)


def test_an_index_that_is_in_use_names_the_process(call, home):
    with claim(home):
        result = call("status")
    assert result.exit_code == 2
    assert "is working in" in result.stderr


def test_a_server_that_holds_the_index_is_asked_instead(call, home, docs, monkeypatch):
    asked = []

    def send(owner, command, arguments, _watch):
        asked.append((owner.address, command, arguments))
        return {"documents": []}

    monkeypatch.setattr(command_line, "send", send)
    with claim(home) as held:
        held.serve("http://127.0.0.1:8000")
        assert call("list", "--json").stdout == '{"documents": []}\n'
    assert asked == [("http://127.0.0.1:8000", "list", {"tenant": "default", "groups": None})]


def test_a_dry_run_of_some_files_says_what_would_be_and_leaves_no_trace(call, docs, home):
    dry = call("sync", docs, "--include", "*.md", "--include", "*.csv", "--exclude", "hr/", "--dry-run")
    assert "would be: 1 added, 0 updated" in dry.stdout
    assert "\nwould add file://" in dry.stdout
    report = json.loads(call("sync", docs, "--exclude", "*.csv", "--dry-run", "--json").stdout)
    assert (report["added"], report["dry_run"]) == (2, True)
    assert json.loads(call("list", "--json").stdout) == {"documents": []}
    assert not list(home.glob("vectors-*"))
    assert call("sync", docs, "--exclude", "!").exit_code == 2


def test_a_watched_folder_is_synced_at_every_change_and_a_fault_does_not_end_it(call, docs, monkeypatch):
    def stirs(paths, _ours):
        assert paths == [docs]
        yield
        (docs / "new.txt").write_text("words")
        yield
        yield
        with claim(IngestSettings().folder):
            yield
        (docs / "new.txt").rename(docs / "other.txt")
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr("ingest.watching.stirs", stirs)
    watched = call("sync", docs, "--watch", "--json")
    assert watched.exit_code == 0
    told = [json.loads(line) for line in watched.stdout.splitlines()]
    assert [(report["added"], report["deleted"]) for report in told] == [(3, 0), (1, 0), (1, 1)]
    assert "is working in" in watched.stderr
    assert call("sync", docs / "nowhere", "--watch").exit_code == 2


def test_the_module_runs_as_a_program(home):
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    for command in ("sync", "search", "list", "status", "delete", "reindex"):
        assert command in done.stdout


@pytest.mark.parametrize("lies", ["file", "file/below", "closed"])
def test_a_data_folder_that_cannot_be_used_is_a_clear_error(call, tmp_path, monkeypatch, lies):
    (tmp_path / "file").write_text("words")
    (tmp_path / "closed").mkdir()
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / lies))
    if lies == "closed":  # to whoever is not root
        monkeypatch.setattr("ingest.lock.FileLock.acquire", _denied)
    told = call("status")
    assert told.exit_code == 2
    assert f"the data folder {tmp_path / lies} cannot be used (" in told.stderr
    assert "set PLUMBLINE_HOME to a folder" in told.stderr
    assert (tmp_path / "file").read_text() == "words"


def _denied(*_given, **_named):
    raise PermissionError(errno.EACCES, "Permission denied")
