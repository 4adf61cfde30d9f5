"""What databases do when they are gone, locked or full is told plainly, without a value and with a remedy."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, exc, text

from ingest.catalog import Catalog
from ingest.database import MEANINGS, UNREACHABLE, Database, meaning
from ingest.errors import CatalogFault
from tests import postgres
from tests.postgres import BOTH, Cluster

HASTE = 0.05


@pytest.fixture
def rival(catalog_url: str) -> Iterator[Engine]:
    """Somebody else who is connected to the same database."""
    engine = create_engine(catalog_url)
    yield engine
    engine.dispose()


class Refusal(Exception):
    """An error of PostgreSQL's, as its driver gives it: with a state, and a row in its words."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("Failing row contains (the secret text)")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("55P03", "is locked"),
        ("40P01", "is locked"),
        ("53100", "has no room left"),
        ("53300", "takes no more connections"),
        ("25006", "may only be read"),
        ("28P01", "lets nobody in"),
        ("3D000", "lets nobody in"),
        ("08006", "cannot be reached"),
        ("57P01", "cannot be reached"),
        (None, "cannot be reached"),
        ("23505", "failed (Refusal, SQLSTATE 23505)"),
    ],
)
def test_a_servers_error_is_told_by_its_state_and_never_by_its_words(state: str | None, told: str):
    error = exc.DBAPIError("insert into documents", {"text": "the secret text"}, Refusal(state))
    assert told in meaning(error)
    assert "secret" not in meaning(error)
    assert ("secret" in meaning(error, words=True)) is (state is None)


def test_what_a_driver_did_not_say_is_told_by_its_class():
    assert meaning(exc.TimeoutError("QueuePool limit")) == "failed (TimeoutError): try again"


@pytest.mark.parametrize("beginnings", [beginnings for beginnings, _ in MEANINGS])
def test_no_meaning_hides_behind_another(beginnings: tuple[str, ...]):
    for code in beginnings:
        fitting = [told for others, told in MEANINGS if code.startswith(others)]
        assert len(fitting) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("database is locked", "is locked by somebody else"),
        ("database or disk is full", "no room left"),
        ("attempt to write a readonly database", "only be read"),
        ("no such table: x", "failed (OperationalError: no such table: x)"),
    ],
)
def test_sqlites_error_is_told_by_its_name(words: str, told: str):
    names = {"lock": "SQLITE_BUSY_SNAPSHOT", "full": "SQLITE_FULL", "readonly": "SQLITE_READONLY_DBMOVED"}
    cause = sqlite3.OperationalError(words)
    cause.sqlite_errorname = next((name for word, name in names.items() if word in words), "SQLITE_ERROR")
    assert told in meaning(exc.OperationalError("select", {}, cause))


@BOTH
def test_a_database_that_somebody_else_has_locked_is_a_clear_error(catalog_url: str, rival: Engine):
    catalog = Catalog(catalog_url, HASTE)
    with rival.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("LOCK TABLE facts IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(CatalogFault, match="the catalog is locked by somebody else: try again"):
            catalog.hide(["v"])
        connection.rollback()
    catalog.hide(["v"])
    catalog.close()


@BOTH
def test_whoever_migrates_is_waited_for(database: str, copy: Callable[[str], str], tmp_path):
    url = f"sqlite:///{tmp_path}/new.db" if database == "sqlite" else copy("empty")
    first = Database(url, "catalog", CatalogFault, {})
    with first.begin() as connection:
        if database == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(7205759)"))
        with pytest.raises(CatalogFault, match="is locked by somebody else"):
            Catalog(url, HASTE)
    first.close()
    Catalog(url, HASTE).close()


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path):
    (tmp_path / "catalog.db").write_bytes(b"no database at all, just words" * 100)
    with pytest.raises(CatalogFault, match=r"the catalog at sqlite.*catalog\.db failed .*not a database"):
        Catalog(f"sqlite:///{tmp_path}/catalog.db")


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(CatalogFault, match="unable to open database file"):
        Catalog(f"sqlite:///{tmp_path}/none/catalog.db")


def test_a_server_that_is_not_there_is_told_with_its_place_and_without_its_password(tmp_path):
    with pytest.raises(CatalogFault) as caught:
        Catalog(f"postgresql://anna:opensesame@/name?host={tmp_path}")
    told = str(caught.value)
    assert UNREACHABLE in told
    assert str(tmp_path) in told
    assert "opensesame" not in told


def test_a_database_that_the_server_does_not_have_is_told(cluster: Cluster):
    with pytest.raises(CatalogFault, match=r'cannot be reached.*database "none" does not exist'):
        Catalog(cluster.url("none"))


def test_a_server_that_falls_over_is_told_and_used_again_when_it_is_back():
    programs = postgres.binaries()
    if programs is None:
        pytest.skip(postgres.MISSING)
    with postgres.running(programs) as cluster:
        catalog = Catalog(cluster.url())
        catalog.state(embedder="x")
        cluster.stop()
        for _ in range(2):
            with pytest.raises(CatalogFault, match="the catalog cannot be reached"):
                catalog.fact("embedder")
        cluster.start()
        assert catalog.fact("embedder") == "x"
        catalog.close()


@BOTH
def test_messages_never_hold_what_was_written(catalog_url: str):
    database = Database(catalog_url, "catalog", CatalogFault, {})
    with pytest.raises(CatalogFault) as caught, database.begin() as connection:
        connection.execute(text("insert into facts (name, value) values ('the secret', null)"))
    assert "secret" not in str(caught.value)
    database.close()


@BOTH
def test_one_process_at_a_time_writes_to_an_index_that_several_share(catalog_url):
    first, second = Catalog(catalog_url), Catalog(catalog_url, patience=HASTE)
    with first.alone():
        if catalog_url.startswith("postgresql"):
            with pytest.raises(CatalogFault, match="locked by somebody else"), second.alone():
                pytest.fail("two write at once")
        else:  # a file has the processes of one data folder, whose lock keeps them apart
            with second.alone():
                assert first.fact("anything") is None
    with second.alone():
        assert second.fact("anything") is None
    first.close()
    second.close()
