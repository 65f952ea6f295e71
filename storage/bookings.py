"""Which visits does a family have, and had, and who comes?"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select, text
from sqlmodel import col

from storage.db import Db
from storage.models import (
    LIVE,
    Base,
    Booking,
    BookingChild,
    BookingState,
    Child,
    Course,
    Policy,
    Session,
    SessionState,
    Terms,
)
from storage.people import OfFamily
from storage.statements import Query


class Visit(NamedTuple):
    """A booking with all that a family is told of it, and all that decides what becomes of it."""

    id: int
    public_id: str
    code: str
    pool_id: int
    state: BookingState
    adults: int
    children: int
    created_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    room: str
    cancel_until: datetime | None
    price_fen: int
    session_state: SessionState
    course: str
    base: str
    address: str
    phone: str
    time_zone: str
    family_id: int
    session_id: int
    session_public_id: str
    base_id: int
    base_public_id: str
    changes: int
    heads: int
    terms: Terms
    sequence: int = 0  # of the session: rises with each change that families are told of

    @property
    def places(self) -> int:
        """How many it takes of its pool."""
        return (
            self.children
            if self.terms.capacity_counts == "children"
            else self.adults + self.children
        )


SHOWN_WHILE_RECENT = (BookingState.CONFIRMED, BookingState.CHECKED_IN, BookingState.NO_SHOW)
ENDED = (BookingState.CANCELLED, BookingState.MOVED)

_VISIT = (  # the fields of Visit, in their order
    col(Booking.id), col(Booking.public_id), col(Booking.code), col(Booking.pool_id),
    col(Booking.state), col(Booking.adults), col(Booking.children), col(Booking.created_at),
    col(Booking.changed_at), col(Session.starts_at), col(Session.ends_at), col(Session.room),
    col(Session.cancel_until), col(Session.price_fen), col(Session.state), col(Course.name),
    col(Base.name), col(Base.address), col(Base.phone), col(Base.time_zone),
    col(Booking.family_id), col(Session.id), col(Session.public_id), col(Base.id),
    col(Base.public_id), col(Booking.changes), col(Booking.heads), col(Policy.terms),
    col(Session.sequence),
)  # fmt: skip
_VISITS = (
    select(*_VISIT)
    .select_from(Booking)
    .join(Session, col(Session.id) == col(Booking.session_id))
    .join(Course, col(Course.id) == col(Session.course_id))
    .join(Base, col(Base.id) == col(Session.base_id))
    .join(
        Policy,
        and_(
            col(Policy.base_id) == col(Session.base_id),
            col(Policy.version) == col(Booking.policy_version),
        ),
    )
)
_OF_FAMILY = col(Booking.family_id) == bindparam("family")
_IS_LIVE = text(f"booking.{LIVE}")

_BY_ID = Query(_VISITS.where(col(Booking.id) == bindparam("booking")), into=Visit)
_ONE = Query(_VISITS.where(col(Booking.public_id) == bindparam("visit")), into=Visit)
_ONE_OF_FAMILY = Query(
    _VISITS.where(col(Booking.public_id) == bindparam("visit"), _OF_FAMILY), into=Visit
)
_AHEAD = Query(
    _VISITS.where(_OF_FAMILY, _IS_LIVE, col(Session.ends_at) > bindparam("now")).order_by(
        col(Session.starts_at), col(Booking.id)
    ),
    into=Visit,
)
_PAST = Query(
    _VISITS.where(_OF_FAMILY, col(Session.ends_at) <= bindparam("now"))
    .order_by(col(Session.starts_at).desc(), col(Booking.id).desc())
    .limit(bindparam("most", type_=None)),
    into=Visit,
)
_RECENT = Query(
    _VISITS.where(
        _OF_FAMILY,
        or_(
            and_(
                or_(*(col(Booking.state) == state for state in SHOWN_WHILE_RECENT)),
                col(Session.ends_at) > bindparam("after"),
            ),
            and_(
                or_(*(col(Booking.state) == state for state in ENDED)),
                col(Booking.changed_at) > bindparam("after"),
            ),
        ),
    ).order_by(col(Session.starts_at), col(Booking.id)),
    into=Visit,
)
_EVERY = Query(_VISITS.where(_OF_FAMILY).order_by(col(Booking.id)), into=Visit)
_CHILDREN = Query(
    select(
        col(Child.id), col(Child.public_id), col(Child.nickname), col(Child.birth_month),
        col(Child.grade), col(Child.grade_year),
    )
    .join(BookingChild, col(BookingChild.child_id) == col(Child.id))
    .where(col(BookingChild.booking_id) == bindparam("booking"))
    .order_by(col(Child.id)),
    into=OfFamily,
)  # fmt: skip
_LAST_PARTY = Query(
    select(col(Booking.adults), col(Booking.children), col(Child.public_id))
    .select_from(Booking)
    .outerjoin(BookingChild, col(BookingChild.booking_id) == col(Booking.id))
    .outerjoin(Child, col(Child.id) == col(BookingChild.child_id))
    .where(col(Booking.id) == select(func.max(col(Booking.id))).where(_OF_FAMILY).scalar_subquery())
    .order_by(col(Child.id)),
    into=lambda adults, children, child: (int(adults), int(children), child),
)

_PARTY = Query(
    select(col(Booking.adults), col(Booking.children), col(Child.public_id))
    .select_from(Booking)
    .outerjoin(BookingChild, col(BookingChild.booking_id) == col(Booking.id))
    .outerjoin(Child, col(Child.id) == col(BookingChild.child_id))
    .where(_OF_FAMILY, col(Booking.code) == bindparam("code"))
    .order_by(col(Child.id)),
    into=lambda adults, children, child: (int(adults), int(children), child),
)


def by_id(db: Db, booking_id: int) -> Visit | None:
    """A visit by its number, which nobody outside knows."""
    return db.first(_BY_ID, booking=booking_id)


def visit(db: Db, public_id: str) -> Visit | None:
    """The visit with this public id, which only those know who were given the ticket."""
    return db.first(_ONE, visit=public_id)


def visit_for(db: Db, family_id: int, public_id: str) -> Visit | None:
    """A visit of this family; None when it is not theirs, or not there."""
    return db.first(_ONE_OF_FAMILY, visit=public_id, family=family_id)


def ahead(db: Db, family_id: int, now: datetime) -> list[Visit]:
    """The live visits of a family that are not over, the next one first."""
    return db.all(_AHEAD, family=family_id, now=now)


def past(db: Db, family_id: int, now: datetime, most: int) -> list[Visit]:
    """The last visits of a family that are over, in any state, the newest first."""
    return db.all(_PAST, family=family_id, now=now, most=most)


def recent(db: Db, family_id: int, after: datetime) -> list[Visit]:
    """The visits of a family that end, or were cancelled or moved, after a moment."""
    return db.all(_RECENT, family=family_id, after=after)


def every(db: Db, family_id: int) -> list[Visit]:
    """All visits of a family, in the order they were booked."""
    return db.all(_EVERY, family=family_id)


def last_party(db: Db, family_id: int) -> tuple[int, list[str]] | None:
    """Adults and the children's public ids of a family's newest booking.

    None when there is none, or when a child of it is no longer kept.
    """
    return _party(db.all(_LAST_PARTY, family=family_id))


def party_of(db: Db, family_id: int, code: str) -> tuple[int, list[str]] | None:
    """The same of the family's booking with this code."""
    return _party(db.all(_PARTY, family=family_id, code=code))


def children_of(db: Db, booking_id: int) -> list[OfFamily]:
    """The children who come on a visit, as far as they are kept."""
    return db.all(_CHILDREN, booking=booking_id)


def _party(rows: Sequence[tuple[int, int, str | None]]) -> tuple[int, list[str]] | None:
    if not rows:
        return None
    adults, children, _child = rows[0]
    kept = [child for _adults, _children, child in rows if child is not None]
    return (adults, kept) if len(kept) == children else None
