"""Is what was acknowledged stored, whole, once, whoever fails beside it?"""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import event

from storage.database import Database
from storage.db import Db
from storage.writer import BATCH_MAX, BATCH_MAX_SHARED
from tests.builders import a_family, a_person, public_id
from tests.storage.works import Gate, behind_a_gate, commits, fails, families


async def test_works_that_wait_together_share_a_commit(database: Database) -> None:
    seen = commits(database)
    ids = await behind_a_gate(database, [a_family] * BATCH_MAX_SHARED)
    assert len(set(ids)) == BATCH_MAX_SHARED
    assert families(database) == BATCH_MAX_SHARED
    assert len(seen) == 2  # the gate's and theirs


async def test_only_so_many_works_share_a_commit(database: Database) -> None:
    most = BATCH_MAX if database.engine.dialect.name == "sqlite" else BATCH_MAX_SHARED
    seen = commits(database)
    await behind_a_gate(database, [a_family] * (most + 1))
    assert len(seen) == 3


async def test_a_work_that_fails_is_undone_and_takes_nobody_with_it(database: Database) -> None:
    seen = commits(database)
    outcomes = await behind_a_gate(database, [a_family, fails, a_family])
    assert isinstance(outcomes[0], int)
    assert isinstance(outcomes[1], ValueError)
    assert isinstance(outcomes[2], int)
    assert families(database) == 2
    assert len(seen) == 2


async def test_a_statement_that_fails_takes_nobody_with_it(database: Database) -> None:
    name = public_id()
    twice = [lambda db: a_person(db, public_id=name)] * 2
    first, second, third = await behind_a_gate(database, [*twice, a_family])
    assert isinstance(first, int)
    assert "IntegrityError" in type(second).__name__ or "UniqueViolation" in type(second).__name__
    assert isinstance(third, int)
    assert families(database) == 2


async def test_nobody_is_told_before_the_commit(sqlite_database: Database) -> None:
    told: list[bool] = []

    def look(connection: object) -> None:
        told.append(waiting.done())

    event.listen(sqlite_database.engine, "commit", look)
    waiting = asyncio.ensure_future(sqlite_database.write(a_family))  # noqa: TID251 - a test's own
    await waiting
    assert told == [False]


async def test_a_caller_that_went_away_hinders_nobody(database: Database) -> None:
    gate = Gate()
    held = asyncio.ensure_future(database.write(gate.work, order="x"))  # noqa: TID251 - a test's own
    await asyncio.to_thread(gate.entered)
    gone = asyncio.ensure_future(database.write(a_family, order="x"))  # noqa: TID251 - a test's own
    await asyncio.sleep(0)
    gone.cancel()
    gate.open()
    await held
    await database.write(a_family, order="x")
    assert families(database) == 2


async def test_works_of_one_order_run_in_the_order_they_came(database: Database) -> None:
    ran: list[int] = []

    def run(number: int) -> Callable[[Db], None]:
        return lambda db: ran.append(number)

    await asyncio.gather(*(database.write(run(number), order="chat") for number in range(200)))
    assert ran == list(range(200))


def test_a_full_disk_is_told_and_once_there_is_room_it_works_again(
    sqlite_database: Database,
) -> None:
    def limit(pages: int) -> Callable[[Db], None]:
        return lambda db: db.run(f"PRAGMA max_page_count={pages}")

    def much(db: Db) -> None:
        for _ in range(500):
            a_person(db)

    sqlite_database.write_and_wait(limit(1))  # SQLite takes the size it has, as the least it can
    with pytest.raises(Exception, match="full"):
        sqlite_database.write_and_wait(much)
    assert families(sqlite_database) == 0
    sqlite_database.write_and_wait(limit(100_000))
    sqlite_database.write_and_wait(much)
    assert families(sqlite_database) == 500


async def test_a_full_disk_fails_only_the_work_that_needs_room(sqlite_database: Database) -> None:
    def much(db: Db) -> None:
        db.run("PRAGMA max_page_count=1")
        for _ in range(500):
            a_person(db)

    def little(db: Db) -> int:
        db.run("PRAGMA max_page_count=100000")
        return a_family(db)

    outcomes = await behind_a_gate(sqlite_database, [little, much, little])
    assert isinstance(outcomes[0], int)
    assert "full" in str(outcomes[1])
    assert isinstance(outcomes[2], int)
    assert families(sqlite_database) == 2


def test_a_savepoint_inside_a_work_undoes_only_itself(database: Database) -> None:
    def inner(db: Db) -> None:
        with db.savepoint():
            a_family(db)
            with db.savepoint():
                a_family(db)
            fails(db)

    def work(db: Db) -> None:
        a_family(db)
        with pytest.raises(ValueError, match="no"):
            inner(db)
        with db.savepoint():
            a_family(db)

    database.write_and_wait(work)
    assert families(database) == 2
