"""Do the counters of all pools say what the rows say, and is every place accounted for?"""

from collections import Counter

from storage.db import Db
from storage.models import (
    LIVE_STATES,
    Booking,
    BookingState,
    Offer,
    OfferState,
    Pool,
    Returned,
    Waiting,
)
from tests.stored import rows

COMES = (BookingState.CONFIRMED, BookingState.CHECKED_IN)


def wrong(db: Db) -> list[str]:
    """What does not add up. Every place is a person's here."""
    bookings, offers, backs = rows(db, Booking), rows(db, Offer), rows(db, Returned)
    live = [each for each in offers if each.state is OfferState.LIVE]
    found = []
    for pool in rows(db, Pool):
        mine = [each for each in bookings if each.pool_id == pool.id]
        not_yet = sum(b.places for b in backs if b.pool_id == pool.id and not b.released_at)
        pairs = {
            "confirmed": (pool.confirmed, sum(_people(b) for b in mine if b.state in COMES)),
            "offered": (pool.offered, sum(o.places for o in live if o.pool_id == pool.id)),
            "waiting": (pool.waiting, sum(b.state is BookingState.WAITING for b in mine)),
            "not yet released": (min(pool.held, not_yet), not_yet),
        }
        found += [f"pool {pool.id}: {name} {a} ≠ {b}" for name, (a, b) in pairs.items() if a != b]
        if pool.held + pool.offered + pool.confirmed > pool.capacity:
            found.append(f"pool {pool.id}: oversold")
    return found + _twice(db, bookings) + _without_offer(bookings, live)


def _twice(db: Db, bookings: list[Booking]) -> list[str]:
    live = [b for b in bookings if b.state in LIVE_STATES]
    counted = Counter(f"session {b.session_id}: family {b.family_id}" for b in live)
    counted.update(f"pool {w.pool_id}: number {w.number}" for w in rows(db, Waiting))
    return [f"{what} {times} times" for what, times in counted.items() if times > 1]


def _without_offer(bookings: list[Booking], live: list[Offer]) -> list[str]:
    of = Counter(offer.booking_id for offer in live)
    return [
        f"booking {b.id}: {b.state} with {of[b.id or 0]} offers"
        for b in bookings
        if of[b.id or 0] != (b.state is BookingState.OFFERED)
    ]


def _people(booking: Booking) -> int:
    return booking.adults + booking.children
