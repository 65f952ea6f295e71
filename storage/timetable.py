"""How does a whole timetable get in: bases, policies, courses, and sessions with their places?"""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, bindparam, func, insert, inspect, select, update
from sqlmodel import SQLModel, col

from storage.db import Db
from storage.models import Base, Course, Policy, Pool, PoolName, Session
from storage.statements import Command, Query, scalar, whole

_LOCK_NUMBER = 0x6B657075  # "kepu"; any number that nothing else locks


class Kept(NamedTuple):
    """A stored session, and how many places of its families' pool are taken."""

    session: Session
    capacity: int
    taken: int


def _columns(model: type[SQLModel], *left_out: str) -> list[Column[Any]]:
    return [column for column in inspect(model).columns if column.key not in left_out]


def _adding(model: type[SQLModel]) -> Command:
    return Command(
        insert(model).values({each.key: bindparam(each.key) for each in _columns(model, "id")})
    )


def _changing(model: type[SQLModel], *kept: str) -> Command:
    columns = _columns(model, "id", "public_id", *kept)
    return Command(
        update(model)
        .where(inspect(model).columns["id"] == bindparam("the_id"))
        .values({each.key: bindparam(f"new_{each.key}") for each in columns})
    )


def _kept(*values: Any) -> Kept:
    return Kept(_session(*values[:-2]), *values[-2:])


def _pair(code: str, number: int) -> tuple[str, int]:
    return code, number


_session = whole(Session)
_LOCK = Query(select(func.pg_advisory_xact_lock(bindparam("number", type_=None))), into=scalar)
_BASES = Query(select(*_columns(Base)).order_by(col(Base.id)), into=whole(Base))
_POLICIES = Query(
    select(*_columns(Policy))
    .join(Base, col(Base.id) == col(Policy.base_id))
    .where(col(Policy.version) == col(Base.policy_version)),
    into=whole(Policy),
)
_COURSES = Query(select(*_columns(Course)).order_by(col(Course.id)), into=whole(Course))
_SESSIONS = Query(
    select(
        *_columns(Session),
        func.coalesce(col(Pool.capacity), 0),
        func.coalesce(col(Pool.held) + col(Pool.offered) + col(Pool.confirmed), 0),
    )
    .select_from(Session)
    .outerjoin(
        Pool,
        (col(Pool.session_id) == col(Session.id)) & (col(Pool.name) == PoolName.FAMILY),
    ),
    into=_kept,
)
_IDS = Query(select(col(Session.code), col(Session.id)), into=_pair)
_CHANGE_BASE = _changing(Base)
_CHANGE_COURSE = _changing(Course)
_ADD_SESSION = _adding(Session)
_CHANGE_SESSION = _changing(Session, "state", "code")
_ADD_POOL = _adding(Pool)
# The guard and the table's CHECK say the same: what is promised to families is not taken back.
_CHANGE_POOL = Command(
    update(Pool)
    .where(
        col(Pool.session_id) == bindparam("the_session"),
        col(Pool.name) == PoolName.FAMILY,
        col(Pool.held) + col(Pool.offered) + col(Pool.confirmed) <= bindparam("new_capacity"),
    )
    .values(capacity=bindparam("new_capacity"))
)


def lock(db: Db) -> None:
    """Let no other process bring in a timetable until this transaction ends."""
    if db.dialect.name == "postgresql":  # SQLite has one writer anyway
        db.first(_LOCK, number=_LOCK_NUMBER)


def bases(db: Db) -> list[Base]:
    """Every base, oldest first."""
    return db.all(_BASES)


def policies(db: Db) -> list[Policy]:
    """The policy in force of every base."""
    return db.all(_POLICIES)


def courses(db: Db) -> list[Course]:
    """Every course, oldest first."""
    return db.all(_COURSES)


def sessions(db: Db) -> list[Kept]:
    """Every session."""
    return db.all(_SESSIONS)


def session_ids(db: Db) -> dict[str, int]:
    """The id of every session, by its code."""
    return dict(db.all(_IDS))


def add(db: Db, row: Base | Policy | Course) -> int:
    """Store a new base, policy or course; its id."""
    if not isinstance(row, Policy):
        row.public_id = secrets.token_hex(16)
    return db.insert(row)


def change_base(db: Db, base: Base) -> None:
    """Store a base's fields anew."""
    db.change(_CHANGE_BASE, **_new_values(base))


def change_course(db: Db, course: Course) -> None:
    """Store a course's fields anew."""
    db.change(_CHANGE_COURSE, **_new_values(course))


def add_sessions(db: Db, new: Sequence[Session]) -> None:
    """Store sessions, all their places in the families' pool.

    The green channel's places are in that pool until it can be booked: else nobody could have them.
    """
    for each in new:
        each.public_id = secrets.token_hex(16)
    db.change_many(_ADD_SESSION, [each.model_dump(exclude={"id"}) for each in new])
    ids = session_ids(db)
    db.change_many(_ADD_POOL, list(_pools(new, ids)))


def change_sessions(db: Db, changed: Sequence[Session]) -> None:
    """Store sessions' fields anew; a cancelled one stays cancelled. Places: `change_capacity`."""
    db.change_many(_CHANGE_SESSION, [_new_values(each) for each in changed])


def change_capacity(db: Db, session_id: int, capacity: int) -> bool:
    """Give a session's families so many places; False when more are taken already."""
    return bool(db.change(_CHANGE_POOL, the_session=session_id, new_capacity=capacity))


def _pools(new: Sequence[Session], ids: dict[str, int]) -> Iterator[dict[str, Any]]:
    for each in new:
        pool = Pool(session_id=ids[each.code], name=PoolName.FAMILY, capacity=each.capacity)
        yield pool.model_dump(exclude={"id"})


def _new_values(row: SQLModel) -> dict[str, Any]:
    values = row.model_dump()
    return {f"new_{field}": value for field, value in values.items()} | {"the_id": values["id"]}
