"""Alembic's entry: it runs on the connection that ``migrate`` hands over, and on no other."""

from alembic import context

from neiic.models.tables import Stored

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Stored.metadata,
    # SQLite cannot alter much of a table in place.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
