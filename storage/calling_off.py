"""Which session does a base call off or move, and whom does that concern?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select, text, update
from sqlmodel import col

from storage.db import Db
from storage.models import (
    LIVE,
    Audit,
    Base,
    Booking,
    BookingState,
    Course,
    Pool,
    Returned,
    Session,
    SessionState,
)
from storage.statements import Command, Query, scalar


class Planned(NamedTuple):
    """A session, as a base speaks of it."""

    id: int
    public_id: str
    code: str
    base_id: int
    base: str
    course: str
    room: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    state: SessionState


_PLANNED = (
    select(
        col(Session.id), col(Session.public_id), col(Session.code), col(Session.base_id),
        col(Base.name), col(Course.name), col(Session.room), col(Base.time_zone),
        col(Session.starts_at), col(Session.ends_at), col(Session.state),
    )
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Course, col(Course.id) == col(Session.course_id))
)  # fmt: skip
_BY_ID = Query(_PLANNED.where(col(Session.id) == bindparam("session")), into=Planned)
_NAMED = Query(
    _PLANNED.where(
        or_(col(Session.code) == bindparam("name"), col(Session.public_id) == bindparam("name"))
    ),
    into=Planned,
)
_AHEAD = Query(
    _PLANNED.where(
        col(Session.base_id) == bindparam("base"),
        col(Session.starts_at) > bindparam("now"),
        col(Session.state) == SessionState.PUBLISHED,
    )
    .order_by(col(Session.starts_at), col(Session.id))
    .limit(bindparam("most", type_=None)),
    into=Planned,
)
_CALL_OFF = Command(
    update(Session)
    .where(col(Session.id) == bindparam("the_id"), col(Session.state) == SessionState.PUBLISHED)
    .values(
        state=SessionState.CANCELLED,
        cancelled_because=bindparam("new_because"),
        sequence=col(Session.sequence) + 1,
    )
)
_MOVED = Command(
    update(Session)
    .where(col(Session.id) == bindparam("the_id"))
    .values(sequence=col(Session.sequence) + 1)
)
_POOLS = Query(
    select(col(Pool.id)).where(col(Pool.session_id) == bindparam("session")).order_by(col(Pool.id)),
    into=scalar,
)
_LIVE = Query(
    select(col(Booking.id))
    .where(col(Booking.session_id) == bindparam("session"), text(f"booking.{LIVE}"))
    .order_by(col(Booking.id)),
    into=scalar,
)
_RELEASE_ALL = Command(
    update(Returned)
    .where(col(Returned.pool_id) == bindparam("pool"), col(Returned.released_at).is_(None))
    .values(released_at=bindparam("new_released_at"))
)
# What was said and answered was about another time.
_REMIND_ANEW = Command(
    update(Booking)
    .where(
        col(Booking.session_id) == bindparam("session"),
        col(Booking.state) == BookingState.CONFIRMED,
    )
    .values(reminders=0, is_coming=None)
)
_MOVED_SINCE = Query(
    select(col(Audit.id)).where(
        col(Audit.kind) == "session",
        col(Audit.object_id) == bindparam("session"),
        col(Audit.action) == "move",
        col(Audit.at) >= bindparam("since"),
    ),
    into=scalar,
)


def planned(db: Db, session_id: int) -> Planned | None:
    """A session by its number."""
    return db.first(_BY_ID, session=session_id)


def named(db: Db, name: str) -> Planned | None:
    """A session by the code that its base knows it by, or by its public id."""
    return db.first(_NAMED, name=name)


def ahead(db: Db, base_id: int, now: datetime, most: int) -> list[Planned]:
    """The next sessions of a base."""
    return db.all(_AHEAD, base=base_id, now=now, most=most)


def call_off(db: Db, session_id: int, because: str) -> bool:
    """Note that a session does not take place; False when that is known."""
    return db.change(_CALL_OFF, the_id=session_id, new_because=because) == 1


def note_moved(db: Db, session_id: int) -> None:
    """Note that a session has another time or place, of which families are reminded anew."""
    db.change(_MOVED, the_id=session_id)
    db.change(_REMIND_ANEW, session=session_id)


def was_moved(db: Db, session_id: int, since: datetime) -> bool:
    """Whether a session was moved since then."""
    return db.first(_MOVED_SINCE, session=session_id, since=since) is not None


def pools_of(db: Db, session_id: int) -> list[int]:
    """The ids of a session's pools, in the order to lock them."""
    return db.all(_POOLS, session=session_id)


def live_visits(db: Db, session_id: int) -> list[int]:
    """The ids of the visits to a session that are booked, begun or waited for."""
    return db.all(_LIVE, session=session_id)


def release_all(db: Db, pool_id: int, now: datetime) -> None:
    """Let places that came back wait for nothing any more."""
    db.change(_RELEASE_ALL, pool=pool_id, new_released_at=now)
