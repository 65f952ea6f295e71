"""On which waiting lists is something due, or has stopped for no reason?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, select
from sqlmodel import col

from storage.db import Db
from storage.models import (
    IS_ITS_POLICY,
    Booking,
    BookingState,
    Policy,
    Pool,
    Returned,
    Session,
    SessionState,
    Terms,
    Waiting,
)
from storage.statements import Query, scalar
from storage.waiting import IS_REACHABLE


class Ends(NamedTuple):
    """A pool with a waiting list, and what says when that closes."""

    pool_id: int
    starts_at: datetime
    terms: Terms


_LISTS = Query(
    select(col(Pool.id), col(Session.starts_at), col(Policy.terms))
    .join(Session, col(Session.id) == col(Pool.session_id))
    .join(Policy, IS_ITS_POLICY)
    .where(col(Pool.waiting) > 0, col(Session.starts_at) < bindparam("before"))
    .order_by(col(Pool.id)),
    into=Ends,
)


_NOT_YET = (
    select(func.coalesce(func.sum(col(Returned.places)), 0))
    .where(col(Returned.pool_id) == col(Pool.id), col(Returned.released_at).is_(None))
    .correlate(Pool)
    .scalar_subquery()
)
_FITS = (
    select(col(Waiting.booking_id))
    .join(Booking, col(Booking.id) == col(Waiting.booking_id))
    .where(
        col(Waiting.pool_id) == col(Pool.id),
        col(Booking.state) == BookingState.WAITING,
        col(Waiting.least)
        <= col(Pool.capacity) - col(Pool.confirmed) - col(Pool.offered) - _NOT_YET,
        IS_REACHABLE,
    )
    .correlate(Pool)
    .exists()
)
_STALLED = Query(
    select(col(Pool.id))
    .join(Session, col(Session.id) == col(Pool.session_id))
    .where(
        col(Session.starts_at) > bindparam("now"),
        col(Session.state) == SessionState.PUBLISHED,
        or_(
            (col(Pool.waiting) > 0) & _FITS,
            (col(Pool.waiting) == 0) & (col(Pool.held) > 0) & (col(Pool.held) > _NOT_YET),
        ),
    )
    .order_by(col(Pool.id)),
    into=scalar,
)


def lists_before(db: Db, starts_before: datetime) -> list[Ends]:
    """Pools with a waiting list whose sessions start before that."""
    return db.all(_LISTS, before=starts_before)


def stalled(db: Db, now: datetime) -> list[int]:
    """Pools with places for somebody who waits, or kept for nobody: nothing there told of it.

    Somebody can be reached again, say, or who waited is gone with all that was kept of them.
    """
    return db.all(_STALLED, now=now)
