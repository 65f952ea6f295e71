"""How do statements reach SQLite? Each at once: it answers in the time of a call."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from storage.statements import Compiled


class Read:
    """An answer that stays while other statements run."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def fetchall(self) -> list[Any]:
        """Every row."""
        return self._rows

    def fetchone(self) -> Any:
        """The first row; None when there is none."""
        return self._rows[0] if self._rows else None


class Line:
    """What a transaction does over one connection."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw
        self._cursor = raw.cursor()

    @property
    def can_go_on(self) -> bool:
        """Whether the transaction stands; a full disk rolls it back whole."""
        return self._raw.in_transaction

    def send(self, compiled: Compiled, parameters: Sequence[Any]) -> sqlite3.Cursor:
        """Run a statement; its answer has to be read before the next one runs."""
        return self._cursor.execute(compiled.sql, parameters)

    def later(self, compiled: Compiled, parameters: Sequence[Any]) -> Read:
        """Run a statement whose answer is read whenever it is wanted."""
        cursor = self._cursor.execute(compiled.sql, parameters)
        return Read(cursor.fetchall(), cursor.rowcount)

    def send_many(self, compiled: Compiled, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement once a row."""
        self._cursor.executemany(compiled.sql, rows)

    def plain(self, sql: str) -> sqlite3.Cursor:
        """Run SQL without values."""
        return self._cursor.execute(sql)

    def begin(self, depth: int) -> None:
        """Open a savepoint."""
        self._cursor.execute(f"SAVEPOINT kepu_{depth}")

    def end(self, _savepoint: None, depth: int) -> None:
        """Release it."""
        self._cursor.execute(f"RELEASE SAVEPOINT kepu_{depth}")

    def undo(self, _savepoint: None, depth: int) -> None:
        """Undo what happened since."""
        self._cursor.execute(f"ROLLBACK TO SAVEPOINT kepu_{depth}")
        self._cursor.execute(f"RELEASE SAVEPOINT kepu_{depth}")

    def begin_work(self, _failed: Callable[[Exception], None]) -> None:
        """Open a savepoint; what fails, fails at once."""
        self._cursor.execute("SAVEPOINT kepu_1")

    def end_work(self, _savepoint: None) -> None:
        """Release it."""
        self._cursor.execute("RELEASE SAVEPOINT kepu_1")

    def undo_work(self, savepoint: None) -> None:
        """Undo what happened since."""
        self.undo(savepoint, 1)

    def finish(self) -> None:
        """Nothing waits."""
