"""Bringing a catalog's database to the schema of `ingest.tables`. The only module that runs Alembic."""

from pathlib import Path

from sqlalchemy import Connection, column, select, table
from sqlalchemy.exc import DatabaseError

from ingest.errors import CatalogFault
from ingest.tables import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> None:
    """Run the migrations that the database has not seen. Costs one query when there are none.

    Raises:
        CatalogFault: the database was written by a newer Plumbline.
    """
    if _current(connection) == HEAD:
        return
    from alembic import command  # noqa: PLC0415  # a quarter of a second, needed once in a data folder's life
    from alembic.config import Config  # noqa: PLC0415  # as above
    from alembic.util import CommandError  # noqa: PLC0415  # as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise CatalogFault(
            f"the catalog's schema is not one that this version knows ({error})",
            "use the Plumbline that wrote it, or another PLUMBLINE_HOME",
        ) from error


def _current(connection: Connection) -> str | None:
    with connection.begin_nested():
        try:
            return connection.scalar(select(column("version_num")).select_from(table("ingest_schema")))
        except DatabaseError:
            return None
