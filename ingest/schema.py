"""The steps that bring a database to the schema of its tables. The only module that runs Alembic."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from ingest.tables import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"


class UnknownSchema(Exception):
    """The database stands at a step that is not among ours: a newer Plumbline wrote it."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Alembic's folder of `steps`, the last of them (`head`), and the table that says how far it is."""

    version_table: str
    head: str
    steps: Path

    def reached(self, connection: Connection) -> bool:
        """Whether nothing is left to do. Two short queries."""
        if not inspect(connection).has_table(self.version_table):
            return False
        current = connection.scalar(select(column("version_num")).select_from(table(self.version_table)))
        return bool(current == self.head)

    def migrate(self, connection: Connection) -> None:
        """Take the steps that the database has not seen; none, if somebody else just took them.

        Raises:
            UnknownSchema: the database was written by a newer Plumbline.
        """
        if self.reached(connection):
            return
        from alembic import command  # noqa: PLC0415  # a quarter of a second, needed once in a database's life
        from alembic.config import Config  # noqa: PLC0415  # as above
        from alembic.util import CommandError  # noqa: PLC0415  # as above

        config = Config()
        config.set_main_option("script_location", str(self.steps))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise UnknownSchema(str(error)) from error


CATALOG = Schema("ingest_schema", HEAD, MIGRATIONS)
