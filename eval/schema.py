"""The steps that bring a database to the schema of `eval.tables`; `ingest.schema` takes them."""

from pathlib import Path

from eval.tables import HEAD
from ingest.schema import Schema

MIGRATIONS = Path(__file__).parent / "migrations"

HISTORY = Schema("eval_schema", HEAD, MIGRATIONS)
