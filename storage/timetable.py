"""How does a whole timetable get in: bases, policies, courses, and sessions with their places?"""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, bindparam, func, insert, inspect, select, update
from sqlmodel import SQLModel, col

from storage.db import Db
from storage.models import (
    Base,
    Booking,
    BookingState,
    Course,
    Offer,
    OfferState,
    Policy,
    Pool,
    PoolName,
    Session,
    Terms,
)
from storage.statements import Command, Query, scalar, whole

# What became of a session since it was planned: a timetable brought in again leaves that as it is.
KEPT_OF_SESSION = ("state", "sequence", "cancelled_because")
_LOCK_NUMBER = 0x6B657075  # "kepu"; any number that nothing else locks


class Kept(NamedTuple):
    """A stored session with the pools of its places."""

    session: Session
    pools: Sequence[Pool]

    @property
    def capacity(self) -> int:
        return sum(pool.capacity for pool in self.pools)

    @property
    def taken(self) -> int:
        return sum(pool.held + pool.offered + pool.confirmed for pool in self.pools)


class Going(NamedTuple):
    """A booking that takes places, for a list of those that would have to go."""

    code: str
    places: int


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


def _pair(code: str, number: int) -> tuple[str, int]:
    return code, number


_LOCK = Query(select(func.pg_advisory_xact_lock(bindparam("number", type_=None))), into=scalar)
_BASES = Query(select(*_columns(Base)).order_by(col(Base.id)), into=whole(Base))
_POLICIES = Query(
    select(*_columns(Policy))
    .join(Base, col(Base.id) == col(Policy.base_id))
    .where(col(Policy.version) == col(Base.policy_version)),
    into=whole(Policy),
)
_COURSES = Query(select(*_columns(Course)).order_by(col(Course.id)), into=whole(Course))
_SESSIONS = Query(select(*_columns(Session)).order_by(col(Session.id)), into=whole(Session))
_POOLS = Query(select(*_columns(Pool)).order_by(col(Pool.id)), into=whole(Pool))
_NEWEST = Query(
    select(
        col(Booking.code), col(Booking.adults), col(Booking.children), col(Policy.terms),
        col(Offer.places),
    )
    .select_from(Booking)
    .join(Session, col(Session.id) == col(Booking.session_id))
    .join(
        Policy,
        (col(Policy.base_id) == col(Session.base_id))
        & (col(Policy.version) == col(Booking.policy_version)),
    )
    # Who takes fewer places than the party is was offered only those.
    .outerjoin(
        Offer, (col(Offer.booking_id) == col(Booking.id)) & (col(Offer.state) == OfferState.LIVE)
    )
    .where(
        col(Booking.session_id) == bindparam("session"),
        (col(Booking.state) == BookingState.CONFIRMED)
        | (col(Booking.state) == BookingState.OFFERED)
        | (col(Booking.state) == BookingState.HELD),
    )
    .order_by(col(Booking.created_at).desc(), col(Booking.id).desc()),
    into=lambda code, adults, children, terms, offered: Going(
        code, offered or _places(terms, adults, children)
    ),
)  # fmt: skip
_IDS = Query(select(col(Session.code), col(Session.id)), into=_pair)
_CHANGE_BASE = _changing(Base)
_CHANGE_COURSE = _changing(Course)
_ADD_SESSION = _adding(Session)
_CHANGE_SESSION = _changing(Session, "code", *KEPT_OF_SESSION)
_ADD_POOL = _adding(Pool)
# The guard and the table's CHECK say the same: what is promised to somebody is not taken back.
_CHANGE_POOL = Command(
    update(Pool)
    .where(
        col(Pool.id) == bindparam("the_pool"),
        col(Pool.held) + col(Pool.offered) + col(Pool.confirmed) <= bindparam("new_capacity"),
    )
    .values(
        capacity=bindparam("new_capacity"),
        flows_to=bindparam("new_flows_to"),
        flows_at=bindparam("new_flows_at"),
    )
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
    pools: defaultdict[int, list[Pool]] = defaultdict(list)
    for pool in db.all(_POOLS):
        pools[pool.session_id].append(pool)
    return [Kept(session, pools[session.id or 0]) for session in db.all(_SESSIONS)]


def newest_bookings(db: Db, session_id: int) -> list[Going]:
    """Who has places in a session, the newest first, without those who are there already."""
    return db.all(_NEWEST, session=session_id)


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


def add_sessions(
    db: Db, new: Sequence[Session], pools: Sequence[Sequence[Pool]] | None = None
) -> None:
    """Store sessions with their pools; without any, all places are the families'."""
    for each in new:
        each.public_id = secrets.token_hex(16)
    db.change_many(_ADD_SESSION, [each.model_dump(exclude={"id"}) for each in new])
    ids = session_ids(db)
    if pools is None:
        pools = [[Pool(session_id=0, name=PoolName.FAMILY, capacity=each.capacity)] for each in new]
    rows = (
        pool.model_dump(exclude={"id"}) | {"session_id": ids[session.code]}
        for session, its in zip(new, pools, strict=True)
        for pool in its
    )
    db.change_many(_ADD_POOL, list(rows))


def change_sessions(db: Db, changed: Sequence[Session]) -> None:
    """Store sessions' fields anew; a cancelled one stays cancelled. Places: `change_pool`."""
    db.change_many(_CHANGE_SESSION, [_new_values(each) for each in changed])


def change_pool(db: Db, kept: Pool | None, wanted: Pool) -> bool:
    """Make a pool as it is wanted, or a new one; False when more of its places are taken."""
    if kept is None:
        db.insert(wanted)
        return True
    return bool(
        db.change(
            _CHANGE_POOL,
            the_pool=kept.id,
            new_capacity=wanted.capacity,
            new_flows_to=wanted.flows_to,
            new_flows_at=wanted.flows_at,
        )
    )


def _places(terms: Terms, adults: int, children: int) -> int:
    return terms.places(adults, children)


def _new_values(row: SQLModel) -> dict[str, Any]:
    values = row.model_dump()
    return {f"new_{field}": value for field, value in values.items()} | {"the_id": values["id"]}
