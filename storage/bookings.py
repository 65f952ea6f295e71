"""Who visits which session, and how many places does that take?"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlmodel import col

from storage.db import Db
from storage.failpoints import is_off
from storage.models import (
    LIVE,
    Base,
    Booking,
    BookingChild,
    BookingState,
    Child,
    Course,
    Pool,
    Session,
    SessionState,
)
from storage.statements import Command, Query, scalar


class Visit(NamedTuple):
    """A booking with all that a family is told of it."""

    id: int
    public_id: str
    code: str
    pool_id: int
    state: BookingState
    adults: int
    children: int
    created_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    room: str
    cancel_until: datetime | None
    price_fen: int
    session_state: SessionState
    course: str
    base: str
    address: str
    phone: str
    time_zone: str


class New(NamedTuple):
    """A booking to be stored."""

    public_id: str
    session_id: int
    pool_id: int
    family_id: int
    person_id: int
    adults: int
    children: int
    policy_version: int
    channel: str


_VISIT = (  # the fields of Visit, in their order
    col(Booking.id), col(Booking.public_id), col(Booking.code), col(Booking.pool_id),
    col(Booking.state), col(Booking.adults), col(Booking.children), col(Booking.created_at),
    col(Booking.changed_at), col(Session.starts_at), col(Session.ends_at), col(Session.room),
    col(Session.cancel_until), col(Session.price_fen), col(Session.state), col(Course.name),
    col(Base.name), col(Base.address), col(Base.phone), col(Base.time_zone),
)  # fmt: skip
_VISITS = (
    select(*_VISIT)
    .select_from(Booking)
    .join(Session, col(Session.id) == col(Booking.session_id))
    .join(Course, col(Course.id) == col(Session.course_id))
    .join(Base, col(Base.id) == col(Session.base_id))
)
_OF_FAMILY = col(Booking.family_id) == bindparam("family")
_IS_LIVE = text(f"booking.{LIVE}")

_ONE = Query(_VISITS.where(col(Booking.public_id) == bindparam("visit")), into=Visit)
_ONE_OF_FAMILY = Query(
    _VISITS.where(col(Booking.public_id) == bindparam("visit"), _OF_FAMILY), into=Visit
)
_AHEAD = Query(
    _VISITS.where(_OF_FAMILY, _IS_LIVE, col(Session.ends_at) > bindparam("now")).order_by(
        col(Session.starts_at), col(Booking.id)
    ),
    into=Visit,
)
_PAST = Query(
    _VISITS.where(_OF_FAMILY, col(Session.ends_at) <= bindparam("now"))
    .order_by(col(Session.starts_at).desc(), col(Booking.id).desc())
    .limit(bindparam("most", type_=None)),
    into=Visit,
)
_EVERY = Query(_VISITS.where(_OF_FAMILY).order_by(col(Booking.id)), into=Visit)
_LAST_PARTY = Query(
    select(col(Booking.adults), col(Booking.children), col(Child.public_id))
    .select_from(Booking)
    .outerjoin(BookingChild, col(BookingChild.booking_id) == col(Booking.id))
    .outerjoin(Child, col(Child.id) == col(BookingChild.child_id))
    .where(col(Booking.id) == select(func.max(col(Booking.id))).where(_OF_FAMILY).scalar_subquery())
    .order_by(col(Child.id)),
    into=lambda adults, children, child: (int(adults), int(children), child),
)

_TAKEN = col(Pool.held) + col(Pool.offered) + col(Pool.confirmed)
_IS_POOL = col(Pool.id) == bindparam("pool")
_TAKE_UNGUARDED = (
    update(Pool)
    .where(_IS_POOL)
    .values(confirmed=col(Pool.confirmed) + bindparam("places", type_=None))
)
_TAKE = Command(
    _TAKE_UNGUARDED.where(_TAKEN + bindparam("places", type_=None) <= col(Pool.capacity))
)
_TAKE_WITHOUT_GUARD = Command(_TAKE_UNGUARDED)  # only the control of the race test runs it
_GIVE_BACK = Command(
    update(Pool)
    .where(_IS_POOL)
    .values(confirmed=col(Pool.confirmed) - bindparam("places", type_=None))
)
_LEFT = Query(select(col(Pool.capacity) - _TAKEN).where(_IS_POOL), into=scalar)

_ADD = Query(
    lambda insert: (
        insert(Booking)
        .values(
            public_id=bindparam("public_id"),
            code=bindparam("code"),
            session_id=bindparam("session_id"),
            pool_id=bindparam("pool_id"),
            family_id=bindparam("family_id"),
            person_id=bindparam("person_id"),
            state=BookingState.CONFIRMED,
            adults=bindparam("adults"),
            children=bindparam("children"),
            policy_version=bindparam("policy_version"),
            channel=bindparam("channel"),
            created_at=bindparam("at"),
            changed_at=bindparam("at"),
            changes=0,
            heads=0,
            reminders=0,
        )
        .on_conflict_do_nothing()
        .returning(col(Booking.id))
    ),
    into=scalar,
)
_ADD_CHILD = Command(
    insert(BookingChild).values(
        booking_id=bindparam("booking_id"),
        child_id=bindparam("child_id"),
        session_id=bindparam("session_id"),
        is_live=True,
    )
)
_CANCEL = Command(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking"), col(Booking.state) == BookingState.CONFIRMED)
    .values(state=BookingState.CANCELLED, changed_at=bindparam("new_changed_at"))
)
_CHILDREN_STAY_AWAY = Command(
    update(BookingChild)
    .where(col(BookingChild.booking_id) == bindparam("booking"))
    .values(is_live=False)
)


def take_places(db: Db, pool_id: int, places: int) -> bool:
    """Take places of a pool if so many are left; it is locked until the transaction ends."""
    command = _TAKE_WITHOUT_GUARD if is_off("capacity_guard") else _TAKE
    return db.change(command, pool=pool_id, places=places) == 1


def places_left(db: Db, pool_id: int) -> int:
    """How many places of a pool nobody has."""
    return db.first(_LEFT, pool=pool_id) or 0


def add(db: Db, new: New, code: str, now: datetime) -> int | None:
    """Store a confirmed booking; its id, or None when its code, or the family's visit, is there."""
    return db.first(_ADD, **new._asdict(), code=code, at=now)


def add_children(db: Db, booking_id: int, session_id: int, child_ids: Sequence[int]) -> None:
    """Note which children come."""
    if child_ids:
        db.change_many(
            _ADD_CHILD,
            [
                {"booking_id": booking_id, "session_id": session_id, "child_id": child_id}
                for child_id in child_ids
            ],
        )


def cancel(db: Db, visit: Visit, now: datetime) -> bool:
    """Cancel a confirmed visit and give its places back, once; False when it is not confirmed."""
    if db.change(_CANCEL, booking=visit.id, new_changed_at=now) != 1:
        return False
    db.change(_CHILDREN_STAY_AWAY, booking=visit.id)
    db.change(_GIVE_BACK, pool=visit.pool_id, places=visit.adults + visit.children)
    return True


def visit(db: Db, public_id: str) -> Visit | None:
    """The visit with this public id, which only those know who were given the ticket."""
    return db.first(_ONE, visit=public_id)


def visit_for(db: Db, family_id: int, public_id: str) -> Visit | None:
    """A visit of this family; None when it is not theirs, or not there."""
    return db.first(_ONE_OF_FAMILY, visit=public_id, family=family_id)


def ahead(db: Db, family_id: int, now: datetime) -> list[Visit]:
    """The live visits of a family that are not over, the next one first."""
    return db.all(_AHEAD, family=family_id, now=now)


def past(db: Db, family_id: int, now: datetime, most: int) -> list[Visit]:
    """The last visits of a family that are over, in any state, the newest first."""
    return db.all(_PAST, family=family_id, now=now, most=most)


def every(db: Db, family_id: int) -> list[Visit]:
    """All visits of a family, in the order they were booked."""
    return db.all(_EVERY, family=family_id)


def last_party(db: Db, family_id: int) -> tuple[int, list[str]] | None:
    """Adults and the children's public ids of a family's newest booking.

    None when there is none, or when a child of it is no longer kept.
    """
    rows = db.all(_LAST_PARTY, family=family_id)
    if not rows:
        return None
    adults, children, _child = rows[0]
    kept = [child for _adults, _children, child in rows if child is not None]
    return (adults, kept) if len(kept) == children else None
