"""Is the schema the one this Kepu was written for, and how does it become so?

A revision is called after its file, so what is newest is told without loading Alembic: a start on a
current schema takes one query.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from storage.database import Database, DatabaseUnusable

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"


def revisions() -> list[str]:
    """Every revision this Kepu knows, oldest first."""
    return sorted(path.stem for path in (FOLDER / "versions").glob("20*.py"))


def is_current(engine: Engine) -> bool:
    """Whether nothing is left to migrate. Raises DatabaseUnusable when a newer Kepu wrote it."""
    with engine.connect().execution_options(kepu_reads=True) as connection:
        return _revision(connection) == revisions()[-1]


def migrate(where: str | Engine) -> None:
    """Bring the schema up to date; killed at any point, it is as it was, and can be run again.

    Raises DatabaseUnusable, with one line, when the database is not ours or is a newer Kepu's.
    """
    if isinstance(where, str):
        with Database.open(where) as database:
            return migrate(database.engine)
    if not is_current(where):
        from alembic import command  # takes longer than the rest of a start

        with where.connect() as connection:
            options = configuration()
            options.attributes["connection"] = connection
            command.upgrade(options, "head")
    return None


def configuration() -> "Config":
    """Alembic's settings; there is no alembic.ini."""
    from alembic.config import Config

    options = Config()
    options.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    options.set_main_option("path_separator", "os")
    return options


def _revision(connection: Connection) -> str | None:
    """The revision of the tables; None when there are none."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise DatabaseUnusable(
                f"{_name(connection)} holds tables of another program; "
                "give Kepu a database of its own"
            )
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in revisions():
        raise DatabaseUnusable(
            f"{_name(connection)} was written by a newer Kepu (revision {found}); "
            "install that version or restore a backup"
        )
    return found


def _name(connection: Connection) -> str:
    return connection.engine.url.render_as_string(hide_password=True)
