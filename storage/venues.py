"""Which bases and sessions can a family choose from, and how many places are left?"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, or_, select, text
from sqlmodel import col

from storage.db import Db, Later
from storage.models import (
    IS_ITS_POLICY,
    LIVE,
    Audience,
    Base,
    Booking,
    Course,
    Family,
    Policy,
    Pool,
    PoolName,
    Session,
    SessionState,
    Terms,
)
from storage.statements import Query

INSTEAD_WITHIN = timedelta(days=14)  # further away is no answer to a family, and much to read


class Place(NamedTuple):
    """A base, and whether something can be booked there."""

    public_id: str
    name: str
    district: str
    time_zone: str
    is_open: bool
    released_next_at: datetime | None  # of a base that is not open; None: nothing is planned


class OpenDay(NamedTuple):
    """A day on which a base has sessions for families, and the places left in them together."""

    day: date
    places_left: int
    has_list: bool  # a full session that lets families wait


class Offered(NamedTuple):
    """A session with all that a family is told of it, and all that decides if they may come."""

    id: int
    public_id: str
    pool_id: int
    base_id: int
    course_id: int
    base: str
    base_public_id: str
    district: str
    address: str
    phone: str
    time_zone: str
    course: str
    local_date: date
    starts_at: datetime
    ends_at: datetime
    room: str
    audience: Audience
    min_age: int
    max_age: int
    is_accompanied: bool
    release_at: datetime
    cancel_until: datetime | None
    price_fen: int
    policy_version: int
    state: SessionState
    party_max: int
    terms: Terms
    waiting_max: int
    waiting: int  # parties
    places_left: int
    kept_pool_id: int | None = None  # of places kept for whoever asks


class ForFamily(NamedTuple):
    """A session as one family finds it."""

    offered: Offered
    has_visit: bool  # a live one
    is_green: bool  # the family


class Desk(NamedTuple):
    """Where the people of a base can be reached."""

    name: str
    district: str
    address: str
    phone: str


LEFT = col(Pool.capacity) - col(Pool.held) - col(Pool.offered) - col(Pool.confirmed)
# The first term lets the index on base and day be used: a day is never more than a day off UTC's.
_AHEAD = and_(
    col(Session.local_date) >= bindparam("from_day"),
    col(Session.starts_at) > bindparam("now"),
    col(Session.state) == SessionState.PUBLISHED,
    col(Session.audience) != Audience.CLASS,
)
OPEN = and_(_AHEAD, col(Session.release_at) <= bindparam("now"))


_OFFERED = (  # the fields of Offered, in their order
    col(Session.id), col(Session.public_id), col(Pool.id), col(Session.base_id),
    col(Session.course_id), col(Base.name), col(Base.public_id), col(Base.district),
    col(Base.address), col(Base.phone), col(Base.time_zone), col(Course.name),
    col(Session.local_date), col(Session.starts_at), col(Session.ends_at), col(Session.room),
    col(Session.audience), col(Session.min_age), col(Session.max_age),
    col(Session.is_accompanied), col(Session.release_at), col(Session.cancel_until),
    col(Session.price_fen), col(Session.policy_version), col(Session.state),
    col(Session.party_max), col(Policy.terms), col(Session.waiting_max), col(Pool.waiting), LEFT,
)  # fmt: skip


def _offered(*where: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(*_OFFERED)
        .select_from(Session)
        .join(Base, col(Base.id) == col(Session.base_id))
        .join(Course, col(Course.id) == col(Session.course_id))
        .join(Policy, IS_ITS_POLICY)
        .join(
            Pool, and_(col(Pool.session_id) == col(Session.id), col(Pool.name) == PoolName.FAMILY)
        )
        .where(*where)
    )


_IS_OPEN = exists().where(col(Session.base_id) == col(Base.id), OPEN)
_PLACES = Query(
    select(
        col(Base.public_id),
        col(Base.name),
        col(Base.district),
        col(Base.time_zone),
        _IS_OPEN,
        # Only looked for where nothing is open: it reads every session ahead.
        case(
            (
                ~_IS_OPEN,
                select(func.min(col(Session.release_at)))
                .where(col(Session.base_id) == col(Base.id), _AHEAD)
                .scalar_subquery(),
            ),
            else_=None,
        ),
    ).order_by(col(Base.name)),
    into=Place,
)
_VISITED = Query(
    select(col(Base.public_id), func.max(col(Booking.id)).label("newest"))
    .join(Session, col(Session.base_id) == col(Base.id))
    .join(Booking, col(Booking.session_id) == col(Session.id))
    .where(col(Booking.family_id) == bindparam("family"))
    .group_by(col(Base.public_id))
    .order_by(func.max(col(Booking.id)).desc()),
    into=lambda public_id, _newest: str(public_id),
)
_HAS_LIST = and_(LEFT <= 0, col(Pool.waiting) < col(Session.waiting_max))
_OPEN_DAYS = Query(
    select(
        col(Session.local_date),
        func.sum(LEFT),
        func.max(case((_HAS_LIST, 1), else_=0)),
    )
    .select_from(Session)
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(Pool, and_(col(Pool.session_id) == col(Session.id), col(Pool.name) == PoolName.FAMILY))
    .where(col(Base.public_id) == bindparam("base"), OPEN)
    .group_by(col(Session.local_date))
    .order_by(col(Session.local_date)),
    into=lambda day, left, has_list: OpenDay(day, int(left), bool(has_list)),
)
_ON_DAY = Query(
    _offered(
        col(Base.public_id) == bindparam("base"),
        col(Session.local_date) == bindparam("from_day"),
        OPEN,
    ).order_by(col(Session.starts_at), col(Course.name)),
    into=Offered,
)
_INSTEAD = Query(
    _offered(
        or_(
            col(Session.base_id) == bindparam("base"),
            and_(
                col(Session.course_id) == bindparam("course"),
                col(Base.district) == bindparam("district"),
                col(Base.district) != "",
            ),
        ),
        OPEN,
        bindparam("places") <= LEFT,
        col(Session.starts_at).between(bindparam("earliest"), bindparam("latest")),
    ),
    into=Offered,
)
# Written out, so that SQLite sees that the index of live visits covers it.
_HAS_VISIT = exists().where(
    col(Booking.session_id) == col(Session.id),
    col(Booking.family_id) == bindparam("family"),
    text(f"booking.{LIVE}"),
)
_IS_GREEN = exists().where(col(Family.id) == bindparam("family"), col(Family.priority) > 0)
_ONE = Query(
    _offered(col(Session.public_id) == bindparam("session")).add_columns(_HAS_VISIT, _IS_GREEN),
    into=lambda *values: ForFamily(Offered(*values[:-2]), bool(values[-2]), bool(values[-1])),
)
_DESK = (col(Base.name), col(Base.district), col(Base.address), col(Base.phone))
_DESKS = Query(
    select(*_DESK).order_by(_DESK[3] == "", _DESK[0]).limit(bindparam("most", type_=None)), Desk
)
_DESKS_VISITED = Query(
    select(*_DESK)
    .join(Session, col(Session.base_id) == col(Base.id))
    .join(Booking, col(Booking.session_id) == col(Session.id))
    .where(col(Booking.family_id) == bindparam("family"))
    .group_by(*_DESK)
    .order_by(func.max(col(Booking.id)).desc())
    .limit(bindparam("most", type_=None)),
    into=Desk,
)


def places(db: Db, now: datetime) -> list[Place]:
    """Every base, by name."""
    return db.all(_PLACES, now=now, from_day=_from_day(now))


def visited(db: Db, family_id: int) -> list[str]:
    """The public ids of the bases a family booked visits to, the newest first."""
    return db.all(_VISITED, family=family_id)


def open_days(db: Db, base: str, now: datetime) -> list[OpenDay]:
    """The days on which a base has sessions that families can book now, full ones included."""
    return db.all(_OPEN_DAYS, base=base, now=now, from_day=_from_day(now))


def sessions_on(db: Db, base: str, day: date, now: datetime) -> list[Offered]:
    """A base's sessions of a day that families can book now, full ones included, earliest first."""
    return db.all(_ON_DAY, base=base, now=now, from_day=day)


def sessions_instead(db: Db, of: Offered, places: int, now: datetime) -> list[Offered]:
    """Sessions within two weeks with so many places left, in no order.

    They are of the same base, or of the same course in the same district.
    """
    return db.all(
        _INSTEAD,
        base=of.base_id,
        course=of.course_id,
        district=of.district,
        places=places,
        earliest=of.starts_at - INSTEAD_WITHIN,
        latest=of.starts_at + INSTEAD_WITHIN,
        now=now,
        from_day=_from_day(now),
    )


def session_for(db: Db, family_id: int, public_id: str) -> tuple[Offered, bool] | None:
    """A session, whether it can be booked or not, and whether the family has a live visit to it."""
    found = ask_session(db, family_id, public_id).first()
    return None if found is None else (found.offered, found.has_visit)


def ask_session(db: Db, family_id: int, public_id: str) -> Later[ForFamily]:
    """The same, read later."""
    return db.later(_ONE, session=public_id, family=family_id)


def desks(db: Db, most: int) -> list[Desk]:
    """The desks of up to `most` bases, those with a telephone first, by name."""
    return db.all(_DESKS, most=most)


def desks_visited(db: Db, family_id: int, most: int) -> list[Desk]:
    """The desks of the bases a family booked visits to, the newest first."""
    return db.all(_DESKS_VISITED, family=family_id, most=most)


def _from_day(now: datetime) -> date:
    return now.date() - timedelta(days=1)
