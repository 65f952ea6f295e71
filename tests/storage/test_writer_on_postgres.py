"""Do several writers, and connections that are cut, lose or repeat anything?"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from sqlalchemy import bindparam, event, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from storage.database import Database
from storage.db import Db
from storage.models import Person
from storage.statements import Command, Query, scalar
from tests.builders import a_family, a_person
from tests.postgres import Cluster
from tests.storage.works import families

_LOCALE = Query(
    select(col(Person.locale)).where(col(Person.id) == bindparam("the_id")), into=scalar
)
_SPEAK = Command(
    update(Person).where(col(Person.id) == bindparam("the_id")).values(locale=bindparam("new"))
)
_OTHERS = Command(
    text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
)


def test_works_without_an_order_use_every_writer(postgres_database: Database) -> None:
    names = {
        postgres_database.write_and_wait(lambda db: threading.current_thread().name)
        for _ in range(8)
    }
    assert len(names) == 4


def test_a_serialization_failure_runs_the_work_again(postgres_database: Database) -> None:
    person = postgres_database.write_and_wait(a_person)
    read = threading.Event()
    attempts: list[Any] = []

    def careful(db: Db) -> None:
        if not attempts:
            db.run("ROLLBACK")
            db.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
            db.run("SAVEPOINT kepu_1")
        attempts.append(db.first(_LOCALE, the_id=person))
        if len(attempts) == 1:
            read.set()
            assert changed.wait(10)
        db.change(_SPEAK, the_id=person, new="en")

    changed = threading.Event()
    outcome: Future[None] = Future()
    thread = threading.Thread(
        target=lambda: outcome.set_result(postgres_database.write_and_wait(careful))
    )
    thread.start()
    assert read.wait(10)
    postgres_database.write_and_wait(lambda db: db.change(_SPEAK, the_id=person, new="zh_CN"))
    changed.set()
    thread.join()
    assert outcome.done()
    assert attempts == [None, "zh_CN"]
    assert postgres_database.read_and_wait(lambda db: db.first(_LOCALE, the_id=person)) == "en"


async def test_a_deadlock_of_two_works_runs_one_of_them_again(postgres_database: Database) -> None:
    left, right = [await postgres_database.write(a_person) for _ in range(2)]
    both_hold = threading.Barrier(2)
    attempts: list[str] = []

    def work(mine: int, other: int, name: str) -> Callable[[Db], None]:
        def change(db: Db) -> None:
            attempts.append(name)
            db.change(_SPEAK, the_id=mine, new=name)
            if attempts.count(name) == 1:
                both_hold.wait(10)
            db.change(_SPEAK, the_id=other, new=name)

        return change

    await asyncio.gather(
        postgres_database.write(work(left, right, "en")),
        postgres_database.write(work(right, left, "zh_CN")),
    )
    assert len(attempts) == 3
    spoken = await postgres_database.read(
        lambda db: {db.first(_LOCALE, the_id=left), db.first(_LOCALE, the_id=right)}
    )
    assert len(spoken) == 1  # the last one's words stand in both rows


async def test_batches_that_hold_each_others_rows_end_without_waiting_for_a_deadlock(
    postgres_database: Database,
) -> None:
    people = [await postgres_database.write(a_person) for _ in range(8)]

    def speak(who: int) -> Callable[[Db], int]:
        return lambda db: db.change(_SPEAK, the_id=who, new="en")

    works = [speak(who) for _ in range(50) for who in (*people, *reversed(people))]
    started = asyncio.get_running_loop().time()
    changed = await asyncio.gather(*(postgres_database.write(work) for work in works))
    assert set(changed) == {1}
    assert asyncio.get_running_loop().time() - started < 20


def test_a_connection_that_was_cut_is_opened_again(postgres_database: Database) -> None:
    for _ in range(8):
        postgres_database.write_and_wait(a_family)  # every writer has its connection
    postgres_database.read_and_wait(lambda db: db.change(_OTHERS))
    for _ in range(8):
        postgres_database.write_and_wait(a_family)
    assert families(postgres_database) == 16


def test_a_connection_cut_in_the_middle_of_a_work_runs_it_again_once(
    postgres_database: Database,
) -> None:
    attempts: list[int] = []

    def work(db: Db) -> None:
        a_family(db)
        attempts.append(1)
        if len(attempts) == 1:
            postgres_database.read_and_wait(lambda other: other.change(_OTHERS))
        a_family(db)

    postgres_database.write_and_wait(work)
    assert len(attempts) == 2
    assert families(postgres_database) == 2


def test_a_connection_cut_at_the_commit_is_told_for_nobody_knows_what_was_stored(
    postgres_database: Database,
) -> None:
    attempts: list[int] = []
    cuts = iter([True])

    def cut(connection: Any) -> None:
        if next(cuts, False):
            postgres_database.read_and_wait(lambda other: other.change(_OTHERS))

    event.listen(postgres_database.engine, "commit", cut)

    def work(db: Db) -> None:
        attempts.append(1)
        a_family(db)

    with pytest.raises(DBAPIError):
        postgres_database.write_and_wait(work)
    assert len(attempts) == 1
    postgres_database.write_and_wait(work)
    assert families(postgres_database) == 1


def test_a_server_that_restarts_is_found_again(
    postgres_cluster: Cluster, postgres_database: Database
) -> None:
    postgres_database.write_and_wait(a_family, "x")
    postgres_cluster.stop()
    with pytest.raises(DBAPIError):
        postgres_database.write_and_wait(a_family, "y")
    postgres_cluster.start()
    postgres_database.write_and_wait(a_family, "x")
    assert families(postgres_database) == 2


def test_a_work_that_meets_a_deadlock_every_time_is_told_in_the_end(
    postgres_database: Database,
) -> None:
    attempts: list[int] = []

    def work(db: Db) -> None:
        attempts.append(1)
        db.run("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$")

    with pytest.raises(Exception, match="again"):
        postgres_database.write_and_wait(work)
    assert len(attempts) == 9  # once with its neighbours, eight times alone
