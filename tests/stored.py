"""What do the tables hold, for a test that works in one transaction and leaves nothing?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import bindparam, select, update
from sqlmodel import SQLModel, col

from storage.database import Database
from storage.db import Db
from storage.models import Pool
from storage.statements import Command, Query, whole

M = TypeVar("M", bound=SQLModel)


@contextmanager
def transaction(database: Database) -> Iterator[Db]:
    """An open transaction, undone at the end."""
    with database.engine.connect() as connection:
        connection.begin()
        yield Db(connection)
        connection.rollback()


def rows(db: Db, model: type[M]) -> list[M]:
    """Every row of a table."""
    return db.all(Query(select(model), into=whole(model)))


def pool_of(db: Db, session_id: int) -> Pool:
    """The only pool of a session."""
    query = select(Pool).where(col(Pool.session_id) == bindparam("session"))
    [pool] = db.all(Query(query, into=whole(Pool)), session=session_id)
    return pool


def change(db: Db, row: SQLModel, **values: Any) -> None:
    """Change columns of a stored row."""
    table: Any = type(row)
    new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in values}
    command = Command(update(table).where(table.id == bindparam("the_id")).values(new))
    given = {f"new_{name}": value for name, value in values.items()}
    db.change(command, the_id=row.model_dump()["id"], **given)
