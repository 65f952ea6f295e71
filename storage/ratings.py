"""What did families think of their visits? The base sees it without a name."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, select, update
from sqlmodel import col

from storage.db import Db
from storage.models import (
    IS_ITS_POLICY,
    Base,
    Booking,
    BookingState,
    Policy,
    Rating,
    Session,
    Terms,
)
from storage.statements import Command, Query, scalar

ASKED = 3  # counted as one more reminder, after those before the visit


class Over(NamedTuple):
    """A session that is over, in which somebody was who was not asked."""

    id: int
    ends_at: datetime
    time_zone: str
    terms: Terms


class Rated(NamedTuple):
    """What one family thought."""

    stars: int
    words: str


_IS_UNASKED = and_(
    col(Booking.state) == BookingState.CHECKED_IN, col(Booking.reminders) < bindparam("asked")
)
_OVER = Query(
    select(col(Session.id), col(Session.ends_at), col(Base.time_zone), col(Policy.terms))
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Policy, IS_ITS_POLICY)
    .where(
        col(Session.local_date).between(bindparam("first_day"), bindparam("last_day")),
        col(Session.ends_at) <= bindparam("ended_by"),
        exists().where(col(Booking.session_id) == col(Session.id), _IS_UNASKED),
    )
    .order_by(col(Session.ends_at), col(Session.id)),
    into=Over,
)
_UNASKED = Query(
    select(col(Booking.id))
    .where(col(Booking.session_id) == bindparam("session"), _IS_UNASKED)
    .order_by(col(Booking.id)),
    into=scalar,
)
_ASK = Command(
    update(Booking)
    .where(
        col(Booking.id) == bindparam("booking"),
        col(Booking.state) == BookingState.CHECKED_IN,
        col(Booking.reminders) < bindparam("new_reminders"),
    )
    .values(reminders=bindparam("new_reminders"))
)
_RATE = Query(
    lambda insert: (
        insert(Rating)
        .values(
            booking_id=bindparam("booking"),
            stars=bindparam("stars"),
            words="",
            at=bindparam("at"),
        )
        .on_conflict_do_update(
            index_elements=["booking_id"],
            set_={"stars": bindparam("stars"), "at": bindparam("at")},
        )
        .returning(col(Rating.booking_id))
    ),
    into=scalar,
)
_SAY = Command(
    update(Rating)
    .where(col(Rating.booking_id) == bindparam("booking"))
    .values(words=bindparam("new_words"))
)
_OF_SESSION = Query(
    select(col(Rating.stars), col(Rating.words))
    .join(Booking, col(Booking.id) == col(Rating.booking_id))
    .join(Session, col(Session.id) == col(Booking.session_id))
    .where(col(Session.public_id) == bindparam("session"))
    # By what was said, not by when: nobody is to be known by their turn.
    .order_by(col(Rating.stars).desc(), col(Rating.words)),
    into=Rated,
)
_FORGET = Command(
    update(Rating)
    .where(
        col(Rating.booking_id).in_(
            select(col(Booking.id)).where(col(Booking.family_id) == bindparam("family"))
        )
    )
    .values(words="")
)


def over(db: Db, days: tuple[date, date], ended_by: datetime) -> list[Over]:
    """Sessions of these days that ended by then, with visitors who were not asked."""
    first, last = days
    return db.all(_OVER, first_day=first, last_day=last, ended_by=ended_by, asked=ASKED)


def unasked(db: Db, session_id: int) -> list[int]:
    """The ids of the visits to a session whose families came and were not asked."""
    return db.all(_UNASKED, session=session_id, asked=ASKED)


def ask(db: Db, booking_id: int) -> bool:
    """Note that a family is asked; False when it was, or nobody came."""
    return db.change(_ASK, booking=booking_id, new_reminders=ASKED) == 1


def rate(db: Db, booking_id: int, stars: int, now: datetime) -> None:
    """Keep how many stars a visit got; the last answer counts."""
    db.first(_RATE, booking=booking_id, stars=stars, at=now)


def say(db: Db, booking_id: int, words: str) -> bool:
    """Keep a line about a visit; False when it was not rated."""
    return db.change(_SAY, booking=booking_id, new_words=words) == 1


def of_session(db: Db, public_id: str) -> list[Rated]:
    """What families thought of a session, the best first. Who, nobody is told."""
    return db.all(_OF_SESSION, session=public_id)


def forget_family(db: Db, family_id: int) -> None:
    """Drop what a family said in words; its stars name nobody."""
    db.change(_FORGET, family=family_id)
