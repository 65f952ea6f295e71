"""How is the database opened, and who begins, commits and rolls back? Only this file.

Works are handed to writer threads. A writer takes up to 64 queued works, begins once, runs each in a
savepoint of its own, commits once, and only then tells every caller: the one fsync of a commit is
shared, and a work that fails takes nobody with it. SQLite has one writer; PostgreSQL several, with
rows locked by the works themselves. A work may run again after a lost transaction, so it changes
nothing but the database.
"""

import asyncio
import contextlib
import queue
import random
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from storage.db import Db
from storage.failpoints import reached
from storage.filelock import FileLock


T = TypeVar("T")

BATCH_MAX = 64  # works a commit; more only lengthens the wait of the first
RETRIES_MAX = 8
RETRYABLE = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock


class DatabaseUnusable(Exception):
    """The database cannot be opened; the message is one line for the operator."""


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Db], T]
    future: "Future[T] | asyncio.Future[T]"
    loop: asyncio.AbstractEventLoop | None
    value: T | None = None
    error: BaseException | None = None

    def settle(self) -> None:
        if self.future.done():
            return  # the caller went away
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.value)  # type: ignore[arg-type]


class _TransactionLost(Exception):
    """The database rolled the whole batch back; its works have to run again, one by one."""


class _Writer(threading.Thread):
    """Runs queued works on one connection, many to a commit."""

    def __init__(self, engine: Engine, number: int) -> None:
        super().__init__(name=f"kepu-writer-{number}", daemon=True)
        self.engine = engine
        self.jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._connection: Connection | None = None

    def run(self) -> None:
        while True:
            batch, is_last = self._take()
            if batch:
                self._finish(batch)
            if is_last:
                self._drop_connection()
                return

    def _take(self) -> tuple[list[_Job[Any]], bool]:
        batch: list[_Job[Any]] = []
        job = self.jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == BATCH_MAX:
                return batch, False
            try:
                job = self.jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _finish(self, batch: list[_Job[Any]]) -> None:
        try:
            self._transact(batch)
        except _TransactionLost:
            for job in batch:
                self._alone(job)
        _settle(batch)

    def _alone(self, job: _Job[Any]) -> None:
        """Run one work by itself, again while the database asks for it."""
        for attempt in range(RETRIES_MAX):
            job.value, job.error = None, None
            try:
                return self._transact([job])
            except _TransactionLost as lost:
                job.error = lost.__cause__
                if not _is_retryable(lost.__cause__):
                    return None
            time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - spreads retries, guards nothing
        return None

    def _transact(self, batch: list[_Job[Any]]) -> None:
        try:
            connection = self._connect()
            connection.begin()
            db = Db(connection)
            for job in batch:
                self._run_one(db, job)
            reached("before_commit")
            connection.commit()
            reached("after_commit")
        except _TransactionLost:
            self._drop_connection()
            raise
        except DBAPIError as error:
            self._drop_connection()
            raise _TransactionLost from error

    def _run_one(self, db: Db, job: _Job[Any]) -> None:
        try:
            with db.savepoint():
                job.value = job.work(db)
        except Exception as error:  # noqa: BLE001 - handed to whoever asked for the work
            if _is_retryable(error) or not db.can_go_on:
                raise _TransactionLost from error
            job.error = error

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self.engine.connect()
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                self._connection.invalidate()
                self._connection.close()
            self._connection = None


class Database:
    """An open database: `write` and `read` run a plain function in a thread, in a transaction."""

    def __init__(self, engine: Engine, writers: int, lock: FileLock | None) -> None:
        self.engine = engine
        self._lock = lock
        self._writers = [_Writer(engine, number) for number in range(writers)]
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="kepu-reader")
        for writer in self._writers:
            writer.start()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open `url` (sqlite:///… or postgresql://…). Raises DatabaseUnusable with one clear line."""
        address = sqlalchemy.make_url(url)
        if address.get_backend_name() == "sqlite":
            path = Path(address.database or "")
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path.with_name(path.name + ".lock"))
            if not lock.acquire():
                raise DatabaseUnusable(
                    f"{path} is in use by another kepu process (SQLite serves one); stop it first"
                )
            return cls(sqlite_engine(url), writers=1, lock=lock)
        engine = sqlalchemy.create_engine(
            address.set(drivername="postgresql+psycopg"), pool_size=16, pool_pre_ping=True
        )
        try:
            engine.connect().close()
        except DBAPIError as error:
            raise DatabaseUnusable(
                f"cannot reach the PostgreSQL database {address.render_as_string()}: {error.orig}".strip()
            ) from error
        return cls(engine, writers=4, lock=None)

    async def write(self, work: Callable[[Db], T], order: str = "") -> T:
        """Run `work` in a savepoint, committed when this returns. Raises what the work raised.

        Works with the same `order` run in the order they were handed over.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Job(work, future, loop), order)
        return await future

    def write_and_wait(self, work: Callable[[Db], T], order: str = "") -> T:
        """`write` for a caller without an event loop: a command, a test."""
        future: Future[T] = Future()
        self._put(_Job(work, future, None), order)
        return future.result()

    async def read(self, work: Callable[[Db], T]) -> T:
        """Run `work` on a snapshot of what is committed; its changes are undone."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_and_wait, work)

    def read_and_wait(self, work: Callable[[Db], T]) -> T:
        """`read` for a caller without an event loop."""
        with self.engine.connect() as connection:
            connection.execution_options(kepu_reads=True).begin()
            result = work(Db(connection))
            connection.rollback()
            return result

    def close(self) -> None:
        """Finish the works that wait, then let go of the database."""
        for writer in self._writers:
            writer.jobs.put(None)
        for writer in self._writers:
            writer.join()
        self._readers.shutdown()
        self.engine.dispose()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _put(self, job: _Job[Any], order: str) -> None:
        # crc32, not hash(): the same chat meets the same writer in every process that logs are compared of
        number = zlib.crc32(order.encode()) % len(self._writers) if len(self._writers) > 1 else 0
        self._writers[number].jobs.put(job)


def sqlite_engine(url: str) -> Engine:
    """An engine whose transactions we begin ourselves: the driver's own habits bite (README#decisions)."""
    engine = sqlalchemy.create_engine(url, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # the driver must not begin or commit on its own
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL may forget the last commits on power loss
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-16000",  # KiB
    ):
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads first and writes later fails at once when another one
    # committed between; IMMEDIATE takes the write lock before reading.
    reads_only = connection.get_execution_options().get("kepu_reads", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _settle(batch: Sequence[_Job[Any]]) -> None:
    """Tell every caller, waking each event loop once."""
    waiting: dict[asyncio.AbstractEventLoop, list[_Job[Any]]] = {}
    for job in batch:
        if job.loop is None:
            job.settle()
        else:
            waiting.setdefault(job.loop, []).append(job)
    for loop, jobs in waiting.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle_all, jobs)


def _settle_all(jobs: Sequence[_Job[Any]]) -> None:
    for job in jobs:
        job.settle()


def _is_retryable(error: BaseException | None) -> bool:
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) in RETRYABLE
