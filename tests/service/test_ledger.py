"""The ledger keeps what happened, tenant by tenant, and no texts."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, select

from guardrails.verdict import Action, Stage
from ingest.access import Principal
from service.answer import Answer, Citation, Decision
from service.errors import LedgerFault, NotFound
from service.ledger import Ledger, sqlite_url
from service.records import FileRecord, JobRecord
from service.schema import MIGRATIONS
from service.tables import answers, metadata

ANNA, BEN, EVE = Principal("acme", "anna"), Principal("acme", "ben"), Principal("evil", "anna")
DECISION = Decision("pii", Stage.INPUT, Action.REDACT, "default-1", "an e-mail address", "EMAIL_ADDRESS")
CITATION = Citation(1, "c-1", "d-1", "file:///a.md", "A", "", None, 3, 9, "a quote", verified=True)
ANSWER = Answer("ans-1", "m", "the whole text", "stop", (CITATION,), (DECISION, DECISION))
JOB = JobRecord("job-1", "acme", "anna", ("hr",), "queued", (FileRecord("a.md"),), "2026-01-01T00:00:00")


def test_the_migrations_build_the_tables(ledger: Ledger, tmp_path: Path):
    engine = create_engine(sqlite_url(tmp_path / "home" / "ledger.db"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "service_schema"})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def migrate_to(url: str, revision: str, way: Callable[[Config, str], None] = command.upgrade) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        way(config, revision)
    engine.dispose()


@pytest.fixture
def first(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database of a ledger of the first version."""
    migrate_to(sqlite_url(tmp_path / "ledger.db"), "0001")
    database = sqlite3.connect(tmp_path / "ledger.db")
    yield database
    database.close()


def test_a_ledger_of_the_first_version_keeps_its_keys_and_they_do_not_expire(first, tmp_path: Path):
    row = ("key-1", "a-hash", "acme", "anna", '["hr"]', '["chat"]', "2026-01-01T00:00:00.000+00:00")
    columns = "id, hash, tenant, subject, groups, scopes, created_at"
    with first:
        first.execute(f"insert into api_keys ({columns}) values (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608  # ours
    ledger = Ledger(sqlite_url(tmp_path / "ledger.db"))
    found = ledger.key("a-hash")
    assert found is not None
    assert (found[0].id, found[0].groups, found[0].expires_at) == ("key-1", ("hr",), None)
    ledger.close()


def test_a_ledger_of_the_first_version_keeps_its_decisions_in_their_order(first, tmp_path: Path):
    with first:
        for number in range(1, 12):
            row = (
                number,
                "2026-01-01",
                "acme",
                "anna",
                "input",
                "pii",
                "",
                "p",
                "redact",
                1.0,
                "h",
                f"ans-{number}",
            )
            first.execute(f"insert into audit values ({', '.join('?' * 12)})", row)  # noqa: S608  # ours
    ledger = Ledger(sqlite_url(tmp_path / "ledger.db"))
    ledger.record(ANNA, "q", replace(ANSWER, answer_id="ans-12", decisions=(DECISION,)))
    older = ledger.audit(ANNA, limit=4)
    rest = ledger.audit(ANNA, limit=100, before=older.next)
    shown = [entry["answer_id"] for entry in older.entries + rest.entries]
    assert shown == [f"ans-{number}" for number in range(12, 0, -1)]
    ledger.close()


def test_going_back_to_the_first_version_keeps_decisions_in_their_order(first, tmp_path: Path):
    ledger = Ledger(sqlite_url(tmp_path / "ledger.db"))
    for number in range(3):
        ledger.record(ANNA, "q", replace(ANSWER, answer_id=f"ans-{number}", decisions=(DECISION,)))
    ledger.close()
    migrate_to(sqlite_url(tmp_path / "ledger.db"), "0001", command.downgrade)
    rows = first.execute("select id, answer_id from audit order by id").fetchall()
    assert {name for _, name in rows} == {"ans-0", "ans-1", "ans-2"}
    assert [number for number, _ in rows] == [1, 2, 3]
    assert "expires_at" not in [row[1] for row in first.execute("pragma table_info(api_keys)")]


def test_ids_of_decisions_do_not_tell_how_many_others_there_are(ledger: Ledger):
    ledger.record(ANNA, "q", replace(ANSWER, answer_id="ans-1"))
    quiet = ledger.audit(ANNA).entries[0]["id"]
    for number in range(20):
        ledger.record(EVE, "q", replace(ANSWER, answer_id=f"ans-eve-{number}"))
    ledger.record(ANNA, "q", replace(ANSWER, answer_id="ans-2"))
    newest, before, *_ = (entry["id"] for entry in ledger.audit(ANNA).entries)
    assert quiet < before < newest
    assert (before[-4:], newest[-4:]) == ("0000", "0001")
    assert before[12:-4] != quiet[12:-4]


def test_two_processes_may_be_the_first_to_open_it(tmp_path: Path):
    opened: list[Ledger] = []
    url = sqlite_url(tmp_path / "ledger.db")
    threads = [threading.Thread(target=lambda: opened.append(Ledger(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ledger.keys() for ledger in opened] == [[], [], [], []]
    for ledger in opened:
        ledger.close()


def test_a_ledger_of_a_newer_version_is_a_clear_error(ledger: Ledger, tmp_path: Path):
    with sqlite3.connect(tmp_path / "home" / "ledger.db") as database:
        database.execute("update service_schema set version_num = '9999'")
    database.close()
    with pytest.raises(LedgerFault, match="PLUMBLINE_HOME"):
        Ledger(sqlite_url(tmp_path / "home" / "ledger.db"))


def test_a_ledger_that_cannot_be_opened_is_a_clear_error(tmp_path: Path):
    (tmp_path / "ledger.db").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(LedgerFault, match="not a database"):
        Ledger(sqlite_url(tmp_path / "ledger.db"))


def test_an_answer_is_recorded_with_its_decisions_and_without_its_text(ledger: Ledger, tmp_path: Path):
    ledger.record(ANNA, "what does anna@acme.com earn?", ANSWER)
    entries = ledger.audit(ANNA).entries
    assert [(entry["rail"], entry["action"], entry["answer_id"]) for entry in entries] == [
        ("pii", "redact", "ans-1"),
        ("pii", "redact", "ans-1"),
    ]
    stored = b"".join(file.read_bytes() for file in (tmp_path / "home").glob("ledger.db*"))
    assert b"anna@acme.com" not in stored
    assert b"the whole text" not in stored
    assert b"a quote" not in stored


def test_on_which_side_of_a_comparison_an_answer_stands_is_recorded(ledger: Ledger):
    for arm in ("", "candidate"):
        ledger.record(ANNA, "q", replace(ANSWER, answer_id=f"ans-{arm}", arm=arm))
    with ledger.transaction() as connection:
        rows = connection.execute(select(answers.c.answer_id, answers.c.arm).order_by(answers.c.answer_id))
        assert [tuple(row) for row in rows] == [("ans-", ""), ("ans-candidate", "candidate")]


def test_the_audit_is_read_page_by_page_and_never_across_tenants(ledger: Ledger):
    for number in range(3):
        ledger.record(ANNA, "q", replace(ANSWER, answer_id=f"ans-{number}", decisions=(DECISION,)))
    first = ledger.audit(BEN, limit=2)
    second = ledger.audit(BEN, limit=2, before=first.next)
    assert [entry["answer_id"] for entry in first.entries + second.entries] == ["ans-2", "ans-1", "ans-0"]
    assert second.next is None
    assert ledger.audit(EVE).entries == ()


def test_feedback_is_for_ones_own_answers(ledger: Ledger):
    ledger.record(ANNA, "q", ANSWER)
    ledger.rate(ANNA, "ans-1", "down", "30 days", None)
    for other in (BEN, EVE):
        with pytest.raises(NotFound):
            ledger.rate(other, "ans-1", "up", None, None)
    with pytest.raises(NotFound):
        ledger.rate(ANNA, "ans-none", "up", None, None)


def test_a_job_is_seen_by_its_owner_and_the_tenants_administrators(ledger: Ledger):
    ledger.add_job(JOB)
    admin = Principal("acme", "chief", scopes=frozenset({"admin"}))
    assert ledger.job(ANNA, "job-1") == ledger.job(admin, "job-1") == JOB
    for other in (BEN, EVE, Principal("evil", "chief", scopes=frozenset({"admin"}))):
        with pytest.raises(NotFound):
            ledger.job(other, "job-1")


def test_unfinished_jobs_are_those_that_are_queued_or_running(ledger: Ledger):
    for state in ("queued", "running", "done", "failed", "cancelled"):
        ledger.add_job(replace(JOB, id=f"job-{state}", state=state))
    assert {job.id for job in ledger.unfinished_jobs()} == {"job-queued", "job-running"}
    ledger.advance_job("job-queued", "done", (FileRecord("a.md", "done", None, "d-1"),))
    assert {job.id for job in ledger.unfinished_jobs()} == {"job-running"}
    assert ledger.job(ANNA, "job-queued").files == (FileRecord("a.md", "done", None, "d-1"),)
