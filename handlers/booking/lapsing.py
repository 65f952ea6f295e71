"""What is due on waiting lists: offers nobody took, places whose hour came, lists to close?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from handlers.booking import returns, waiting_words, waitlist
from handlers.telling import tell_family
from storage import audit, bookings, chats, lists, outbox, pools, transitions, waiting
from storage.db import Db
from storage.models import BookingState, EndedBy, OfferState
from storage.pools import Back
from storage.waiting import Offered

WAITING, OFFERED, EXPIRED = BookingState.WAITING, BookingState.OFFERED, BookingState.EXPIRED
LOOKED_AHEAD = timedelta(days=7)  # no list closes longer before its session


def due(db: Db, now: datetime, locale: str) -> list[tuple[int, Callable[[Db], None]]]:
    """What has to be done now, each a transaction of its own, with the pool it is about.

    `locale`: the language of those who named none.
    """
    works: list[tuple[int, Callable[[Db], None]]] = []
    for offer in waiting.offers_due(db, now):
        works.append((offer.pool_id, partial(expire, offer=offer, now=now, locale=locale)))
    for back in pools.returns_due(db, now):
        works.append((back.pool_id, partial(release, back=back, now=now, locale=locale)))
    for ends in lists.lists_before(db, now + LOOKED_AHEAD):
        if now >= waitlist.closing(ends.starts_at, ends.terms):
            work = partial(close, pool_id=ends.pool_id, now=now, locale=locale)
            works.append((ends.pool_id, work))
    for pool_id in lists.stalled(db, now):
        work = partial(returns.places_came, pool_id=pool_id, now=now, locale=locale)
        works.append((pool_id, work))
    return works


def expire(db: Db, offer: Offered, *, now: datetime, locale: str) -> None:
    """End an offer that nobody took in time; once, its family goes to the end of the list."""
    pool = pools.lock(db, offer.pool_id)
    found = waiting.live_offer(db, offer.booking_id)
    if found is None or found.id != offer.id:
        return
    offer = found  # as it is now: of another family, when two became one
    was_told = _was_told(db, offer)
    end = OfferState.EXPIRED if was_told else OfferState.REVOKED
    if not waiting.end_offer(db, offer.id, end, now):
        return
    pools.shift(db, offer.pool_id, offered=-offer.places)
    is_open = now < waitlist.closing(pool.starts_at, pool.terms)
    if is_open and (offer.offers < pool.terms.offers_max or not was_told):
        _wait_again(db, offer, now, locale, was_told=was_told)
    else:
        _end(db, offer.booking_id, OFFERED, now, locale)
    returns.places_came(db, offer.pool_id, now, locale)


def release(db: Db, back: Back, *, now: datetime, locale: str) -> None:
    """Let places that came back be had: by whoever waits, then by everybody."""
    pools.lock(db, back.pool_id)
    if pools.release(db, back, now):
        pools.shift(db, back.pool_id, held=-back.places)
        returns.places_came(db, back.pool_id, now, locale)


def close(db: Db, pool_id: int, *, now: datetime, locale: str) -> None:
    """End a waiting list when its time is over: what was kept for it is everybody's."""
    pool = pools.lock(db, pool_id)
    if now < waitlist.closing(pool.starts_at, pool.terms):
        return
    for entry in waiting.queue(db, pool_id):
        if _end(db, entry.booking_id, WAITING, now, locale):
            pools.shift(db, pool_id, waiting=-1)
    if pool.held:
        pools.shift(db, pool_id, held=pools.unreleased(db, pool_id) - pool.held)


def _was_told(db: Db, offer: Offered) -> bool:
    """Whether the family could have known: an offer that reached nobody was none."""
    told = chats.chats_of_family(db, offer.family_id)
    return any(outbox.was_tried(db, f"offer:{offer.id}:{each.chat_id}") for each in told)


def _wait_again(db: Db, offer: Offered, now: datetime, locale: str, *, was_told: bool) -> None:
    """Put a family that let an offer pass at the end; one that was never told keeps its place."""
    became = transitions.become(db, offer.booking_id, (OFFERED, WAITING), now)
    assert became, "a live offer's visit is offered"
    pools.shift(db, offer.pool_id, waiting=1)
    action = "requeue" if was_told else "not told"
    audit.note(db, "booking", offer.booking_id, action, now, before=OFFERED, after=WAITING)
    if not was_told:
        waiting.uncount_offer(db, offer.booking_id)
        return
    waiting.to_the_tail(db, offer.booking_id, offer.pool_id)
    _tell(db, offer.booking_id, f"requeue:{offer.id}", now, locale, is_over=False)


def _end(db: Db, booking_id: int, before: BookingState, now: datetime, locale: str) -> bool:
    """End somebody's waiting, and tell them; False when they no longer waited."""
    if not transitions.become(db, booking_id, (before, EXPIRED), now, EndedBy.CLOCK):
        return False
    audit.note(db, "booking", booking_id, "expire", now, before=before, after=EXPIRED)
    _tell(db, booking_id, f"unwait:{booking_id}", now, locale, is_over=True)
    return True


def _tell(
    db: Db, booking_id: int, once_key: str, now: datetime, locale: str, *, is_over: bool
) -> None:
    visit = bookings.by_id(db, booking_id)
    assert visit is not None
    if is_over:
        text = waiting_words.closed(visit)
    else:
        text = waiting_words.asked_again(visit, waiting.ahead_of(db, booking_id))
    tell_family(
        db, visit.family_id, (text, ()), kind="waiting", once_key=once_key, now=now, locale=locale
    )
