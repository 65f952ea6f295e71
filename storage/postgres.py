"""How do statements reach PostgreSQL without waiting for each answer?

A statement is queued until somebody reads an answer; then all of them travel together, in libpq's
pipeline mode, and one round trip is paid where each would cost one. Savepoints are queued like the
rest, so a work's first statement carries its savepoint, and the release of the work before. When a
statement of an earlier work turns out to fail, that work alone is undone and told; what belongs to
others is sent again.
"""

import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from storage.statements import Compiled

QUEUE_MAX = 100  # statements; more would only fill the buffers of both sides
Failed = Callable[[Exception], None]
_GOOD = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


def _text_of(value: str) -> bytes:
    if "\0" in value:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return value.encode()


def _iso(value: date) -> bytes:
    return value.isoformat().encode()


_TEXT: dict[type, Callable[[Any], bytes | None]] = {
    type(None): lambda _value: None,
    str: _text_of,
    int: lambda value: b"%d" % value,
    bool: lambda value: b"t" if value else b"f",
    datetime: _iso,
    date: _iso,
}


@dataclass(slots=True, eq=False)
class Work:
    """Whose statements these are, and who is told when one fails after the work ended."""

    failed: Failed


@dataclass(slots=True, eq=False)
class Sent:
    """A statement, queued or answered; reading the answer sends what is queued."""

    line: "Line"
    name: bytes  # it is prepared under
    sql: bytes
    parameters: Sequence[bytes | None]
    work: Work | None
    result: PGresult | None = None

    def fetchall(self) -> list[Any]:
        """Every row."""
        return self.line.rows(self._answer())

    def fetchone(self) -> Any:
        """The first row; None when there is none."""
        rows = self.line.rows(self._answer())
        return rows[0] if rows else None

    @property
    def rowcount(self) -> int:
        """How many rows it met."""
        return self._answer().command_tuples or 0

    def _answer(self) -> PGresult:
        if self.result is None:
            self.line.flush()
        assert self.result is not None
        return self.result


class Line:
    """What a transaction says to the server over one connection."""

    def __init__(self, raw: Any, prepared: set[bytes]) -> None:
        self._raw: psycopg.Connection[Any] = raw
        self._server = self._raw.pgconn
        self._prepared = prepared  # names the server knows on this connection
        self._adapt = Transformer(self._raw)
        self._queue: list[Sent] = []
        self._work: Work | None = None
        self._poll = select.poll()
        if self._server.transaction_status == TransactionStatus.IDLE:
            self.plain("BEGIN")

    @property
    def can_go_on(self) -> bool:
        """Whether the transaction stands; a lost connection rolls it back."""
        return not self._raw.closed

    def send(self, compiled: Compiled, parameters: Sequence[Any]) -> Sent:
        """Queue a statement; reading its answer sends it."""
        text, other = _TEXT.get, self._other
        texts = [(text(type(each)) or other)(each) for each in parameters]
        return self._add(compiled.name, compiled.encoded, texts)

    later = send

    def send_many(self, compiled: Compiled, rows: Sequence[Sequence[Any]]) -> None:
        """Queue a statement once a row."""
        for row in rows:
            self.send(compiled, row)

    def plain(self, sql: str) -> Sent:
        """Queue SQL without values."""
        encoded = sql.encode()
        return self._add(encoded[:63], encoded, ())

    def begin_work(self, failed: Failed) -> Sent:
        """Open a savepoint; `failed` is told of what fails after the work ended."""
        self._work = Work(failed)
        return self.plain("SAVEPOINT kepu_1")

    def end_work(self, _savepoint: Sent) -> None:
        """Queue the release; what is queued before it is sent by whoever reads next."""
        self.plain("RELEASE SAVEPOINT kepu_1")
        self._work = None

    def undo_work(self, savepoint: Sent) -> None:
        """Undo what happened since, sent or not."""
        self.undo(savepoint, 1)
        self._work = None

    def begin(self, depth: int) -> Sent:
        """Open a savepoint within a work."""
        return self.plain(f"SAVEPOINT kepu_{depth}")

    def end(self, savepoint: Sent, depth: int) -> None:
        """Release it: what fails inside fails here, not after."""
        if self._queue and self._queue[-1] is savepoint:
            self._queue.pop()  # nothing was done inside
            return
        is_read = savepoint.result is not None and not self._queue
        self.plain(f"RELEASE SAVEPOINT kepu_{depth}")
        if not is_read:
            self.flush()

    def undo(self, savepoint: Sent, depth: int) -> None:
        """Undo what happened since, sent or not."""
        if savepoint in self._queue:
            del self._queue[self._queue.index(savepoint) :]
            return
        self._queue = [each for each in self._queue if each.work is not self._work]
        if savepoint.result is not None:  # else something before it failed, and it was not made
            self.plain(f"ROLLBACK TO SAVEPOINT kepu_{depth}")
            self.plain(f"RELEASE SAVEPOINT kepu_{depth}")

    def flush(self) -> None:
        """Send what is queued and read every answer. Raises what failed of the present work."""
        while self._queue:
            sent, self._queue = self._queue, []
            failure = self._exchange(sent)
            if failure is None:
                return
            at, error = failure
            work = sent[at].work
            if work is self._work or work is None:
                raise error
            work.failed(error)
            self._work, present = work, self._work
            self.plain("ROLLBACK TO SAVEPOINT kepu_1")
            self.plain("RELEASE SAVEPOINT kepu_1")
            self._work = present
            self._queue += [each for each in sent[at:] if each.work is not work]

    def finish(self) -> None:
        """Send the rest; the transaction can then be committed. Raises when it cannot."""
        self.flush()
        if self._server.transaction_status != TransactionStatus.INTRANS:
            raise psycopg.OperationalError("the transaction does not stand any more")

    def rows(self, result: PGresult) -> list[Any]:
        """The rows of an answer, as the driver would give them."""
        self._adapt.set_pgresult(result)
        return self._adapt.load_rows(0, result.ntuples, tuple)

    def _other(self, value: Any) -> bytes:
        """A value of a rarer type as the server reads it."""
        return bytes(self._adapt.get_dumper(value, PyFormat.TEXT).dump(value) or b"")

    def _add(self, name: bytes, sql: bytes, parameters: Sequence[bytes | None]) -> Sent:
        if len(self._queue) >= QUEUE_MAX:
            self.flush()
        sent = Sent(self, name, sql, parameters, self._work)
        self._queue.append(sent)
        return sent

    def _exchange(self, sent: Sequence[Sent]) -> tuple[int, Exception] | None:
        """Send and read; the first that failed, after which the server did none."""
        server = self._server
        server.enter_pipeline_mode()
        try:
            expected = self._say(sent)
            failure = self._hear(expected)
        finally:
            if self.can_go_on:
                server.exit_pipeline_mode()
        if failure is None:
            return None
        return sent.index(failure[0]), failure[1]

    def _say(self, sent: Sequence[Sent]) -> list[tuple[Sent, bool]]:
        """Write everything; what will be answered, in its order, and whether it only prepares."""
        server, expected = self._server, []
        new: set[bytes] = set()
        for each in sent:
            if each.name not in self._prepared and each.name not in new:
                server.send_prepare(each.name, each.sql)
                new.add(each.name)
                expected.append((each, True))
            server.send_query_prepared(each.name, each.parameters)
            expected.append((each, False))
        server.pipeline_sync()
        while server.flush():
            self._wait(select.POLLIN | select.POLLOUT)
            server.consume_input()
        return expected

    def _hear(self, expected: Sequence[tuple[Sent, bool]]) -> tuple[Sent, Exception] | None:
        failure: tuple[Sent, Exception] | None = None
        for each, only_prepares in expected:
            result = self._next()
            if result is None:
                raise psycopg.OperationalError("the connection is lost")
            if result.status in _GOOD:
                if only_prepares:
                    self._prepared.add(each.name)
                else:
                    each.result = result
            elif failure is None:
                failure = each, error_from_result(result)
            self._next()  # the end of this answer
        self._next()  # the end of all
        return failure

    def _next(self) -> PGresult | None:
        server = self._server
        while server.is_busy():  # waiting for it in libpq would hold up every other thread
            self._wait(select.POLLIN)
            server.consume_input()
        result: PGresult | None = server.get_result()
        return result

    def _wait(self, events: int) -> None:
        self._poll.register(self._server.socket, events)
        self._poll.poll()
