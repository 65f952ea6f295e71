"""What becomes of places that come free? Whoever waits is asked before everybody else."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from handlers.booking import waiting_words, waitlist
from handlers.booking.limits import banned_until
from handlers.booking.waitlist import Share
from handlers.telling import tell_family
from storage import audit, bookings, limits, pools, transitions, waiting
from storage.db import Db
from storage.failpoints import is_off
from storage.models import BookingState, Lane, Offer, OfferState, SessionState
from storage.pools import Places
from storage.waiting import Queued


def give_back(
    db: Db, pool_id: int, booking_id: int, places: int, *, now: datetime, locale: str
) -> None:
    """Places of a confirmed visit come back: kept until the base's hour, or to be had at once."""
    pool = pools.lock(db, pool_id)
    release_at = waitlist.released_at(now, pool.starts_at, pool.terms, pool.time_zone)
    pools.shift(db, pool_id, confirmed=-places, held=places if release_at > now else 0)
    pools.note_return(db, pool_id, places, now, booking_id=booking_id, release_at=release_at)
    places_came(db, pool_id, now, locale)


def passed_over(db: Db, pool_id: int, now: datetime, locale: str) -> None:
    """Somebody who did not wait took places that no waiting party could use."""
    pools.lock(db, pool_id)
    for entry in waiting.queue(db, pool_id):
        waiting.bypass(db, entry.booking_id, 1)
    places_came(db, pool_id, now, locale)


def places_came(db: Db, pool_id: int, now: datetime, locale: str) -> None:
    """Offer what is free to whoever waits; keep what the first of them waited too long for.

    `locale`: the language of those who named none.
    """
    pool = pools.lock(db, pool_id)
    if not pool.waiting and not pool.held:
        return
    unreleased = pools.unreleased(db, pool_id) if pool.held else 0
    free = pool.capacity - pool.confirmed - pool.offered - unreleased
    until = waitlist.stands_until(now, pool.starts_at, pool.terms, pool.time_zone)
    if until is None or pool.session_state is not SessionState.PUBLISHED:
        pools.shift(db, pool_id, held=unreleased - pool.held)
        return
    queue = [each for each in waiting.queue(db, pool_id) if _may_be_asked(db, pool, each, now)]
    plan = waitlist.plan(free, _entries(queue), pool.terms.bypass_max)
    pools.shift(
        db,
        pool_id,
        held=unreleased + plan.kept - pool.held,
        offered=sum(share.places for share in plan.offers),
        waiting=-len(plan.offers),
    )
    for booking_id, times in plan.bypassed.items():
        waiting.bypass(db, booking_id, times)
    by_booking = {each.booking_id: each for each in queue}
    for share in plan.offers:
        _offer(db, pool, by_booking[share.key], share, now=now, until=until, locale=locale)


def _may_be_asked(db: Db, pool: Places, entry: Queued, now: datetime) -> bool:
    """Whether a party can be told of places, and may take them: not who missed visits meanwhile."""
    if not entry.is_reachable or not entry.has_strikes:
        return entry.is_reachable
    strikes = limits.strikes(db, entry.family_id, pool.base_id)
    return banned_until(strikes, pool.terms, now) is None


def _entries(queue: Sequence[Queued]) -> list[waitlist.Entry]:
    entries = [
        waitlist.Entry(each.booking_id, each.places, each.least, each.bypassed) for each in queue
    ]
    # Only the control of the fairness test serves the last first.
    return entries[::-1] if is_off("queue_order") else entries


def _offer(
    db: Db,
    pool: Places,
    entry: Queued,
    share: Share,
    *,
    now: datetime,
    until: datetime,
    locale: str,
) -> None:
    """Offer places that the pool counts as offered already."""
    states = (BookingState.WAITING, BookingState.OFFERED)
    became = transitions.become(db, entry.booking_id, states, now)
    assert became, "the queue holds only who waits, and its pool is locked"
    offer = Offer(
        public_id=secrets.token_hex(16),
        booking_id=entry.booking_id,
        pool_id=pool.id,
        places=share.places,
        state=OfferState.LIVE,
        made_at=now,
        expires_at=until,
    )
    offer_id = waiting.add_offer(db, offer)
    audit.note(db, "booking", entry.booking_id, "offer", now, before=states[0], after=states[1])
    visit = bookings.by_id(db, entry.booking_id)
    assert visit is not None
    tell_family(
        db,
        entry.family_id,
        waiting_words.offer(visit, offer.public_id, share.places, until),
        kind="offer",
        once_key=f"offer:{offer_id}",
        now=now,
        locale=locale,
        expires_at=until,
        lane=Lane.REMINDER,
        everywhere=True,
    )
