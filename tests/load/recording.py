"""What would SQLite alone do with the same statements?

A recorded run keeps every statement with its parameters; played on a copy of the database it began
with, through nothing but sqlite3 and with as many turns to a commit, it is what no code of ours can
be faster than.
"""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from storage.database import sqlite_engine
from storage.writer import BATCH_MAX

Statement = tuple[str, Any, bool]  # SQL, parameters, whether they are many rows
FIRST = "SAVEPOINT kepu_1"  # begins every work


class _Recorder(sqlite3.Connection):
    log: "list[Statement] | None" = None

    def cursor(self, *args: Any, **named: Any) -> "_Cursor":  # type: ignore[override]  # narrower
        return super().cursor(_Cursor)


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = (), /) -> "_Cursor":
        if _Recorder.log is not None:
            _Recorder.log.append((sql, parameters, False))
        return super().execute(sql, parameters)

    def executemany(self, sql: str, rows: Any, /) -> "_Cursor":
        if _Recorder.log is not None:
            rows = list(rows)
            _Recorder.log.append((sql, rows, True))
        return super().executemany(sql, rows)


def recording_engine(url: str) -> Engine:
    """An engine like the product's whose statements `recorded` gives."""
    engine = sqlite_engine(url)

    def connect(_dialect: Any, _record: Any, _args: Any, named: dict[str, Any]) -> None:
        named["factory"] = _Recorder

    event.listen(engine, "do_connect", connect)
    return engine


class Recording:
    """Keeps the statements run while it is open, on engines of `recording_engine`."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    def __enter__(self) -> "Recording":
        _Recorder.log = self.statements
        return self

    def __exit__(self, *_error: object) -> None:
        _Recorder.log = None


def works(statements: Sequence[Statement]) -> list[list[Statement]]:
    """The statements of each work, savepoints included, what begins a transaction left out."""
    found: list[list[Statement]] = []
    for statement in statements:
        if statement[0] == FIRST:
            found.append([])
        if found and not statement[0].startswith("BEGIN"):
            found[-1].append(statement)
    return found


def play(path: Path, recorded: Sequence[Sequence[Statement]]) -> float:
    """Seconds for the recorded works on the file, 64 to a commit as the writer has them."""
    connection = _open(path)
    cursor = connection.cursor()
    started = time.perf_counter()
    for start in range(0, len(recorded), BATCH_MAX):
        cursor.execute("BEGIN IMMEDIATE")
        for work in recorded[start : start + BATCH_MAX]:
            for sql, parameters, is_many in work:
                if is_many:
                    cursor.executemany(sql, parameters)
                else:
                    cursor.execute(sql, parameters).fetchall()
        cursor.execute("COMMIT")
    took = time.perf_counter() - started
    connection.close()
    return took


def _open(path: Path) -> sqlite3.Connection:
    """A plain connection set up by the product itself, so that every pragma is the same."""
    engine = sqlite_engine(f"sqlite:///{path}")
    connection = engine.raw_connection()
    raw = connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    connection.detach()
    engine.dispose()
    return raw
