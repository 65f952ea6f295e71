"""Who waits for places in a session, and what was offered to them?"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, insert, or_, select, update
from sqlmodel import col

from storage.db import Db
from storage.failpoints import is_off
from storage.models import (
    Appeal,
    Booking,
    BookingState,
    Chat,
    Offer,
    OfferState,
    Person,
    Session,
    Strike,
    Waiting,
)
from storage.statements import Command, Query, scalar

UNTOLD_MAX = 2  # offers to a party that nobody was told of, until one of them speaks again


class Queued(NamedTuple):
    """A party that waits, in the order of its list."""

    booking_id: int
    family_id: int
    person_id: int
    places: int
    least: int
    bypassed: int
    offers: int
    is_reachable: bool
    has_strikes: bool


class Offered(NamedTuple):
    """An offer, with the visit it is for."""

    id: int
    public_id: str
    booking_id: int
    booking_public_id: str
    family_id: int
    person_id: int
    pool_id: int
    places: int
    places_wanted: int
    adults: int
    state: OfferState
    made_at: datetime
    expires_at: datetime
    offers: int  # made to this party so far


class Wish(NamedTuple):
    """What a party waits for."""

    places: int
    least: int
    priority: int


# Offers that never went out, since a chat was last heard: nothing seems to reach it.
_UNTOLD = (
    select(func.count(col(Offer.id)))
    .where(
        col(Offer.booking_id) == col(Booking.id),
        col(Offer.state) == OfferState.REVOKED,
        col(Offer.made_at) >= col(Chat.last_heard_at),
    )
    .correlate(Booking, Chat)
    .scalar_subquery()
)
IS_REACHABLE = exists().where(
    col(Person.family_id) == col(Booking.family_id),
    col(Chat.person_id) == col(Person.id),
    col(Chat.is_reachable),
    _UNTOLD < UNTOLD_MAX,
)
_HAS_STRIKES = exists().where(
    col(Strike.family_id) == col(Booking.family_id),
    col(Strike.base_id) == col(Session.base_id),
    col(Strike.appeal) != Appeal.GRANTED,
)
_QUEUE = Query(
    select(
        col(Booking.id), col(Booking.family_id), col(Booking.person_id),
        col(Waiting.places), col(Waiting.least), col(Waiting.bypassed),
        col(Waiting.offers), IS_REACHABLE, _HAS_STRIKES,
    )
    .join(Booking, col(Booking.id) == col(Waiting.booking_id))
    .join(Session, col(Session.id) == col(Booking.session_id))
    .where(
        col(Waiting.pool_id) == bindparam("pool"), col(Booking.state) == BookingState.WAITING
    )
    .order_by(col(Waiting.priority).desc(), col(Waiting.number)),
    into=Queued,
)  # fmt: skip
_JOIN = Command(
    insert(Waiting).values(
        booking_id=bindparam("booking"),
        pool_id=bindparam("pool"),
        places=bindparam("places"),
        least=bindparam("least"),
        priority=bindparam("priority"),
        number=select(func.coalesce(func.max(col(Waiting.number)), 0) + 1)
        .where(col(Waiting.pool_id) == bindparam("pool"))
        .scalar_subquery(),
        offers=0,
        bypassed=0,
        joined_at=bindparam("at"),
    )
)
_TO_THE_TAIL = Command(
    update(Waiting)
    .where(col(Waiting.booking_id) == bindparam("booking"))
    .values(
        number=select(func.max(col(Waiting.number)) + 1)
        .where(col(Waiting.pool_id) == bindparam("pool"))
        .scalar_subquery(),
        bypassed=0,
    )
)
_BYPASS = Command(
    update(Waiting)
    .where(col(Waiting.booking_id) == bindparam("booking"))
    .values(bypassed=col(Waiting.bypassed) + bindparam("times", type_=None))
)
_BEHIND = (
    or_(
        col(Waiting.priority) > bindparam("priority"),
        (col(Waiting.priority) == bindparam("priority"))
        & (col(Waiting.number) < bindparam("number")),
    ),
)
_PLACE = Query(
    select(col(Waiting.pool_id), col(Waiting.priority), col(Waiting.number)).where(
        col(Waiting.booking_id) == bindparam("booking")
    ),
    into=lambda pool, priority, number: (int(pool), int(priority), int(number)),
)
_AHEAD = Query(
    select(func.count(col(Waiting.booking_id)))
    .join(Booking, col(Booking.id) == col(Waiting.booking_id))
    .where(
        col(Waiting.pool_id) == bindparam("pool"),
        col(Booking.state) == BookingState.WAITING,
        *_BEHIND,
    ),
    into=scalar,
)
_LIVE_OF_FAMILY = Query(
    select(func.count(col(Booking.id))).where(
        col(Booking.family_id) == bindparam("family"),
        or_(col(Booking.state) == BookingState.WAITING, col(Booking.state) == BookingState.OFFERED),
    ),
    into=scalar,
)
_OFFER = (
    col(Offer.id), col(Offer.public_id), col(Offer.booking_id), col(Booking.public_id),
    col(Booking.family_id), col(Booking.person_id), col(Offer.pool_id), col(Offer.places),
    col(Waiting.places), col(Booking.adults), col(Offer.state), col(Offer.made_at),
    col(Offer.expires_at), col(Waiting.offers),
)  # fmt: skip
_OFFERS = (
    select(*_OFFER)
    .join(Booking, col(Booking.id) == col(Offer.booking_id))
    .join(Waiting, col(Waiting.booking_id) == col(Offer.booking_id))
)
_ONE_FOR = Query(
    _OFFERS.where(
        col(Offer.public_id) == bindparam("offer"), col(Booking.family_id) == bindparam("family")
    ),
    into=Offered,
)
_NEWEST_FOR = Query(
    _OFFERS.where(col(Booking.family_id) == bindparam("family"))
    .order_by(col(Offer.id).desc())
    .limit(bindparam("most", type_=None)),
    into=Offered,
)
_LIVE_OF_BOOKING = Query(
    _OFFERS.where(
        col(Offer.booking_id) == bindparam("booking"), col(Offer.state) == OfferState.LIVE
    ),
    into=Offered,
)
_LIVE_OF_POOL = Query(
    _OFFERS.where(
        col(Offer.pool_id) == bindparam("pool"), col(Offer.state) == OfferState.LIVE
    ).order_by(col(Offer.id)),
    into=Offered,
)
_DUE = Query(
    _OFFERS.where(col(Offer.state) == OfferState.LIVE, col(Offer.expires_at) <= bindparam("now"))
    .order_by(col(Offer.expires_at), col(Offer.id))
    .limit(bindparam("most", type_=None)),
    into=Offered,
)
_COUNT_OFFER = Command(
    update(Waiting)
    .where(col(Waiting.booking_id) == bindparam("booking"))
    .values(offers=col(Waiting.offers) + 1)
)
_UNCOUNT_OFFER = Command(
    update(Waiting)
    .where(col(Waiting.booking_id) == bindparam("booking"))
    .values(offers=col(Waiting.offers) - 1)
)
_END_UNGUARDED = (
    update(Offer)
    .where(col(Offer.id) == bindparam("the_id"))
    .values(state=bindparam("new_state"), ended_at=bindparam("new_ended_at"))
)
_END_OFFER = Command(_END_UNGUARDED.where(col(Offer.state) == OfferState.LIVE))
_END_ANY_OFFER = Command(_END_UNGUARDED)  # only the control of the race test runs it


def queue(db: Db, pool_id: int) -> list[Queued]:
    """Who waits for places of a pool, the next one first. Lock the pool before."""
    return db.all(_QUEUE, pool=pool_id)


def join(db: Db, booking_id: int, pool_id: int, wish: Wish, now: datetime) -> None:
    """Put a waiting visit at the end of the list. Lock the pool before."""
    db.change(_JOIN, booking=booking_id, pool=pool_id, at=now, **wish._asdict())


def to_the_tail(db: Db, booking_id: int, pool_id: int) -> None:
    """Put a visit at the end of its list again."""
    db.change(_TO_THE_TAIL, booking=booking_id, pool=pool_id)


def bypass(db: Db, booking_id: int, times: int) -> None:
    """Note that places went to others behind a visit."""
    db.change(_BYPASS, booking=booking_id, times=times)


def ahead_of(db: Db, booking_id: int) -> int:
    """How many parties are before a visit that waits."""
    place = db.first(_PLACE, booking=booking_id)
    if place is None:
        return 0
    pool_id, priority, number = place
    return db.first(_AHEAD, pool=pool_id, priority=priority, number=number) or 0


def lists_of(db: Db, family_id: int) -> int:
    """On how many lists a family is."""
    return db.first(_LIVE_OF_FAMILY, family=family_id) or 0


def add_offer(db: Db, offer: Offer) -> int:
    """Store a live offer; its id. The pool counts its places already."""
    db.change(_COUNT_OFFER, booking=offer.booking_id)
    return db.insert(offer)


def uncount_offer(db: Db, booking_id: int) -> None:
    """Note that an offer never reached its family, and so was none."""
    db.change(_UNCOUNT_OFFER, booking=booking_id)


def offer_for(db: Db, family_id: int, public_id: str) -> Offered | None:
    """An offer made to this family; None when it is not theirs, or not there."""
    return db.first(_ONE_FOR, family=family_id, offer=public_id)


def newest_offers(db: Db, family_id: int, most: int) -> list[Offered]:
    """The last offers made to a family, the newest first."""
    return db.all(_NEWEST_FOR, family=family_id, most=most)


def live_offer(db: Db, booking_id: int) -> Offered | None:
    """What is offered to a visit now."""
    return db.first(_LIVE_OF_BOOKING, booking=booking_id)


def live_offers(db: Db, pool_id: int) -> list[Offered]:
    """What is offered of a pool now."""
    return db.all(_LIVE_OF_POOL, pool=pool_id)


def offers_due(db: Db, now: datetime, most: int = 100) -> list[Offered]:
    """Live offers whose time is up."""
    return db.all(_DUE, now=now, most=most)


def end_offer(db: Db, offer_id: int, state: OfferState, now: datetime) -> bool:
    """End a live offer; False when it was not live any more."""
    command = _END_ANY_OFFER if is_off("offer_guard") else _END_OFFER
    return db.change(command, the_id=offer_id, new_state=state, new_ended_at=now) == 1
