"""What can a query do with the open transaction?"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlmodel import SQLModel

from storage import postgres, sqlite
from storage.statements import Command, Compiled, Query, insertion

T = TypeVar("T")


class Answer(Protocol):
    """What came of a statement, as drivers tell it."""

    @property
    def rowcount(self) -> int: ...

    def fetchall(self) -> list[Any]: ...

    def fetchone(self) -> Any: ...


class Later(Generic[T]):
    """The answer to a query, read when it is wanted."""

    def __init__(self, query: Query[T], compiled: Compiled, answer: Answer) -> None:
        self._into = query.into
        self._read = compiled.read
        self._answer = answer

    def all(self) -> list[T]:
        """Every row of the query, in its order."""
        into, read = self._into, self._read
        return [into(*read(row)) for row in self._answer.fetchall()]

    def first(self) -> T | None:
        """The query's first row; None when there is none."""
        row = self._answer.fetchone()
        return None if row is None else self._into(*self._read(row))

    def only(self) -> T:
        """The row of a query that always has one."""
        found = self.first()
        assert found is not None
        return found


class Db:
    """The open transaction that every query takes first. Nobody outside this file commits it."""

    def __init__(self, connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        self.dialect = connection.dialect
        self._line: sqlite.Line | postgres.Line
        if self.dialect.name == "sqlite":
            self._line = sqlite.Line(raw)
        else:
            self._line = postgres.Line(raw, connection.info.setdefault("kepu_prepared", set()))
        self._depth = 0
        self.has_news = False  # something was put that is to be said: the senders are woken

    def all(self, query: Query[T], /, **values: Any) -> list[T]:
        """Every row of the query, in its order."""
        compiled = query.on(self.dialect)
        answer = self._line.send(compiled, compiled.parameters(values))
        into, read = query.into, compiled.read
        return [into(*read(row)) for row in answer.fetchall()]

    def first(self, query: Query[T], /, **values: Any) -> T | None:
        """The query's first row; None when there is none."""
        compiled = query.on(self.dialect)
        row = self._line.send(compiled, compiled.parameters(values)).fetchone()
        return None if row is None else query.into(*compiled.read(row))

    def later(self, query: Query[T], /, **values: Any) -> Later[T]:
        """Ask now and read afterwards: what is asked together waits for PostgreSQL once."""
        compiled = query.on(self.dialect)
        return Later(query, compiled, self._line.later(compiled, compiled.parameters(values)))

    def change(self, command: Command, /, **values: Any) -> int:
        """Run a change; how many rows it met."""
        compiled = command.on(self.dialect)
        return self._line.send(compiled, compiled.parameters(values)).rowcount

    def note(self, command: Command, /, **values: Any) -> None:
        """Run a change whose answer nobody needs: PostgreSQL gets it with the next question.

        If it fails, then at the next question, or the end of the savepoint, or of the work.
        """
        compiled = command.on(self.dialect)
        self._line.send(compiled, compiled.parameters(values))

    def change_many(self, command: Command, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a change once a row, without an answer."""
        compiled = command.on(self.dialect)
        self._line.send_many(compiled, [compiled.parameters(row) for row in rows])

    def insert(self, row: SQLModel) -> int:
        """Store a new row; its id."""
        found = self.first(_insertion(type(row)), **row.__dict__)
        assert found is not None
        return found

    def run(self, sql: str) -> None:
        """Run SQL that takes no values and has no answer."""
        self._line.plain(sql)

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happened inside, and only that, when it raises."""
        self._depth += 1
        line, depth = self._line, self._depth + 1  # the work itself is the first
        point: Any = line.begin(depth)
        try:
            yield
            line.end(point, depth)
        except BaseException:
            if self.can_go_on:
                line.undo(point, depth)
            raise
        finally:
            self._depth -= 1

    @contextlib.contextmanager
    def work(self, failed: Callable[[Exception], None]) -> Iterator[None]:
        """A savepoint around a whole work. `failed` is told what turns out when it is over."""
        line = self._line
        point: Any = line.begin_work(failed)
        try:
            yield
        except BaseException:
            if self.can_go_on:
                line.undo_work(point)
            raise
        line.end_work(point)

    def finish(self) -> None:
        """Have everything done that was noted; the transaction can be committed then."""
        self._line.finish()

    @property
    def can_go_on(self) -> bool:
        """Whether the transaction stands; a full disk or a lost connection rolls it back whole."""
        return self._line.can_go_on


_insertions: dict[type[SQLModel], Query[int]] = {}


def _insertion(model: type[SQLModel]) -> Query[int]:
    query = _insertions.get(model)
    if query is None:
        query = _insertions[model] = insertion(model)
    return query
