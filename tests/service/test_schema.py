"""Every earlier ledger is brought to the schema of today, with all that it holds."""

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from service.ledger import Ledger, sqlite_url
from service.schema import MIGRATIONS
from service.tables import HEAD, metadata

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


def alembic(database: Path, to: str, *, down: bool = False) -> None:
    engine = create_engine(sqlite_url(database))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, to)
    engine.dispose()


def test_the_head_is_the_last_step():
    assert STEPS[-1] == HEAD


@pytest.mark.parametrize("step", STEPS)
def test_a_ledger_of_an_earlier_version_keeps_what_it_holds(tmp_path: Path, step: str):
    database = tmp_path / "ledger.db"
    alembic(database, step)
    engine = create_engine(sqlite_url(database))
    with engine.begin() as connection:
        names, places = ", ".join(KEY), ", ".join(f":{name}" for name in KEY)
        connection.execute(text(f"insert into api_keys ({names}) values ({places})"), KEY)  # noqa: S608  # our own names
    engine.dispose()
    ledger = Ledger(sqlite_url(database))
    (kept,) = ledger.keys()
    assert (kept.id, kept.groups) == ("key-1", ("hr",))
    ledger.close()


def test_every_step_can_be_taken_back(tmp_path: Path):
    database = tmp_path / "ledger.db"
    alembic(database, "head")
    alembic(database, "base", down=True)
    engine = create_engine(sqlite_url(database))
    assert set(inspect(engine).get_table_names()) & set(metadata.tables) == set()
    engine.dispose()
