"""What may somebody do at which base?"""

from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlmodel import col

from storage.db import Db
from storage.models import Base, Duty, Role
from storage.statements import Query, scalar

_RANK = {duty: rank for rank, duty in enumerate(Duty)}


class Served(NamedTuple):
    """A base that somebody does something for."""

    id: int
    public_id: str
    name: str
    time_zone: str
    duty: Duty


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
    select(col(Role.person_id), col(Role.duty))
    .where(or_(col(Role.base_id) == bindparam("base"), col(Role.base_id).is_(None)))
    .order_by(col(Role.person_id)),
    into=lambda person, duty: (int(person), Duty(duty)),
)


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


def people_at(db: Db, base_id: int, at_least: Duty) -> list[int]:
    """The ids of the people who may do that at a base."""
    found = {person for person, duty in db.all(_STAFF, base=base_id) if is_enough(duty, at_least)}
    return sorted(found)
