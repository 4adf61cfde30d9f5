"""The steps that build the history's tables, for Alembic."""
