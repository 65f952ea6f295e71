"""Does a statement that nobody waits for fail its own work, and nobody else's?"""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import bindparam, insert, select
from sqlmodel import col

from storage.database import Database
from storage.db import Db
from storage.models import Person
from storage.statements import Command, Query, scalar
from tests.builders import NOW, a_family
from tests.storage.works import behind_a_gate, families

_ADD = Command(
    insert(Person).values(
        public_id=bindparam("public_id"),
        family_id=bindparam("family_id"),
        locale=None,
        created_at=bindparam("at"),
    )
)
_NAMES = Query(select(col(Person.public_id)).order_by(col(Person.public_id)), into=scalar)


def noted(name: str, *, comes_to_nothing: bool = False) -> Callable[[Db], str]:
    """A work whose last statement is one that nobody waits for."""

    def work(db: Db) -> str:
        family = a_family(db)
        db.note(_ADD, public_id=name, family_id=-1 if comes_to_nothing else family, at=NOW)
        return name

    return work


def names(database: Database) -> list[str]:
    return database.read_and_wait(lambda db: db.all(_NAMES))


async def test_a_noted_row_that_fails_fails_only_its_own_work(database: Database) -> None:
    bad = noted("bad", comes_to_nothing=True)
    first, failed, last = await behind_a_gate(database, [noted("a"), bad, noted("z")])
    assert (first, last) == ("a", "z")
    assert "FOREIGN KEY" in str(failed).upper()
    assert names(database) == ["a", "z"]
    assert families(database) == 2  # what the failed work did before is undone as well


async def test_two_noted_rows_that_fail_one_after_the_other_are_each_told(
    database: Database,
) -> None:
    bad = noted("bad", comes_to_nothing=True)
    outcomes = await behind_a_gate(database, [bad, bad, noted("a"), lambda db: None, bad])
    assert [isinstance(each, Exception) for each in outcomes] == [True, True, False, False, True]
    assert names(database) == ["a"]


async def test_a_work_that_asks_nothing_between_two_others_changes_nothing(
    database: Database,
) -> None:
    works = [noted("a"), lambda db: 7, noted("b")]
    assert await behind_a_gate(database, works) == ["a", 7, "b"]
    assert names(database) == ["a", "b"]


def test_a_noted_row_that_fails_is_told_to_a_work_alone(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        database.write_and_wait(noted("bad", comes_to_nothing=True))
    assert (names(database), families(database)) == ([], 0)


def test_what_is_noted_in_a_savepoint_fails_there_and_is_undone_there(database: Database) -> None:
    def add_two(db: Db, family: int) -> None:
        with db.savepoint():
            db.note(_ADD, public_id="a", family_id=family, at=NOW)
            db.note(_ADD, public_id="b", family_id=-1, at=NOW)

    def work(db: Db) -> str:
        family = a_family(db)
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            add_two(db, family)
        db.note(_ADD, public_id="c", family_id=family, at=NOW)
        return "went on"

    assert database.write_and_wait(work) == "went on"
    assert names(database) == ["c"]


@pytest.mark.parametrize("asks", [False, True])
def test_what_was_noted_is_undone_with_its_savepoint_sent_or_not(
    database: Database, asks: bool
) -> None:
    def change_ones_mind(db: Db, family: int) -> None:
        with db.savepoint():
            db.note(_ADD, public_id="a", family_id=family, at=NOW)
            assert not asks or db.all(_NAMES) == ["a"]
            raise LookupError

    def work(db: Db) -> list[str]:
        family = a_family(db)
        with pytest.raises(LookupError):
            change_ones_mind(db, family)
        return db.all(_NAMES)

    assert database.write_and_wait(work) == []
    assert families(database) == 1


def test_answers_asked_together_are_read_in_any_order(database: Database) -> None:
    def work(db: Db) -> tuple[list[str], list[str], list[str]]:
        family = a_family(db)
        before = db.later(_NAMES)
        db.note(_ADD, public_id="a", family_id=family, at=NOW)
        after = db.later(_NAMES)
        return after.all(), before.all(), db.all(_NAMES)

    assert database.write_and_wait(work) == (["a"], [], ["a"])


def test_more_than_the_queue_takes_is_noted_all_the_same(database: Database) -> None:
    def work(db: Db) -> None:
        family = a_family(db)
        for number in range(250):
            db.note(_ADD, public_id=f"{number:03}", family_id=family, at=NOW)

    database.write_and_wait(work)
    assert len(names(database)) == 250


def test_a_text_the_server_would_cut_short_is_refused(postgres_database: Database) -> None:
    with pytest.raises(psycopg.DataError, match="NUL"):
        postgres_database.write_and_wait(noted("a\0b"))
    assert names(postgres_database) == []
