"""Can a query do what it says with the open transaction?"""

from typing import Any, NamedTuple

import pytest
from sqlalchemy import bindparam, func, select, update
from sqlmodel import col

from storage.database import Database
from storage.db import Db
from storage.models import Chat, Family, Person
from storage.statements import Command, Query, scalar, whole
from tests.builders import NOW, a_chat, a_child, a_family, a_person


class Named(NamedTuple):
    """Two columns of a person."""

    id: int
    locale: str | None


_NAMED = Query(
    select(col(Person.id), col(Person.locale)).order_by(col(Person.id).desc()), into=Named
)
_PEOPLE = Query(select(Person).order_by(col(Person.id)), into=whole(Person))
_COUNT = Query(select(func.count()).select_from(Person), into=scalar)
_SPEAK = Command(
    update(Person).where(col(Person.id) == bindparam("the_id")).values(locale=bindparam("new"))
)
_MEET = Query(
    lambda insert: (
        insert(Chat)
        .values(
            channel="web", address=bindparam("new_address"), person_id=bindparam("new_person"),
            locale="", last_number=0, last_heard_at=bindparam("now"), is_reachable=True,
        )
        .on_conflict_do_nothing()
        .returning(col(Chat.id))
    ),
    into=scalar,
)  # fmt: skip


def test_an_inserted_row_tells_its_id(database: Database) -> None:
    first = database.write_and_wait(lambda db: db.insert(Family(created_at=NOW)))
    second = database.write_and_wait(lambda db: db.insert(Family(created_at=NOW)))
    assert second == first + 1


def test_rows_of_builders_can_be_stored(database: Database) -> None:
    assert database.write_and_wait(a_chat) > 0
    assert database.write_and_wait(lambda db: a_child(db, a_family(db))) > 0


def test_rows_come_in_the_order_of_the_query_as_what_it_names(database: Database) -> None:
    ids = [database.write_and_wait(lambda db: a_person(db, locale="en")) for _ in range(3)]
    found = database.read_and_wait(lambda db: db.all(_NAMED))
    assert found == [Named(each, "en") for each in reversed(ids)]


def test_a_whole_row_is_the_model(database: Database) -> None:
    person = database.write_and_wait(lambda db: a_person(db, public_id="p", locale="en"))
    [found] = database.read_and_wait(lambda db: db.all(_PEOPLE))
    assert (found.id, found.public_id, found.locale, found.created_at) == (person, "p", "en", NOW)
    assert isinstance(found, Person)


def test_a_row_that_was_read_can_be_stored_elsewhere(database: Database) -> None:
    """`whole` makes models as __init__ does: their fields can be dumped, copied and inserted."""
    database.write_and_wait(lambda db: a_person(db, public_id="p"))

    def copy(db: Db) -> int:
        found = db.first(_PEOPLE)
        assert found is not None
        return db.insert(Person(**{**found.model_dump(exclude={"id"}), "public_id": "q"}))

    assert database.write_and_wait(copy) > 0


def test_no_row_is_none(database: Database) -> None:
    assert database.read_and_wait(lambda db: db.first(_NAMED)) is None
    assert database.read_and_wait(lambda db: db.all(_NAMED)) == []


def test_a_change_tells_how_many_rows_it_met(database: Database) -> None:
    person = database.write_and_wait(a_person)

    def speak(who: int) -> int:
        return database.write_and_wait(lambda db: db.change(_SPEAK, the_id=who, new="en"))

    assert speak(person) == 1
    assert speak(person + 1) == 0
    assert database.read_and_wait(lambda db: db.first(_NAMED)) == Named(person, "en")


def test_many_changes_go_in_one_call(database: Database) -> None:
    ids = [database.write_and_wait(a_person) for _ in range(3)]
    rows: list[dict[str, Any]] = [{"the_id": each, "new": f"l{each}"} for each in ids]
    database.write_and_wait(lambda db: db.change_many(_SPEAK, rows))
    found = database.read_and_wait(lambda db: db.all(_NAMED))
    assert {row.locale for row in found} == {f"l{each}" for each in ids}


def test_a_conflict_may_be_passed_over(database: Database) -> None:
    person = database.write_and_wait(a_person)

    def meet(db: Db) -> int | None:
        return db.first(_MEET, new_address="a", new_person=person, now=NOW)

    assert database.write_and_wait(meet) is not None
    assert database.write_and_wait(meet) is None


def test_a_value_that_is_missing_is_a_bug(database: Database) -> None:
    with pytest.raises(KeyError, match="new"):
        database.write_and_wait(lambda db: db.change(_SPEAK, the_id=1))
    assert database.read_and_wait(lambda db: db.first(_COUNT)) == 0


def test_a_row_that_points_at_nothing_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        database.write_and_wait(lambda db: a_person(db, family_id=4711))
