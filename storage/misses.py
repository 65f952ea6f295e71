"""Which visits was nobody checked in for, where others were?"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, exists, select, text
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.db import Db
from storage.models import (
    IS_ITS_POLICY,
    LIVE,
    Base,
    Booking,
    BookingState,
    CheckIn,
    Policy,
    Session,
    SessionState,
    Terms,
)
from storage.statements import Query, scalar


class Begun(NamedTuple):
    """A session that has begun, with parties who were not checked in."""

    id: int
    starts_at: datetime
    ends_at: datetime
    terms: Terms


# Written out, so that SQLite sees that the index of live visits covers it.
_IS_LIVE = text(f"booking.{LIVE}")
_OTHER = aliased(Session)
# A base that checks nobody in on a day does not use the desk: nobody can be said to have missed.
_USES_DESK = (
    select(col(CheckIn.id))
    .join(Booking, col(Booking.id) == col(CheckIn.booking_id))
    .join(_OTHER, col(_OTHER.id) == col(Booking.session_id))
    .where(
        col(_OTHER.base_id) == col(Session.base_id),
        col(_OTHER.local_date) == col(Session.local_date),
        col(Booking.state) == BookingState.CHECKED_IN,
        _IS_LIVE,
        col(CheckIn.undone_at).is_(None),
    )
    .exists()
)
_HAS_MISSING = exists().where(
    col(Booking.session_id) == col(Session.id),
    col(Booking.state) == BookingState.CONFIRMED,
    _IS_LIVE,
)
_BASES = Query(select(col(Base.id)).order_by(col(Base.id)), into=scalar)
_BEGUN = Query(
    select(col(Session.id), col(Session.starts_at), col(Session.ends_at), col(Policy.terms))
    .join(Policy, IS_ITS_POLICY)
    .where(
        col(Session.base_id) == bindparam("base"),
        col(Session.local_date).between(bindparam("first_day"), bindparam("last_day")),
        col(Session.starts_at) < bindparam("now"),
        col(Session.state) == SessionState.PUBLISHED,
        _HAS_MISSING,
        _USES_DESK,
    )
    .order_by(col(Session.starts_at), col(Session.id)),
    into=Begun,
)
_MISSING = Query(
    select(col(Booking.id))
    .where(
        col(Booking.session_id) == bindparam("session"),
        col(Booking.state) == BookingState.CONFIRMED,
        _IS_LIVE,
    )
    .order_by(col(Booking.id)),
    into=scalar,
)


def begun(db: Db, first_day: date, last_day: date, now: datetime) -> list[Begun]:
    """Sessions of these days that began with parties missing, at bases that use the desk."""
    # Base by base: together they would have the whole timetable read.
    return [
        session
        for base in db.all(_BASES)
        for session in db.all(_BEGUN, base=base, first_day=first_day, last_day=last_day, now=now)
    ]


def missing(db: Db, session_id: int) -> list[int]:
    """The ids of the visits to a session that are booked, and nobody was checked in for."""
    return db.all(_MISSING, session=session_id)
