"""Which visits are families to be reminded of, and what did they answer?"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, select, text, update
from sqlmodel import col

from storage.db import Db
from storage.models import (
    IS_ITS_POLICY,
    LIVE,
    Base,
    Booking,
    BookingState,
    Policy,
    Session,
    SessionState,
    Terms,
)
from storage.statements import Command, Query, scalar


class Ahead(NamedTuple):
    """A session that families are to be reminded of, in which some were not reminded enough."""

    id: int
    starts_at: datetime
    time_zone: str
    terms: Terms


# Written out, so that the index of live visits is used.
_IS_BOOKED = and_(
    text(f"booking.{LIVE}"),
    col(Booking.state) == BookingState.CONFIRMED,
    col(Booking.reminders) < bindparam("enough"),
)
_AHEAD = Query(
    select(col(Session.id), col(Session.starts_at), col(Base.time_zone), col(Policy.terms))
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Policy, IS_ITS_POLICY)
    .where(
        col(Session.local_date).between(bindparam("first_day"), bindparam("last_day")),
        col(Session.starts_at) > bindparam("now"),
        col(Session.state) == SessionState.PUBLISHED,
        exists().where(col(Booking.session_id) == col(Session.id), _IS_BOOKED),
    )
    .order_by(col(Session.starts_at), col(Session.id)),
    into=Ahead,
)
_UNTOLD = Query(
    select(col(Booking.id))
    .where(col(Booking.session_id) == bindparam("session"), _IS_BOOKED)
    .order_by(col(Booking.id)),
    into=scalar,
)
_SAID = Command(
    update(Booking)
    .where(
        col(Booking.id) == bindparam("booking"),
        col(Booking.state) == BookingState.CONFIRMED,
        col(Booking.reminders) < bindparam("new_reminders"),
    )
    .values(reminders=bindparam("new_reminders"))
)
_ANSWERED = Command(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking"), col(Booking.state) == BookingState.CONFIRMED)
    .values(is_coming=bindparam("new_is_coming"))
)


def ahead(db: Db, days: tuple[date, date], now: datetime, enough: int) -> list[Ahead]:
    """Sessions of these days, not begun, with visits that had fewer than `enough` reminders."""
    first, last = days
    return db.all(_AHEAD, first_day=first, last_day=last, now=now, enough=enough)


def untold(db: Db, session_id: int, enough: int) -> list[int]:
    """The ids of a session's visits that had fewer than `enough` reminders."""
    return db.all(_UNTOLD, session=session_id, enough=enough)


def said(db: Db, booking_id: int, number: int) -> bool:
    """Note that this reminder is said; False when it was, or the visit is no longer booked."""
    return db.change(_SAID, booking=booking_id, new_reminders=number) == 1


def answered(db: Db, booking_id: int, *, is_coming: bool) -> bool:
    """Keep whether the family comes; False when the visit is no longer booked."""
    return db.change(_ANSWERED, booking=booking_id, new_is_coming=is_coming) == 1
