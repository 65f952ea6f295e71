"""How does a query run without being built anew each time?

SQLAlchemy spends more time assembling a statement than SQLite does running it (2,700 turns/s
against 56,000 raw). A `Query` or `Command` is written once in Core, compiled once a dialect, and
from then on is SQL text, a way to bind values and a way to read rows.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import BindParameter, ClauseElement, Dialect, bindparam, insert, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.orm import configure_mappers
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import SQLModel

T = TypeVar("T")
M = TypeVar("M", bound=SQLModel)


class InsertFor(Protocol):
    """`insert` of the dialect at hand: both know ON CONFLICT, each in a class of its own."""

    def __call__(
        self, table: Any
    ) -> Any: ...  # the two Insert classes share no base with on_conflict


Convert = Callable[[Any], Any]
Statement = ClauseElement | Callable[[InsertFor], ClauseElement]


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL text for one dialect, with what turns values into parameters and a row into values."""

    sql: str
    binds: Sequence[tuple[str, Convert | None]]  # a name for each parameter, in their order
    defaults: Mapping[str, Any]
    from_column: Sequence[tuple[int, Convert]]
    name: bytes  # no other has it; PostgreSQL prepares the statement under it
    encoded: bytes

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of their places. Raises KeyError when one is missing."""
        bound = {**self.defaults, **values} if self.defaults else values
        return [bound[name] if into is None else into(bound[name]) for name, into in self.binds]

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        """One row, its columns converted."""
        if not self.from_column:
            return row
        values = list(row)
        for index, convert in self.from_column:
            values[index] = convert(values[index])
        return values


class Command:
    """A change compiled once a dialect. Run by `Db.change`, which tells how many rows it met."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def on(self, dialect: Dialect) -> Compiled:
        """The compiled form for `dialect`."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compile(self._element(dialect.name), dialect)
        return found

    def _element(self, dialect_name: str) -> ClauseElement:
        if isinstance(self._statement, ClauseElement):
            return self._statement
        return self._statement(postgresql.insert if dialect_name == "postgresql" else sqlite.insert)


class Query(Command, Generic[T]):
    """A question compiled once a dialect; each row becomes `into(*columns)`."""

    def __init__(self, statement: Statement, into: Callable[..., T]) -> None:
        super().__init__(statement)
        self.into = into


def scalar(value: Any) -> Any:
    """`into` of a query with a single column: the value itself."""
    return value


def whole(model: type[M]) -> Callable[..., M]:
    """`into` of a query that selects every column of `model`."""
    configure_mappers()
    mapper = inspect(model)
    names = [column.key for column in mapper.columns]
    # As the ORM itself loads rows: __init__ is for new ones, and takes twenty times as long.
    blank = mapper.class_manager.new_instance

    def row(*values: Any) -> M:
        made: M = blank()
        made.__dict__.update(zip(names, values, strict=True))
        return made

    return row


def insertion(model: type[SQLModel]) -> "Query[int]":
    """A query that inserts one row of `model` and tells its id (None for a table without one)."""
    columns = [column for column in inspect(model).columns if column.key != "id"]
    statement = insert(model).values({column.key: bindparam(column.key) for column in columns})
    table_id = inspect(model).columns.get("id")
    return Query(statement.returning(table_id if table_id is not None else columns[0]), into=scalar)


def _compile(element: ClauseElement, dialect: Dialect) -> Compiled:
    dialect = _POSTGRESQL if dialect.name == "postgresql" else _SQLITE
    compiled = element.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    assert compiled.positiontup is not None
    into = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for name, bind in compiled.binds.items()
    }
    columns = getattr(element, "exported_columns", ())
    readers = [
        (index, processor)
        for index, column in enumerate(columns)
        if (processor := column.type.dialect_impl(dialect).result_processor(dialect, None))
        is not None
    ]
    defaults = {
        name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required
    }
    binds = [(name, into[name]) for name in compiled.positiontup]
    sql, name = str(compiled), b"kepu_%d" % next(_numbers)
    return Compiled(sql, binds, defaults, readers, name, sql.encode())


_numbers = itertools.count(1)


class _WithConstants(SQLCompiler):
    """Writes constants out: bound, they hide which partial index fits.

    SQLite plans a query that might use one anew at each run, which took 146 µs instead of 9.
    """

    def visit_bindparam(  # type: ignore[no-untyped-def,override]  # as it comes
        self,
        bindparam: BindParameter[Any],
        within_columns_clause: bool = False,
        literal_binds: bool = False,
        **options,
    ) -> str:
        is_constant = not bindparam.required and isinstance(bindparam.value, str | int)
        literal = literal_binds or is_constant
        text = super().visit_bindparam(bindparam, within_columns_clause, literal, **options)  # type: ignore[no-untyped-call]  # has none
        return str(text)


class _OnSQLite(_WithConstants, SQLiteCompiler):
    pass


class _OnPostgreSQL(_WithConstants, PGCompiler_psycopg):
    pass


# Places are numbered, as the server itself wants them.
_POSTGRESQL = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # has none
_POSTGRESQL.statement_compiler = _OnPostgreSQL
_SQLITE = SQLiteDialect_pysqlite()
_SQLITE.statement_compiler = _OnSQLite
