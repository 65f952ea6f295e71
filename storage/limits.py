"""How often does a family come to a base: what do the rules of limits have to count?"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.db import Db, Later
from storage.failpoints import is_off
from storage.models import (
    Appeal,
    Booking,
    BookingChild,
    BookingState,
    Child,
    EndedBy,
    Family,
    Offer,
    OfferState,
    Session,
    Strike,
    Waiting,
)
from storage.statements import Query, scalar

COUNTED = (BookingState.HELD, BookingState.CONFIRMED, BookingState.CHECKED_IN)


class Visits(NamedTuple):
    """A family's visits to a base."""

    active: int  # booked and not over
    on_day: int
    cancelled_on_day: int  # by the family
    strikes: int  # that count


class Day(NamedTuple):
    """A child comes to a base on this day."""

    child_id: int
    day: date


# Not IN: it is spelt anew at each run, and a Query is compiled once.
_IS_COUNTED = or_(*(col(Booking.state) == state for state in COUNTED))
# As a subquery, read once; joined, PostgreSQL may read every session of the base for it.
_Wanted = aliased(Session)
_IS_WANTED = col(_Wanted.public_id) == bindparam("session")
_BASE = select(col(_Wanted.base_id)).where(_IS_WANTED).scalar_subquery()
# "+ 0": a family's visits are few, and not to be looked for among all sessions of the base.
_IS_THERE = (col(Session.base_id) + 0) == _BASE
_IS_THAT_DAY = (
    col(Session.local_date) == select(col(_Wanted.local_date)).where(_IS_WANTED).scalar_subquery()
)
# Who leaves a waiting list has cancelled no visit.
_WAS_BOOKED = or_(
    ~exists().where(col(Waiting.booking_id) == col(Booking.id)),
    exists().where(
        col(Offer.booking_id) == col(Booking.id), col(Offer.state) == OfferState.ACCEPTED
    ),
)
_IS_CANCELLED = and_(
    col(Booking.state) == BookingState.CANCELLED,
    _WAS_BOOKED,
    or_(
        col(Booking.ended_by).is_(None),  # before it was noted who did
        col(Booking.ended_by) == EndedBy.FAMILY,
        col(Booking.ended_by) == EndedBy.LATE,
    ),
)
_IS_STRIKE = and_(
    col(Strike.family_id) == bindparam("family"), col(Strike.appeal) != Appeal.GRANTED
)
_VISITS = Query(
    select(
        func.count(case((and_(_IS_COUNTED, col(Session.ends_at) > bindparam("now")), 1))),
        func.count(case((and_(_IS_COUNTED, _IS_THAT_DAY), 1))),
        func.count(case((and_(_IS_CANCELLED, _IS_THAT_DAY), 1))),
        select(func.count())
        .select_from(Strike)
        .where(_IS_STRIKE, col(Strike.base_id) == _BASE)
        .scalar_subquery(),
    )
    .select_from(Booking)
    .join(Session, col(Session.id) == col(Booking.session_id))
    .where(
        col(Booking.family_id) == bindparam("family"),
        _IS_THERE,
        col(Booking.id) != bindparam("besides"),
    ),
    into=Visits,
)
_DAYS = Query(
    select(col(Child.id), col(Session.local_date))
    .select_from(Child)
    .join(BookingChild, col(BookingChild.child_id) == col(Child.id))
    .join(Booking, col(Booking.id) == col(BookingChild.booking_id))
    .join(Session, col(Session.id) == col(Booking.session_id))
    .where(
        col(Child.family_id) == bindparam("family"),
        _IS_THERE,
        col(Session.local_date) >= bindparam("first_day"),
        _IS_COUNTED,
        col(Booking.id) != bindparam("besides"),
    )
    .order_by(col(Session.local_date)),
    into=Day,
)
_STRIKES = Query(
    select(col(Strike.at))
    .where(_IS_STRIKE, col(Strike.base_id) == bindparam("base"))
    .order_by(col(Strike.at)),
    into=scalar,
)
# As an UPDATE locks it: what only refers to the family can be stored meanwhile.
_LOCK_FAMILY = Query(
    select(col(Family.id))
    .where(col(Family.id) == bindparam("family"))
    .with_for_update(key_share=True),
    into=scalar,
)


def lock_family(db: Db, family_id: int) -> None:
    """Let nobody else book for this family until we are done, so that what is counted stays so."""
    # SQLite has one writer anyway. Only the control of the race test goes without.
    if db.dialect.name == "postgresql" and not is_off("family_lock"):
        db.note(_LOCK_FAMILY, family=family_id)


def ask_visits(
    db: Db, family_id: int, session: str, now: datetime, *, besides: int = 0
) -> Later[Visits]:
    """How often a family comes to the base of a session, and on its day; `besides` this booking."""
    return db.later(_VISITS, family=family_id, session=session, now=now, besides=besides)


def ask_days(db: Db, family_id: int, session: str, first: date, *, besides: int = 0) -> Later[Day]:
    """The days from `first` on on which its children come there; `besides` this booking."""
    return db.later(_DAYS, family=family_id, session=session, first_day=first, besides=besides)


def strikes(db: Db, family_id: int, base_id: int) -> list[datetime]:
    """When a family missed visits to a base, without those that were taken back."""
    return db.all(_STRIKES, family=family_id, base=base_id)
