import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from ingest.catalog import Catalog, sqlite_url
from ingest.errors import CatalogFault
from ingest.schema import MIGRATIONS
from ingest.tables import HEAD, metadata


def test_the_migrations_build_the_tables(blank_catalog):
    engine = create_engine(sqlite_url(blank_catalog))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "ingest_schema"})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD
    engine.dispose()


def test_the_head_is_the_last_migration():
    steps = [path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    assert max(re.match(r"\d+", name)[0] for name in steps) == HEAD


def test_opening_again_keeps_what_is_there(tmp_path: Path):
    url = sqlite_url(tmp_path / "catalog.db")
    first = Catalog(url)
    first.state(embedder="x")
    first.close()
    second = Catalog(url)
    assert second.fact("embedder") == "x"
    second.close()


def test_a_catalog_of_a_newer_version_is_left_alone(tmp_path: Path):
    url = sqlite_url(tmp_path / "catalog.db")
    Catalog(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE ingest_schema SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(CatalogFault, match="not one that this version knows"):
        Catalog(url)
