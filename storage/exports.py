"""What do bookings, visitors and sessions look like to somebody outside? Nobody is named."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, case, func, select
from sqlmodel import col

from storage.db import Db
from storage.models import (
    Audience,
    Audit,
    Base,
    Booking,
    BookingState,
    Course,
    Pool,
    Rating,
    Session,
    SessionState,
)
from storage.statements import Query


class BookingOut(NamedTuple):
    """One booking."""

    code: str
    session: str
    base: str
    course: str
    starts_at: datetime
    state: BookingState
    adults: int
    children: int
    channel: str
    created_at: datetime
    time_zone: str


class VisitorsOut(NamedTuple):
    """The bookings of a session that are in one state, added up."""

    session: str
    base: str
    course: str
    starts_at: datetime
    state: BookingState
    bookings: int
    adults: int
    children: int
    time_zone: str


class SessionOut(NamedTuple):
    """One session; `free` counts the places of all its pools."""

    code: str
    base: str
    course: str
    starts_at: datetime
    ends_at: datetime
    audience: Audience
    capacity: int
    free: int
    room: str
    state: SessionState
    time_zone: str


class AuditOut(NamedTuple):
    """One change of state; what it was done to is named as people know it."""

    at: datetime
    by: str
    kind: str
    object_id: int
    booking: str | None
    session: str | None
    action: str
    before: str
    after: str
    reason: str
    seal: str | None


class RatingOut(NamedTuple):
    """What some family thought of its visit."""

    session: str
    base: str
    course: str
    starts_at: datetime
    stars: int
    words: str
    time_zone: str


_OF_SESSION = (col(Session.code), col(Base.name), col(Course.name), col(Session.starts_at))
_BOOKINGS = Query(
    select(
        col(Booking.code),
        *_OF_SESSION,
        col(Booking.state),
        col(Booking.adults),
        col(Booking.children),
        col(Booking.channel),
        col(Booking.created_at),
        col(Base.time_zone),
    )
    .select_from(Booking)
    .join(Session, col(Session.id) == col(Booking.session_id))
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Course, col(Course.id) == col(Session.course_id))
    .order_by(col(Session.starts_at), col(Session.code), col(Booking.id)),
    into=BookingOut,
)
_VISITORS = Query(
    select(
        *_OF_SESSION,
        col(Booking.state),
        func.count(),
        func.sum(col(Booking.adults)),
        func.sum(col(Booking.children)),
        col(Base.time_zone),
    )
    .select_from(Booking)
    .join(Session, col(Session.id) == col(Booking.session_id))
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Course, col(Course.id) == col(Session.course_id))
    .group_by(*_OF_SESSION, col(Booking.state), col(Base.time_zone))
    .order_by(col(Session.starts_at), col(Session.code), col(Booking.state)),
    into=VisitorsOut,
)
_RATINGS = Query(
    select(*_OF_SESSION, col(Rating.stars), col(Rating.words), col(Base.time_zone))
    .select_from(Rating)
    .join(Booking, col(Booking.id) == col(Rating.booking_id))
    .join(Session, col(Session.id) == col(Booking.session_id))
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Course, col(Course.id) == col(Session.course_id))
    # In no order that tells who it was.
    .order_by(col(Session.starts_at), col(Session.code), col(Rating.stars), col(Rating.words)),
    into=RatingOut,
)
_AUDIT = Query(
    select(
        col(Audit.at),
        case((col(Audit.person_id).is_(None), "kepu"), else_="person"),
        col(Audit.kind),
        col(Audit.object_id),
        col(Booking.code),
        col(Session.code),
        col(Audit.action),
        col(Audit.before),
        col(Audit.after),
        col(Audit.reason),
        col(Audit.seal),
    )
    .select_from(Audit)
    .outerjoin(Booking, and_(col(Audit.kind) == "booking", col(Booking.id) == col(Audit.object_id)))
    .outerjoin(Session, and_(col(Audit.kind) == "session", col(Session.id) == col(Audit.object_id)))
    .order_by(col(Audit.id)),
    into=AuditOut,
)
_FREE = (
    select(
        func.coalesce(
            func.sum(col(Pool.capacity) - col(Pool.held) - col(Pool.offered) - col(Pool.confirmed)),
            0,
        )
    )
    .where(col(Pool.session_id) == col(Session.id))
    .correlate(Session)
    .scalar_subquery()
)
_SESSIONS = Query(
    select(
        *_OF_SESSION,
        col(Session.ends_at),
        col(Session.audience),
        col(Session.capacity),
        _FREE.label("free"),
        col(Session.room),
        col(Session.state),
        col(Base.time_zone),
    )
    .select_from(Session)
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Course, col(Course.id) == col(Session.course_id))
    .order_by(col(Session.starts_at), col(Session.code)),
    into=SessionOut,
)


def bookings(db: Db) -> list[BookingOut]:
    """Every booking, in the order of the sessions."""
    return db.all(_BOOKINGS)


def visitors(db: Db) -> list[VisitorsOut]:
    """For every session and state of its bookings: how many came, or would have."""
    return db.all(_VISITORS)


def sessions(db: Db) -> list[SessionOut]:
    """Every session, earliest first."""
    return db.all(_SESSIONS)


def audit(db: Db) -> list[AuditOut]:
    """Every change of state, in the order it was written down."""
    return db.all(_AUDIT)


def ratings(db: Db) -> list[RatingOut]:
    """Every rating, by session."""
    return db.all(_RATINGS)
