"""Who does what for which base?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update
from sqlmodel import col

from storage import audit
from storage.db import Db
from storage.models import Base, Duty, Role
from storage.statements import Command, Query, scalar

_RANK = {duty: rank for rank, duty in enumerate(Duty)}


class OfBase(NamedTuple):
    """A base somebody works for."""

    id: int
    public_id: str
    name: str


class Held(NamedTuple):
    """One role of a person; everywhere when it names no base."""

    id: int
    base_id: int | None
    duty: Duty


_IS_PERSON = col(Role.person_id) == bindparam("person")
_IS_BASE = col(Role.base_id).is_not_distinct_from(bindparam("base"))
_COVERS_BASE = or_(col(Role.base_id) == bindparam("base"), col(Role.base_id).is_(None))

_OF_PERSON = Query(
    select(col(Role.id), col(Role.base_id), col(Role.duty))
    .where(_IS_PERSON)
    .order_by(col(Role.id)),
    into=Held,
)
_AT_BASE = Query(select(col(Role.duty)).where(_IS_PERSON, _COVERS_BASE), into=scalar)
_BASES = Query(select(col(Base.id), col(Base.public_id), col(Base.name)).order_by(col(Base.name)),
               into=OfBase)  # fmt: skip
_STAFF = Query(
    select(col(Role.person_id), col(Role.duty)).where(_COVERS_BASE).order_by(col(Role.person_id)),
    into=lambda person_id, duty: (int(person_id), Duty(duty)),
)
_HELD = Query(
    select(col(Role.id), col(Role.base_id), col(Role.duty)).where(_IS_PERSON, _IS_BASE), into=Held
)
_ADD = Query(
    lambda insert: (
        insert(Role)
        .values(
            person_id=bindparam("person"),
            base_id=bindparam("base"),
            duty=bindparam("duty"),
            granted_at=bindparam("at"),
        )
        .on_conflict_do_nothing(index_elements=["person_id", "base_id"])
        .returning(col(Role.id))
    ),
    into=scalar,
)
_RAISE = Command(
    update(Role)
    .where(col(Role.id) == bindparam("role"), col(Role.duty) == bindparam("old_duty"))
    .values(duty=bindparam("new_duty"), granted_at=bindparam("at"))
)
_REVOKE = Command(delete(Role).where(col(Role.id) == bindparam("role")))


def duty_at(db: Db, person_id: int, base_id: int) -> Duty | None:
    """The highest duty of a person at a base; a role at every base counts. None: no role."""
    duties = db.all(_AT_BASE, person=person_id, base=base_id)
    return max(duties, key=_RANK.__getitem__, default=None)


def bases_of(db: Db, person_id: int, at_least: Duty) -> list[OfBase]:
    """The bases where a person may do what `at_least` may, by name."""
    held = [each for each in held_by(db, person_id) if may(each.duty, at_least)]
    if not held:
        return []
    bases = db.all(_BASES)
    if any(each.base_id is None for each in held):
        return bases
    ids = {each.base_id for each in held}
    return [base for base in bases if base.id in ids]


def staff_of(db: Db, base_id: int, at_least: Duty) -> list[int]:
    """The people who may do at a base what `at_least` may, each once."""
    found = db.all(_STAFF, base=base_id)
    return sorted({person_id for person_id, duty in found if may(duty, at_least)})


def held_by(db: Db, person_id: int) -> list[Held]:
    """Every role of a person, the first granted first."""
    return db.all(_OF_PERSON, person=person_id)


def may(duty: Duty, at_least: Duty) -> bool:
    """Whether who has a duty may do what `at_least` may."""
    return _RANK[duty] >= _RANK[at_least]


def grant(db: Db, person_id: int, duty: Duty, base_id: int | None, now: datetime) -> Duty:
    """Give a person a duty at a base, at every base when None; what they have there from now on.

    A higher duty they have there already stays. Whoever calls holds the person's conversation.
    """
    held = db.first(_HELD, person=person_id, base=base_id)
    if held is None:
        added = db.first(_ADD, person=person_id, base=base_id, duty=duty, at=now)
        if added is not None:
            _note(db, person_id, base_id, "role.granted", now, after=duty)
        return duty
    if may(held.duty, duty):
        return held.duty
    db.change(_RAISE, role=held.id, old_duty=held.duty, new_duty=duty, at=now)
    _note(db, person_id, base_id, "role.granted", now, before=held.duty, after=duty)
    return duty


def revoke(db: Db, person_id: int, base_id: int | None, now: datetime) -> bool:
    """Take a person's role at a base, or the one at every base; False when there is none."""
    held = db.first(_HELD, person=person_id, base=base_id)
    if held is None or db.change(_REVOKE, role=held.id) != 1:
        return False
    _note(db, person_id, base_id, "role.revoked", now, before=held.duty)
    return True


def revoke_all(db: Db, person_id: int, now: datetime) -> None:
    """Take every role of a person."""
    for each in held_by(db, person_id):
        revoke(db, person_id, each.base_id, now)


def _note(
    db: Db,
    person_id: int,
    base_id: int | None,
    action: str,
    now: datetime,
    *,
    before: str = "",
    after: str = "",
) -> None:
    where = f"base {base_id}" if base_id else "every base"
    audit.note(db, "person", person_id, action, now, before=before, after=after, reason=where)
