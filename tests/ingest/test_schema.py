"""Every earlier catalog is brought to the schema of today, with all that it holds: on both databases."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.errors import CatalogFault
from ingest.schema import MIGRATIONS
from ingest.settings import sqlite_url
from ingest.tables import HEAD, metadata
from tests.postgres import BOTH

pytestmark = BOTH

STEPS = sorted(re.match(r"\d+", path.name)[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
DOCUMENT = {
    "document_id": "d-1",
    "tenant": "acme",
    "uri": "file:///a.md",
    "file": "file:///a.md",
    "version": "v-1",
    "title": "A",
    "content_hash": "h",
    "text": "words",
    "chunks": 1,
    "groups": "[]",
    "labels": "[]",
    "updated_at": "2026-01-01T00:00:00+00:00",
}


@pytest.fixture
def url(database: str, tmp_path: Path, copy: Callable[[str], str]) -> str:
    """An empty database."""
    return sqlite_url(tmp_path / "empty.db") if database == "sqlite" else copy("empty")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def migrate(url: str, to: str, way: Callable[[Config, str], None] = command.upgrade) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with connected(url) as connection:
        config.attributes["connection"] = connection
        way(config, to)


def test_the_migrations_build_the_tables(catalog_url: str):
    with connected(catalog_url) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "ingest_schema"})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_the_head_is_the_last_migration():
    assert STEPS[-1] == HEAD


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("counted", [0, 7])
def test_a_catalog_of_an_earlier_version_keeps_what_it_holds(url: str, step: str, counted: int):
    migrate(url, step)
    with connected(url) as connection:
        names, places = ", ".join(DOCUMENT), ", ".join(f":{name}" for name in DOCUMENT)
        connection.execute(text(f"insert into documents ({names}) values ({places})"), DOCUMENT)  # noqa: S608  # our own names
        connection.execute(text("delete from facts where name = 'generation'"))
        if counted or step != STEPS[0]:
            row = {"value": str(counted)}
            connection.execute(text("insert into facts (name, value) values ('generation', :value)"), row)
    catalog = Catalog(url)
    assert [kept.uri for kept in catalog.documents(Principal.administrator("acme")).records] == [
        "file:///a.md"
    ]
    assert catalog.visibility().generation == counted
    catalog.close()


def test_every_step_can_be_taken_back(url: str):
    migrate(url, "head")
    migrate(url, "base", command.downgrade)
    with connected(url) as connection:
        assert set(inspect(connection).get_table_names()) & set(metadata.tables) == set()


def test_opening_again_keeps_what_is_there(url: str):
    first = Catalog(url)
    first.state(embedder="x")
    first.close()
    second = Catalog(url)
    assert second.fact("embedder") == "x"
    second.close()


def test_a_catalog_of_a_newer_version_is_left_alone(url: str):
    Catalog(url).close()
    with connected(url) as connection:
        connection.execute(text("UPDATE ingest_schema SET version_num = '9999'"))
    with pytest.raises(CatalogFault, match="not one that this version knows"):
        Catalog(url)
