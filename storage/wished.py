"""What is there of what somebody named: bases, courses and rooms by name, and when they show?"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlmodel import col

from storage.db import Db
from storage.models import (
    IS_ITS_POLICY,
    Audience,
    Base,
    Booking,
    Course,
    Policy,
    Pool,
    PoolName,
    Session,
    Terms,
)
from storage.statements import Query, scalar
from storage.venues import LEFT, OPEN

SHOWINGS_MAX = 200  # what is shown more often is no help in finding a day


class NamedBase(NamedTuple):
    """A base as people may name it."""

    public_id: str
    name: str
    district: str


class Showing(NamedTuple):
    """A session that can be booked now, full or not."""

    base: str
    base_public_id: str
    course: str
    day: date
    starts_at: datetime
    time_zone: str
    audience: Audience
    terms: Terms
    places_left: int


class Last(NamedTuple):
    """Where a family booked last, and what."""

    base_public_id: str
    base: str
    course: str
    starts_at: datetime
    time_zone: str


_BASES = Query(
    select(col(Base.public_id), col(Base.name), col(Base.district)).order_by(col(Base.name)),
    into=NamedBase,
)
_COURSES = Query(select(col(Course.name)).order_by(col(Course.name)), into=scalar)
_ROOMS = Query(
    select(col(Session.room)).where(OPEN, col(Session.room) != "").distinct(), into=scalar
)


def _showings(*where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Base.name), col(Base.public_id), col(Course.name), col(Session.local_date),
            col(Session.starts_at), col(Base.time_zone), col(Session.audience),
            col(Policy.terms), LEFT,
        )
        .select_from(Session)
        .join(Base, col(Base.id) == col(Session.base_id))
        .join(Course, col(Course.id) == col(Session.course_id))
        .join(Policy, IS_ITS_POLICY)
        .join(
            Pool, and_(col(Pool.session_id) == col(Session.id), col(Pool.name) == PoolName.FAMILY)
        )
        .where(OPEN, *where)
        .order_by(col(Session.starts_at), col(Session.id))
        .limit(SHOWINGS_MAX)
    )  # fmt: skip


_OF_COURSE = Query(_showings(col(Course.name) == bindparam("course")), into=Showing)
_IN_ROOM = Query(_showings(col(Session.room) == bindparam("in_room")), into=Showing)
_LAST = Query(
    select(
        col(Base.public_id), col(Base.name), col(Course.name), col(Session.starts_at),
        col(Base.time_zone),
    )
    .select_from(Booking)
    .join(Session, col(Session.id) == col(Booking.session_id))
    .join(Course, col(Course.id) == col(Session.course_id))
    .join(Base, col(Base.id) == col(Session.base_id))
    .where(
        col(Booking.id)
        == select(func.max(col(Booking.id)))
        .where(col(Booking.family_id) == bindparam("family"))
        .scalar_subquery()
    ),
    into=Last,
)  # fmt: skip


def bases(db: Db) -> list[NamedBase]:
    """Every base, by name."""
    return db.all(_BASES)


def courses(db: Db) -> list[str]:
    """The name of every course."""
    return db.all(_COURSES)


def rooms(db: Db, now: datetime) -> list[str]:
    """The rooms of all sessions that can be booked now."""
    return db.all(_ROOMS, now=now, from_day=_from_day(now))


def showings_of(db: Db, course: str, now: datetime) -> list[Showing]:
    """The first `SHOWINGS_MAX` sessions of a course that can be booked now, earliest first."""
    return db.all(_OF_COURSE, course=course, now=now, from_day=_from_day(now))


def showings_in(db: Db, room: str, now: datetime) -> list[Showing]:
    """The first `SHOWINGS_MAX` sessions in a room that can be booked now, earliest first."""
    return db.all(_IN_ROOM, in_room=room, now=now, from_day=_from_day(now))


def last_of(db: Db, family_id: int) -> Last | None:
    """Where a family booked last; None when it never did."""
    return db.first(_LAST, family=family_id)


def _from_day(now: datetime) -> date:
    return now.date() - timedelta(days=1)
