"""How often does a family come to a base: what do the rules of limits have to count?"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, case, exists, func, or_, select
from sqlmodel import col

from storage.db import Db
from storage.failpoints import is_off
from storage.models import (
    Appeal,
    Booking,
    BookingChild,
    BookingState,
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


# Not IN: it is spelt anew at each run, and a Query is compiled once.
_IS_COUNTED = or_(*(col(Booking.state) == state for state in COUNTED))
_IS_THAT_DAY = col(Session.local_date) == bindparam("day")
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
_VISITS = Query(
    select(
        func.count(case((and_(_IS_COUNTED, col(Session.ends_at) > bindparam("now")), 1))),
        func.count(case((and_(_IS_COUNTED, _IS_THAT_DAY), 1))),
        func.count(case((and_(_IS_CANCELLED, _IS_THAT_DAY), 1))),
    )
    .select_from(Booking)
    .join(Session, col(Session.id) == col(Booking.session_id))
    .where(
        col(Booking.family_id) == bindparam("family"),
        col(Session.base_id) == bindparam("base"),
        col(Booking.id) != bindparam("besides"),
    ),
    into=Visits,
)
_DAYS = Query(
    select(col(Session.local_date))
    .select_from(BookingChild)
    .join(Booking, col(Booking.id) == col(BookingChild.booking_id))
    .join(Session, col(Session.id) == col(Booking.session_id))
    .where(
        col(BookingChild.child_id) == bindparam("child"),
        col(Session.base_id) == bindparam("base"),
        col(Session.local_date).between(bindparam("first_day"), bindparam("last_day")),
        _IS_COUNTED,
        col(Booking.id) != bindparam("besides"),
    )
    .order_by(col(Session.local_date)),
    into=scalar,
)
_STRIKES = Query(
    select(col(Strike.at))
    .where(
        col(Strike.family_id) == bindparam("family"),
        col(Strike.base_id) == bindparam("base"),
        col(Strike.appeal) != Appeal.GRANTED,
    )
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


def visits(
    db: Db, family_id: int, base_id: int, day: date, now: datetime, *, besides: int = 0
) -> Visits:
    """How often a family comes to a base, and on one day; `besides` this booking."""
    found = db.first(_VISITS, family=family_id, base=base_id, day=day, now=now, besides=besides)
    assert found is not None
    return found


def days_of(
    db: Db, child_id: int, base_id: int, first: date, last: date, *, besides: int = 0
) -> list[date]:
    """The days from `first` to `last` on which a child comes to a base; `besides` this booking."""
    return db.all(
        _DAYS, child=child_id, base=base_id, first_day=first, last_day=last, besides=besides
    )


def strikes(db: Db, family_id: int, base_id: int) -> list[datetime]:
    """When a family missed visits to a base, without those that were taken back."""
    return db.all(_STRIKES, family=family_id, base=base_id)
