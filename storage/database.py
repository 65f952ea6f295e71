"""How is the database opened? Only this file and the writer begin, commit and roll back.

Works are handed to writer threads. SQLite has one writer; PostgreSQL several, with rows locked by
the works themselves. A work may run again after a lost transaction, so it changes nothing but the
database.
"""

import asyncio
import itertools
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from storage.db import Db
from storage.filelock import FileLock
from storage.writer import Job, Writer

T = TypeVar("T")

POSTGRES_WRITERS = 4
READERS = 4
CONNECT_SECONDS = 10


class DatabaseUnusable(Exception):
    """The database cannot be opened; the message is one line for the operator."""


class Database:
    """An open database: `write` and `read` run a plain function in a thread, in a transaction."""

    def __init__(self, engine: Engine, writers: int, lock: FileLock | None) -> None:
        self.engine = engine
        self._lock = lock
        self._is_open = True
        self._heard_by: list[Callable[[], None]] = []
        self._writers = [Writer(engine, number, self._tell_news) for number in range(writers)]
        self._turns = itertools.cycle(range(writers))
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="kepu-reader")
        for writer in self._writers:
            writer.start()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open sqlite:///… or postgresql://… . Raises DatabaseUnusable with one clear line."""
        address = sqlalchemy.make_url(url)
        if address.get_backend_name() == "sqlite":
            return cls._open_file(address)
        options = {"connect_timeout": CONNECT_SECONDS, "application_name": "kepu"}
        engine = sqlalchemy.create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=POSTGRES_WRITERS + READERS,
            pool_pre_ping=True,
            connect_args=options,
        )
        event.listen(engine, "connect", _prepare_postgres)
        _try(engine, f"cannot reach the PostgreSQL database {address.render_as_string()}")
        return cls(engine, POSTGRES_WRITERS, lock=None)

    @classmethod
    def _open_file(cls, address: URL) -> "Database":
        path = Path(address.database or "")
        lock = FileLock(path.with_name(path.name + ".lock"))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            is_ours = lock.acquire()
        except OSError as error:
            raise DatabaseUnusable(f"cannot open {path}: {error.strerror}") from error
        if not is_ours:
            raise DatabaseUnusable(
                f"{path} is in use by another kepu process (SQLite serves one); stop it first"
            )
        engine = sqlite_engine(address)
        try:
            _try(engine, f"cannot open {path}")
        except DatabaseUnusable:
            lock.release()
            raise
        return cls(engine, writers=1, lock=lock)

    def on_news(self, hear: Callable[[], None]) -> None:
        """Call `hear`, in a writer's thread, when a commit stored something that is to be said."""
        self._heard_by.append(hear)

    def _tell_news(self) -> None:
        for hear in self._heard_by:
            hear()

    async def write(self, work: Callable[[Db], T], order: str = "") -> T:
        """Run `work` in a savepoint, committed when this returns. Raises what the work raised.

        Works with the same `order` run in the order they were handed over.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(Job(work, future, loop), order)
        return await future

    def write_and_wait(self, work: Callable[[Db], T], order: str = "") -> T:
        """`write` for a caller without an event loop: a command, a test."""
        future: Future[T] = Future()
        self._put(Job(work, future, None), order)
        return future.result()

    async def read(self, work: Callable[[Db], T]) -> T:
        """Run `work` on what is committed; its changes are undone."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self.read_and_wait, work)

    def read_and_wait(self, work: Callable[[Db], T]) -> T:
        """`read` for a caller without an event loop."""
        with self.engine.connect() as connection:
            connection.execution_options(kepu_reads=True).begin()
            result = work(Db(connection))
            connection.rollback()
            return result

    async def checkpoint(self) -> None:
        """Empty SQLite's log into the file: what was erased is gone from both. Else nothing."""
        if self.engine.dialect.name == "sqlite":
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._readers, self._checkpoint)

    def _checkpoint(self) -> None:
        with self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # not within a transaction

    def close(self) -> None:
        """Finish the works that wait, then let go of the database."""
        self._is_open = False
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

    def _put(self, job: Job[Any], order: str) -> None:
        if not self._is_open:
            raise RuntimeError("the database is closed")
        # crc32, not hash(): a chat has the same writer in every process whose logs are compared.
        number = zlib.crc32(order.encode()) % len(self._writers) if order else next(self._turns)
        self._writers[number].jobs.put(job)


def sqlite_engine(url: str | URL) -> Engine:
    """An engine whose transactions we begin ourselves: the driver's habits bite."""
    engine = sqlalchemy.create_engine(url, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _try(engine: Engine, complaint: str) -> None:
    try:
        engine.connect().close()
    except DBAPIError as error:
        engine.dispose()
        raise DatabaseUnusable(f"{complaint}: {str(error.orig).strip().splitlines()[0]}") from error


def _prepare_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # the driver must not begin or commit on its own
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL may forget the last commits on power loss
        "foreign_keys=ON",
        "secure_delete=ON",  # what a family has erased is overwritten, not only unlinked
        "busy_timeout=10000",  # milliseconds: a backup or a person's sqlite3 may hold the file
        "cache_size=-8000",  # KiB, of each connection
    ):
        raw.execute(f"PRAGMA {pragma}")


def _prepare_postgres(raw: Any, _record: Any) -> None:
    # Every query here is answered by an index. A plan is made once a connection, and the server may
    # make it while a table is still empty or not yet analysed, when reading it whole looks cheaper.
    for setting in ("enable_seqscan = off", "plan_cache_mode = force_generic_plan", "jit = off"):
        raw.execute(f"SET {setting}")
    raw.commit()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that reads first and writes later fails at once when another one
    # committed between; IMMEDIATE takes the write lock before reading.
    reads_only = connection.get_execution_options().get("kepu_reads", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
