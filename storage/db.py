"""What can a query do with the open transaction?"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlmodel import SQLModel

from storage.statements import Command, Compiled, Query, insertion

T = TypeVar("T")


class Db:
    """The open transaction that every query takes first. Nobody outside this file commits it."""

    def __init__(self, connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        self.dialect = connection.dialect
        self._raw = raw
        self._cursor = raw.cursor()
        self._depth = 0

    def all(self, query: Query[T], /, **values: Any) -> list[T]:
        """Every row of the query, in its order."""
        compiled = self._execute(query, values)
        into, read = query.into, compiled.read
        return [into(*read(row)) for row in self._cursor.fetchall()]

    def first(self, query: Query[T], /, **values: Any) -> T | None:
        """The query's first row; None when there is none."""
        compiled = self._execute(query, values)
        row = self._cursor.fetchone()
        return None if row is None else query.into(*compiled.read(row))

    def change(self, command: Command, /, **values: Any) -> int:
        """Run a change; how many rows it met."""
        self._execute(command, values)
        return int(self._cursor.rowcount)

    def change_many(self, command: Command, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a change once a row, in one call to the driver."""
        compiled = command.on(self.dialect)
        self._cursor.executemany(compiled.sql, [compiled.parameters(row) for row in rows])

    def insert(self, row: SQLModel) -> int:
        """Store a new row; its id."""
        query = _insertions.get(type(row))
        if query is None:
            query = _insertions[type(row)] = insertion(type(row))
        found = self.first(query, **row.__dict__)
        assert found is not None
        return found

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happened inside, and only that, when it raises."""
        self._depth += 1
        name = f"kepu_{self._depth}"
        self._cursor.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if self.can_go_on:
                self._cursor.execute(f"ROLLBACK TO SAVEPOINT {name}")
                self._cursor.execute(f"RELEASE SAVEPOINT {name}")
            raise
        finally:
            self._depth -= 1
        self._cursor.execute(f"RELEASE SAVEPOINT {name}")

    @property
    def can_go_on(self) -> bool:
        """Whether the transaction stands; a full disk or a lost connection rolls it back whole."""
        in_transaction = getattr(self._raw, "in_transaction", True)  # SQLite
        return bool(in_transaction) and not getattr(self._raw, "closed", False)  # PostgreSQL

    def _execute(self, command: Command, values: Mapping[str, Any]) -> Compiled:
        compiled = command.on(self.dialect)
        self._cursor.execute(compiled.sql, compiled.parameters(values))
        return compiled


_insertions: dict[type[SQLModel], Query[int]] = {}
