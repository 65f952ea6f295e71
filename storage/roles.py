"""What may somebody do at which base, and since when?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update
from sqlmodel import col

from storage import audit
from storage.db import Db
from storage.models import Base, Duty, Role
from storage.statements import Command, Query, scalar

_RANK = {duty: rank for rank, duty in enumerate(Duty)}


class Served(NamedTuple):
    """A base that somebody does something for."""

    id: int
    public_id: str
    name: str
    time_zone: str
    duty: Duty


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
_SERVES = or_(col(Role.base_id) == col(Base.id), col(Role.base_id).is_(None))
_DUTIES = Query(
    select(col(Role.duty)).where(
        col(Role.person_id) == bindparam("person"),
        or_(col(Role.base_id) == bindparam("base"), col(Role.base_id).is_(None)),
    ),
    into=scalar,
)
_BASES = Query(
    select(col(Base.id), col(Base.public_id), col(Base.name), col(Base.time_zone), col(Role.duty))
    .join(Role, _SERVES)
    .where(col(Role.person_id) == bindparam("person"))
    .order_by(col(Base.name), col(Base.id)),
    into=Served,
)
_STAFF = Query(
    select(col(Role.person_id), col(Role.duty)).where(_COVERS_BASE).order_by(col(Role.person_id)),
    into=lambda person_id, duty: (int(person_id), Duty(duty)),
)
_NAMED = Query(select(col(Base.id)).where(col(Base.name) == bindparam("name")), into=scalar)
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


def is_enough(duty: Duty | None, at_least: Duty) -> bool:
    """Whether a duty is this one or one above it."""
    return duty is not None and _RANK[duty] >= _RANK[at_least]


def duty_at(db: Db, person_id: int, base_id: int) -> Duty | None:
    """The highest duty that a person has at a base; None when they have none."""
    return max(db.all(_DUTIES, person=person_id, base=base_id), key=_RANK.__getitem__, default=None)


def bases_of(db: Db, person_id: int, at_least: Duty) -> list[Served]:
    """The bases where a person may do that, by name; each once, with the highest duty."""
    found: dict[int, Served] = {}
    for each in db.all(_BASES, person=person_id):
        known = found.get(each.id)
        if is_enough(each.duty, at_least) and (known is None or is_enough(each.duty, known.duty)):
            found[each.id] = each
    return [*found.values()]


def staff_of(db: Db, base_id: int, at_least: Duty) -> list[int]:
    """The ids of the people who may do that at a base, each once."""
    found = {person for person, duty in db.all(_STAFF, base=base_id) if is_enough(duty, at_least)}
    return sorted(found)


def base_named(db: Db, name: str) -> int | None:
    """The base of this name."""
    return db.first(_NAMED, name=name)


def held_by(db: Db, person_id: int) -> list[Held]:
    """Every role of a person, the first granted first."""
    return db.all(_OF_PERSON, person=person_id)


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
    if is_enough(held.duty, duty):
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
