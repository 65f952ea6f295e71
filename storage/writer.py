"""How do many works share one commit, and what becomes of each when it fails?

A writer takes queued works, up to 64, begins once, runs each in a savepoint of its own, commits
once, and only then tells every caller: the one fsync of a commit is shared, and a work that fails
takes nobody with it. When the database rolls the whole back, each work runs again by itself.
"""

import asyncio
import contextlib
import queue
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.db import Db
from storage.failpoints import reached

T = TypeVar("T")

BATCH_MAX = 64  # works a commit; more only lengthens the wait of the first
# Beside other writers, a batch holds its rows until it is committed, and two large ones want the
# same ones: in a rush on twenty sessions, 64 doubles the longest waits.
BATCH_MAX_SHARED = 8
RETRIES_MAX = 8
RETRYABLE = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "55P03",  # a lock waited for too long, see LOCK_WAIT
}
# Two batches may each hold a row the other wants. PostgreSQL looks for that only after a second;
# a batch gives up sooner, and its works, run one by one, lock in the order that they state.
LOCK_WAIT = "SET LOCAL lock_timeout = '100ms'"


@dataclass(slots=True)
class Job(Generic[T]):
    """A work, and who waits for it."""

    work: Callable[[Db], T]
    future: "Future[T] | asyncio.Future[T]"
    loop: asyncio.AbstractEventLoop | None
    value: T | None = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Tell the caller, unless it went away."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)  # type: ignore[arg-type]  # None is T's own


class _TransactionLost(Exception):
    """The database rolled the whole batch back; its works have to run again, one by one."""


class Writer(threading.Thread):
    """Runs queued works on one connection, many to a commit."""

    def __init__(self, engine: Engine, number: int, on_news: Callable[[], None]) -> None:
        super().__init__(name=f"kepu-writer-{number}", daemon=True)
        self.jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._engine = engine
        self._on_news = on_news
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._batch_max = BATCH_MAX if self._is_sqlite else BATCH_MAX_SHARED
        self._connection: Connection | None = None
        self._pause = threading.Event()  # never set

    def run(self) -> None:
        while True:
            batch, is_last = self._take()
            if batch:
                self._finish(batch)
            if is_last:
                self._drop_connection()
                return

    def _take(self) -> tuple[list[Job[Any]], bool]:
        """What waits, at least one work; and whether it was the end."""
        batch: list[Job[Any]] = []
        job = self.jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == self._batch_max:
                return batch, False
            try:
                job = self.jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _finish(self, batch: Sequence[Job[Any]]) -> None:
        try:
            self._transact(batch)
        except _TransactionLost:
            for job in batch:
                self._run_alone(job)
        _settle(batch)

    def _run_alone(self, job: Job[Any]) -> None:
        """Run one work by itself, again while the database asks for it."""
        for attempt in range(RETRIES_MAX):
            job.value, job.error = None, None
            try:
                return self._transact([job])
            except _TransactionLost as lost:
                job.error = lost.__cause__
                if not _is_retryable(lost.__cause__):
                    return None
            self._pause.wait(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - spreads retries
        return None

    def _transact(self, batch: Sequence[Job[Any]]) -> None:
        """Run the works and commit. Raises _TransactionLost when nothing of it was stored."""
        try:
            connection = self._begin()
            db = Db(connection)
            if not self._is_sqlite and len(batch) > 1:
                db.run(LOCK_WAIT)
            for job in batch:
                _run_one(db, job)
            db.finish()
            reached("before_commit")
        except _TransactionLost:
            self._drop_connection()
            raise
        except Exception as error:
            self._drop_connection()
            raise _TransactionLost from error
        try:
            connection.commit()
        except DBAPIError as error:
            self._drop_connection()
            if self._is_sqlite or _is_retryable(error):
                raise _TransactionLost from error
            # The connection went away with the answer: stored or not, nobody can tell. Run again, a
            # work might happen twice; so every caller is told, and an event comes again by itself.
            for job in batch:
                job.error = error
        reached("after_commit")
        self._tell(db)

    def _tell(self, db: Db) -> None:
        if db.has_news:
            self._on_news()

    def _begin(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        self._connection.begin()
        return self._connection

    def _drop_connection(self) -> None:
        """Close it, which undoes what it began."""
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None


def _run_one(db: Db, job: Job[Any]) -> None:
    def failed(error: BaseException) -> None:
        if not db.can_go_on or _is_retryable(error):
            raise _TransactionLost from error
        job.error = error

    try:
        with db.work(failed):
            job.value = job.work(db)
    except BaseException as error:
        if isinstance(error, _TransactionLost):  # by an earlier work, as turned out only now
            raise
        failed(error)


def _settle(batch: Sequence[Job[Any]]) -> None:
    """Tell every caller, waking each event loop once."""
    waiting: dict[asyncio.AbstractEventLoop, list[Job[Any]]] = {}
    for job in batch:
        if job.loop is None:
            job.settle()
        else:
            waiting.setdefault(job.loop, []).append(job)
    for loop, jobs in waiting.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle_all, jobs)


def _settle_all(jobs: Sequence[Job[Any]]) -> None:
    for job in jobs:
        job.settle()


def _is_retryable(error: BaseException | None) -> bool:
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) in RETRYABLE
