"""What do the tables hold after a step?"""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import col

from storage.db import Db
from storage.models import (
    Appeal,
    Audit,
    Booking,
    BookingChild,
    BookingState,
    EndedBy,
    Offer,
    OfferState,
    Outbox,
    OutboxState,
    Pool,
    PoolName,
    Returned,
    Session,
    SessionState,
    Strike,
    StrikeKind,
    Waiting,
)
from storage.statements import Query


class SessionRow(NamedTuple):
    id: int
    local_date: date
    starts_at: datetime
    ends_at: datetime
    capacity: int
    release_at: datetime
    cancel_until: datetime | None
    state: SessionState


class PoolRow(NamedTuple):
    id: int
    session_id: int
    capacity: int
    held: int
    offered: int
    confirmed: int
    waiting: int
    name: PoolName
    flows_at: datetime | None
    flowed_at: datetime | None


class BookingRow(NamedTuple):
    id: int
    public_id: str
    code: str
    session_id: int
    pool_id: int
    family_id: int
    state: BookingState
    adults: int
    children: int
    changes: int
    heads: int
    ended_by: EndedBy | None
    moved_from_id: int | None
    changed_at: datetime
    wanted: int | None  # None: it never waited
    least: int | None
    priority: int | None
    number: int | None
    offers: int | None
    bypassed: int | None


class ComingRow(NamedTuple):
    booking_id: int
    session_id: int
    child_id: int
    is_live: bool


class OfferRow(NamedTuple):
    id: int
    public_id: str
    booking_id: int
    pool_id: int
    places: int
    state: OfferState
    expires_at: datetime


class ReturnedRow(NamedTuple):
    pool_id: int
    booking_id: int
    places: int
    at: datetime
    release_at: datetime
    released_at: datetime | None


class StrikeRow(NamedTuple):
    booking_id: int
    family_id: int
    kind: StrikeKind
    at: datetime
    appeal: Appeal


class AuditRow(NamedTuple):
    object_id: int
    action: str
    before: str
    after: str
    at: datetime


class ToldRow(NamedTuple):
    once_key: str
    state: OutboxState


class Stored(NamedTuple):
    """Every table that an invariant speaks of, each in the order of its ids."""

    sessions: list[SessionRow]
    pools: list[PoolRow]
    bookings: list[BookingRow]
    coming: list[ComingRow]
    offers: list[OfferRow]
    returned: list[ReturnedRow]
    strikes: list[StrikeRow]
    audit: list[AuditRow]
    told: list[ToldRow]


def _all(model: Any, into: Any) -> Query[Any]:
    columns = [col(getattr(model, name)) for name in into._fields]
    return Query(select(*columns).order_by(*model.__table__.primary_key), into=into)


_OF_WAITING = BookingRow._fields[14:]
_COLUMNS = [col(getattr(Booking, name)) for name in BookingRow._fields[:14]]
_COLUMNS += [col(Waiting.places), *(col(getattr(Waiting, name)) for name in _OF_WAITING[1:])]
_BOOKINGS = Query(
    select(*_COLUMNS)
    .select_from(Booking)
    .outerjoin(Waiting, col(Waiting.booking_id) == col(Booking.id))
    .order_by(col(Booking.id)),
    into=BookingRow,
)
_AUDIT = Query(
    select(*(col(getattr(Audit, name)) for name in AuditRow._fields))
    .where(col(Audit.kind) == "booking")
    .order_by(col(Audit.id)),
    into=AuditRow,
)
_TOLD = Query(
    select(col(Outbox.once_key), col(Outbox.state))
    .where((col(Outbox.kind) == "offer") | (col(Outbox.kind) == "urgent"))
    .order_by(col(Outbox.id)),
    into=ToldRow,
)
_SESSIONS = _all(Session, SessionRow)
_POOLS = _all(Pool, PoolRow)
_COMING = _all(BookingChild, ComingRow)
_OFFERS = _all(Offer, OfferRow)
_RETURNED = _all(Returned, ReturnedRow)
_STRIKES = _all(Strike, StrikeRow)


def read(db: Db) -> Stored:
    """Everything, asked at once: PostgreSQL is waited for once."""
    queries = (
        _SESSIONS, _POOLS, _BOOKINGS, _COMING, _OFFERS, _RETURNED, _STRIKES, _AUDIT, _TOLD,
    )  # fmt: skip
    asked = [db.later(query) for query in queries]
    return Stored(*(each.all() for each in asked))
