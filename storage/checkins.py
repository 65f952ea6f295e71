"""Who came through the door, as the devices there noted it?"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, case, func, or_, select, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.db import Db
from storage.models import LIVE, Booking, BookingState, CheckIn, Course, Pool, PoolName, Session
from storage.models import SessionState as State
from storage.statements import Command, Query, scalar

WALK_IN = "desk"  # the channel of a visit made at the door


class Scan(NamedTuple):
    """A scan as it is kept. Of a party with several, the earliest are counted first."""

    scan_id: str
    booking_id: int
    heads: int
    at: datetime
    undone_at: datetime | None


class Expected(NamedTuple):
    """A visit to a session, as the desk sees it."""

    public_id: str
    code: str
    channel: str
    state: BookingState
    people: int
    heads: int


class OfDay(NamedTuple):
    """A session of a day, with who is expected and who is there."""

    id: int
    public_id: str
    base_id: int
    course: str
    room: str
    starts_at: datetime
    ends_at: datetime
    state: State
    capacity: int
    people: int  # booked, those inside included
    inside: int
    parties_missing: int
    people_missing: int


class Draw(NamedTuple):
    """A pool that walk-ins may draw on, and how many places nobody has of it."""

    id: int
    name: PoolName
    left: int


_SCAN = (
    col(CheckIn.scan_id), col(CheckIn.booking_id), col(CheckIn.heads), col(CheckIn.at),
    col(CheckIn.undone_at),
)  # fmt: skip
_ONE = Query(select(*_SCAN).where(col(CheckIn.scan_id) == bindparam("scan")), into=Scan)
_OF_VISIT = Query(
    select(*_SCAN).where(
        col(CheckIn.booking_id) == bindparam("booking"), col(CheckIn.undone_at).is_(None)
    ),
    into=Scan,
)
_ADD = Query(
    lambda insert: (
        insert(CheckIn)
        .values(
            scan_id=bindparam("scan_id"),
            booking_id=bindparam("booking_id"),
            heads=bindparam("heads"),
            device=bindparam("device"),
            person_id=bindparam("person_id"),
            at=bindparam("at"),
            stored_at=bindparam("stored_at"),
            undone_because="",
        )
        .on_conflict_do_nothing(index_elements=["scan_id"])
        .returning(col(CheckIn.id))
    ),
    into=scalar,
)
_UNDO = Command(
    update(CheckIn)
    .where(col(CheckIn.scan_id) == bindparam("scan"), col(CheckIn.undone_at).is_(None))
    .values(undone_at=bindparam("new_undone_at"), undone_because=bindparam("new_because"))
)
_COUNT = Command(
    update(Booking)
    .where(col(Booking.id) == bindparam("booking"))
    .values(heads=bindparam("new_heads"))
)
_BY_CODE = Query(select(col(Booking.id)).where(col(Booking.code) == bindparam("code")), into=scalar)
_BY_PUBLIC_ID = Query(
    select(col(Booking.id)).where(col(Booking.public_id) == bindparam("visit")), into=scalar
)
_CHANNEL = Query(
    select(col(Booking.channel)).where(col(Booking.id) == bindparam("booking")), into=scalar
)
_LOCK = Query(
    select(col(Booking.id)).where(col(Booking.id) == bindparam("booking")).with_for_update(),
    into=scalar,
)
_MOVED = aliased(Booking)
_MOVED_TO = Query(
    select(col(Booking.id))
    .join(_MOVED, col(_MOVED.family_id) == col(Booking.family_id))  # which has an index
    .where(col(_MOVED.id) == bindparam("booking"), col(Booking.moved_from_id) == col(_MOVED.id)),
    into=scalar,
)

_PEOPLE = col(Booking.adults) + col(Booking.children)
_IS_HERE = col(Booking.state) == BookingState.CHECKED_IN
_IS_MISSING = col(Booking.state) == BookingState.CONFIRMED
_IS_EXPECTED = _IS_HERE | _IS_MISSING
# Written out, so that SQLite sees that the index of live visits covers it.
_IS_LIVE = text(f"booking.{LIVE}")
_OF_DAY = (
    select(
        col(Session.id), col(Session.public_id), col(Session.base_id), col(Course.name),
        col(Session.room), col(Session.starts_at), col(Session.ends_at), col(Session.state),
        col(Session.capacity),
        func.coalesce(func.sum(case((_IS_EXPECTED, _PEOPLE), else_=0)), 0),
        func.coalesce(func.sum(col(Booking.heads)), 0),
        func.coalesce(func.sum(case((_IS_MISSING, 1), else_=0)), 0),
        func.coalesce(func.sum(case((_IS_MISSING, _PEOPLE), else_=0)), 0),
    )
    .select_from(Session)
    .join(Course, col(Course.id) == col(Session.course_id))
    .outerjoin(Booking, and_(col(Booking.session_id) == col(Session.id), _IS_LIVE))
    .group_by(
        col(Session.id), col(Session.public_id), col(Session.base_id), col(Course.name),
        col(Session.room), col(Session.starts_at), col(Session.ends_at), col(Session.state),
        col(Session.capacity),
    )
)  # fmt: skip
_SESSIONS = Query(
    _OF_DAY.where(
        col(Session.base_id) == bindparam("base"), col(Session.local_date) == bindparam("day")
    ).order_by(col(Session.starts_at), col(Course.name)),
    into=OfDay,
)
_SESSION = Query(_OF_DAY.where(col(Session.public_id) == bindparam("session")), into=OfDay)
_EXPECTED = Query(
    select(
        col(Booking.public_id), col(Booking.code), col(Booking.channel), col(Booking.state),
        _PEOPLE, col(Booking.heads),
    )
    .where(col(Booking.session_id) == bindparam("session"), _IS_EXPECTED, _IS_LIVE)
    .order_by(col(Booking.code)),
    into=Expected,
)  # fmt: skip
_DRAWS = Query(
    select(
        col(Pool.id),
        col(Pool.name),
        col(Pool.capacity) - col(Pool.held) - col(Pool.offered) - col(Pool.confirmed),
    )
    .where(
        col(Pool.session_id) == bindparam("session"),
        or_(col(Pool.name) == PoolName.WALK_IN, col(Pool.name) == PoolName.FAMILY),
    )
    .order_by(col(Pool.name).desc()),  # walk_in before family
    into=Draw,
)


def find(db: Db, *, code: str = "", public_id: str = "") -> int | None:
    """The id of the visit with this code, or with this public id."""
    if code:
        return db.first(_BY_CODE, code=code)
    return db.first(_BY_PUBLIC_ID, visit=public_id)


def lock(db: Db, booking_id: int) -> None:
    """Let nobody else check this visit in, or change it, until we are done."""
    db.first(_LOCK, booking=booking_id)


def is_walk_in(db: Db, booking_id: int) -> bool:
    """Whether a visit was made at the door."""
    return db.first(_CHANNEL, booking=booking_id) == WALK_IN


def moved_to(db: Db, booking_id: int) -> int | None:
    """The visit that a moved one became in the end."""
    found = last = db.first(_MOVED_TO, booking=booking_id)
    while found is not None:
        last, found = found, db.first(_MOVED_TO, booking=found)
    return last


def scan(db: Db, scan_id: str) -> Scan | None:
    """A scan that came before."""
    return db.first(_ONE, scan=scan_id)


def scans_of(db: Db, booking_id: int) -> list[Scan]:
    """The scans of a visit that hold."""
    return db.all(_OF_VISIT, booking=booking_id)


def add(db: Db, row: CheckIn) -> bool:
    """Keep a scan; False when it was kept before. Lock the visit first."""
    return (
        db.first(_ADD, **row.model_dump(exclude={"id", "undone_at", "undone_because"})) is not None
    )


def undo(db: Db, scan_id: str, because: str, now: datetime) -> bool:
    """Let a scan hold no longer; False when it did not."""
    return db.change(_UNDO, scan=scan_id, new_undone_at=now, new_because=because) == 1


def count(db: Db, booking_id: int, heads: int) -> None:
    """Note how many of a party are inside."""
    db.change(_COUNT, booking=booking_id, new_heads=heads)


def sessions_on(db: Db, base_id: int, day: date) -> list[OfDay]:
    """The sessions of a base on a day, the earliest first."""
    return db.all(_SESSIONS, base=base_id, day=day)


def session(db: Db, public_id: str) -> OfDay | None:
    """One session, as the desk sees it."""
    return db.first(_SESSION, session=public_id)


def expected(db: Db, session_id: int) -> Sequence[Expected]:
    """Who is expected at a session or is there, by code."""
    return db.all(_EXPECTED, session=session_id)


def draws(db: Db, session_id: int) -> list[Draw]:
    """The pools that walk-ins may draw on, their own first."""
    return db.all(_DRAWS, session=session_id)
