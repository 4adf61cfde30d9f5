"""The steps that bring a database to the schema of `service.tables`; `ingest.schema` takes them."""

from pathlib import Path

from ingest.schema import Schema
from service.tables import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"

LEDGER = Schema("service_schema", HEAD, MIGRATIONS)
