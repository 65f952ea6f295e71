"""Does a role open what it should, where it should, and nothing else?"""

from collections.abc import Iterator

import pytest

from storage import audit, roles
from storage.database import Database
from storage.db import Db
from storage.models import Base, Duty, Role
from tests.builders import NOW, a_base, a_person
from tests.stored import rows, transaction


@pytest.fixture
def db(database: Database) -> Iterator[Db]:
    with transaction(database) as db:
        yield db


def test_a_role_counts_at_its_base_only(db: Db) -> None:
    li, stars, garden = a_person(db), a_base(db), a_base(db)
    assert roles.duty_at(db, li, stars) is None
    roles.grant(db, li, Duty.DESK, stars, NOW)
    assert roles.duty_at(db, li, stars) is Duty.DESK
    assert roles.duty_at(db, li, garden) is None
    assert roles.duty_at(db, a_person(db), stars) is None


def test_a_role_at_every_base_counts_at_each_and_the_higher_holds(db: Db) -> None:
    li, stars, garden = a_person(db), a_base(db), a_base(db)
    roles.grant(db, li, Duty.COORDINATOR, None, NOW)
    roles.grant(db, li, Duty.DESK, stars, NOW)
    roles.grant(db, li, Duty.ADMIN, garden, NOW)
    assert roles.duty_at(db, li, stars) is Duty.COORDINATOR
    assert roles.duty_at(db, li, garden) is Duty.ADMIN


def test_the_bases_of_a_person_are_those_where_the_duty_is_high_enough(db: Db) -> None:
    li, stars, garden = a_person(db), a_base(db, name="B 星河"), a_base(db, name="A 绿谷")
    roles.grant(db, li, Duty.LEAD, stars, NOW)
    roles.grant(db, li, Duty.DESK, garden, NOW)
    public = {base.id: base.public_id for base in rows(db, Base)}
    [served] = roles.bases_of(db, li, Duty.COORDINATOR)
    assert served == (stars, public[stars], "B 星河", "Asia/Shanghai", Duty.LEAD)
    assert [each.name for each in roles.bases_of(db, li, Duty.DESK)] == ["A 绿谷", "B 星河"]
    assert roles.bases_of(db, li, Duty.ADMIN) == []
    roles.grant(db, li, Duty.ADMIN, None, NOW)
    assert [each.id for each in roles.bases_of(db, li, Duty.ADMIN)] == [garden, stars]


def test_the_staff_of_a_base_are_those_of_every_base_too(db: Db) -> None:
    stars, garden = a_base(db), a_base(db)
    desk, lead, admin = (a_person(db) for _n in range(3))
    roles.grant(db, desk, Duty.DESK, stars, NOW)
    roles.grant(db, lead, Duty.LEAD, garden, NOW)
    roles.grant(db, admin, Duty.ADMIN, None, NOW)
    assert roles.staff_of(db, stars, Duty.DESK) == [desk, admin]
    assert roles.staff_of(db, stars, Duty.COORDINATOR) == [admin]


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_role_granted_again_is_one_role_and_never_a_lower_one(db: Db, everywhere: bool) -> None:
    li, base = a_person(db), None if everywhere else a_base(db)
    for duty, then in ((Duty.DESK,) * 2, (Duty.LEAD,) * 2, (Duty.DESK, Duty.LEAD)):
        assert roles.grant(db, li, duty, base, NOW) is then
    assert [each.duty for each in rows(db, Role)] == [Duty.LEAD]


def test_a_role_is_taken_back_where_it_was_given(db: Db) -> None:
    li, base = a_person(db), a_base(db)
    roles.grant(db, li, Duty.DESK, base, NOW)
    roles.grant(db, li, Duty.DESK, None, NOW)
    assert roles.revoke(db, li, None, NOW)
    assert not roles.revoke(db, li, None, NOW)
    assert roles.duty_at(db, li, base) is Duty.DESK
    roles.revoke_all(db, li, NOW)
    assert roles.duty_at(db, li, base) is None


def test_every_change_of_a_role_is_written_down(db: Db) -> None:
    li, base = a_person(db), a_base(db)
    roles.grant(db, li, Duty.DESK, base, NOW)
    roles.grant(db, li, Duty.LEAD, base, NOW)
    roles.revoke(db, li, base, NOW)
    noted = [(each.action, each.before, each.after) for each in audit.of(db, "person", li)]
    assert noted == [
        ("role.granted", "", "desk"),
        ("role.granted", "desk", "lead"),
        ("role.revoked", "lead", ""),
    ]
