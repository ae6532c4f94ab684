"""How Alembic runs our migrations: on the connection that it is handed, in batch mode on SQLite."""

from alembic import context
from sqlalchemy import Connection

from fedcop.db.base import is_mapped

connection: Connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
    include_name=is_mapped,
)
with context.begin_transaction():
    context.run_migrations()
