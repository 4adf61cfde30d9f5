"""Alembic's entry: run the steps on the connection that `eval.history` hands over."""

from alembic import context

from eval.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="eval_schema",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
