"""Every earlier ledger is brought to the schema of today, with all that it holds: on both databases."""

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from guardrails.verdict import Action, Stage
from ingest.access import Principal
from ingest.settings import sqlite_url
from service.answer import Answer, Decision
from service.audit import Audit
from service.conversations import Conversations
from service.errors import LedgerFault
from service.ledger import Ledger
from service.samples import Samples
from service.schema import MIGRATIONS
from service.tables import HEAD, metadata
from tests.postgres import BOTH

pytestmark = BOTH

ANNA = Principal("acme", "anna")
DECISION = Decision("pii", Stage.INPUT, Action.REDACT, "default-1", "an e-mail address", "EMAIL_ADDRESS")
STEPS = sorted(re.match(r"\d+", path.name)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
KEY = {
    "id": "key-1",
    "hash": "0" * 64,
    "tenant": "acme",
    "subject": "anna",
    "groups": '["hr"]',
    "scopes": '["chat"]',
    "created_at": "2026-01-01T00:00:00.000+00:00",
}


@pytest.fixture
def url(database: str, tmp_path: Path, copy: Callable[[str], str]) -> str:
    """An empty database."""
    return sqlite_url(tmp_path / "ledger.db") if database == "sqlite" else copy("empty")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@contextmanager
def opened(url: str) -> Iterator[Ledger]:
    ledger = Ledger(url)
    yield ledger
    ledger.close()


def migrate(url: str, to: str, way: Callable[[Config, str], None] = command.upgrade) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with connected(url) as connection:
        config.attributes["connection"] = connection
        way(config, to)


def put(url: str, table: str, **row: object) -> None:
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    with connected(url) as connection:
        connection.execute(text(f"insert into {table} ({names}) values ({places})"), row)  # noqa: S608  # our own names


def decide(ledger: Ledger, answer_id: str) -> None:
    ledger.record(ANNA, "q", replace(Answer("", "m", "text", "stop", (), (DECISION,)), answer_id=answer_id))


def test_the_head_is_the_last_step():
    assert STEPS[-1] == HEAD


def test_the_migrations_build_the_tables(url: str):
    Ledger(url).close()
    with connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "service_schema"})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("step", STEPS)
def test_a_ledger_of_an_earlier_version_keeps_its_keys_and_they_do_not_expire(url: str, step: str):
    migrate(url, step)
    put(url, "api_keys", **KEY)
    with opened(url) as ledger:
        (kept,) = ledger.keys()
        assert (kept.id, kept.groups, kept.expires_at) == ("key-1", ("hr",), None)
        assert ledger.key("0" * 64) is not None


def test_a_ledger_of_the_first_version_keeps_its_decisions_in_their_order(url: str):
    migrate(url, "0001")
    for number in range(1, 12):
        given = {"id": number, "at": "2026-01-01", "tenant": "acme", "subject": "anna", "stage": "input"}
        made = {"rail": "pii", "label": "", "policy": "p", "action": "redact", "score": 1.0, "text_hash": "h"}
        put(url, "audit", **given, **made, answer_id=f"ans-{number}")
    with opened(url) as ledger:
        decide(ledger, "ans-12")
        newer = Audit(ledger.transaction).page(ANNA, limit=4)
        rest = Audit(ledger.transaction).page(ANNA, limit=100, before=newer.next)
        shown = [entry["answer_id"] for entry in newer.entries + rest.entries]
    assert shown == [f"ans-{number}" for number in range(12, 0, -1)]


def test_an_answer_of_an_earlier_version_can_still_be_rated(url: str):
    migrate(url, "0003")
    given = {"answer_id": "ans-1", "tenant": "acme", "subject": "anna", "question_hash": "h", "model": "m"}
    made = {"chunk_ids": "[]", "refused": False, "grounded": 0.9, "finish_reason": "stop"}
    put(url, "answers", **given, **made, created_at="2026-01-01T00:00:00.000+00:00")
    with opened(url) as ledger:
        ledger.rate(ANNA, "ans-1", "down", "30 days", None)
        (rated,) = Samples(ledger.transaction, 24, 365).rated(ANNA)
    assert (rated.correction, rated.question, rated.policy, rated.context) == ("30 days", None, "", ())


@pytest.mark.parametrize("step", [step for step in STEPS if "0003" <= step < "0006"])
def test_what_was_kept_of_an_earlier_versions_conversation_is_deleted_with_it(url: str, step: str):
    migrate(url, step)
    at = "2026-01-01T00:00:00.000+00:00"
    given = {"answer_id": "ans-1", "tenant": "acme", "subject": "anna", "created_at": at}
    made = {"chunk_ids": "[]", "refused": False, "grounded": 0.9, "finish_reason": "stop"}
    put(url, "answers", **given, **made, question_hash="h", model="m")
    put(url, "turns", **given, conversation_id="c", access="a", question="q", standalone="q", answer="a")
    with opened(url) as ledger:
        ledger.rate(ANNA, "ans-1", "down", "30 days", None)
        talks = Conversations(ledger.transaction, 30, 50)
        talks.page(ANNA)  # sweeps: the turn has long expired
        talks.forget(ANNA, "c")
        (rated,) = Samples(ledger.transaction, 24, 365).rated(ANNA)
    assert rated.correction is None


def test_going_back_to_the_first_version_keeps_decisions_in_their_order(url: str):
    with opened(url) as ledger:
        for number in range(3):
            decide(ledger, f"ans-{number}")
            shown = [entry["answer_id"] for entry in reversed(Audit(ledger.transaction).page(ANNA).entries)]
    migrate(url, "0001", command.downgrade)
    with connected(url) as connection:
        rows = connection.execute(text("select id, answer_id from audit order by id")).all()
        assert [tuple(row) for row in rows] == [(number + 1, name) for number, name in enumerate(shown)]
        names = [column["name"] for column in inspect(connection).get_columns("api_keys")]
    assert "expires_at" not in names
    given = {"at": "2026-01-01", "tenant": "acme", "subject": "anna", "stage": "input", "rail": "pii"}
    made = {"label": "", "policy": "p", "action": "redact", "score": 1.0, "text_hash": "h"}
    put(url, "audit", **given, **made, answer_id="ans-next")
    with connected(url) as connection:
        assert connection.scalar(text("select id from audit where answer_id = 'ans-next'")) == 4


def test_every_step_can_be_taken_back(url: str):
    migrate(url, "head")
    migrate(url, "base", command.downgrade)
    with connected(url) as connection:
        assert set(inspect(connection).get_table_names()) & set(metadata.tables) == set()


def test_several_processes_may_be_the_first_to_open_it(url: str):
    together = threading.Barrier(4)

    def first(_: int) -> Ledger:
        together.wait()
        return Ledger(url)

    with ThreadPoolExecutor(4) as threads:
        ledgers = list(threads.map(first, range(4)))
    assert [ledger.keys() for ledger in ledgers] == [[], [], [], []]
    for ledger in ledgers:
        ledger.close()


def test_a_new_file_that_somebody_reads_is_waited_for(tmp_path: Path):
    file = tmp_path / "ledger.db"
    with closing(sqlite3.connect(file, check_same_thread=False)) as reader:
        reader.execute("create table begun (at text)")
        reader.execute("begin")
        reader.execute("select * from begun").fetchall()
        # No write-ahead log for a file that is being read: without waiting, opening it fails at once.
        threading.Timer(0.3, reader.rollback).start()
        with opened(f"sqlite:///{file}") as ledger:
            assert ledger.keys() == []


def test_a_ledger_of_a_newer_version_is_a_clear_error(url: str):
    Ledger(url).close()
    with connected(url) as connection:
        connection.execute(text("update service_schema set version_num = '9999'"))
    with pytest.raises(LedgerFault, match="use the Plumbline that wrote it"):
        Ledger(url)
