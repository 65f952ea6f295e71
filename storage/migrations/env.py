"""How does Alembic run on our connection? In one transaction, whatever the number of migrations."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, event, text

from storage.failpoints import reached

# Two processes may start at once on PostgreSQL: the second waits, then finds nothing to do.
# "kepu" in ASCII; any number would do that no other program on the database uses.
UPGRADE_LOCK = 0x6B657075


def upgrade(connection: Connection) -> None:
    """Bring the schema to the newest revision; all of it or nothing."""
    event.listen(connection, "before_cursor_execute", _before_statement)
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # A table made anew under its old name must not take the rows that point at it along;
        # the pragma is ignored inside a transaction.
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            if not is_sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
            context.configure(connection=connection, transactional_ddl=True)
            context.run_migrations()
            if is_sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
                raise RuntimeError("a migration left a row that points at nothing")
    finally:
        connection.invalidate()  # opened anew, with the pragmas and without the hook


def _before_statement(*_: Any) -> None:
    reached("statement")


upgrade(context.config.attributes["connection"])
