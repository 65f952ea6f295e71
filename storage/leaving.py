"""How does a visit end when its family is gone, and nobody can be told?"""

from datetime import datetime

from storage import audit, bookings, pools, transitions, waiting
from storage.bookings import Visit
from storage.db import Db
from storage.models import LIVE_STATES, BookingState, EndedBy, OfferState

CANCELLED = BookingState.CANCELLED


def give_up(db: Db, visit: Visit, now: datetime) -> bool:
    """End a live visit; its places are noted as returned, for whoever waits to be asked next.

    Visits are given up in the order of their pools, so that two who do it at once never wait for
    each other. False when it had ended already.
    """
    pools.lock(db, visit.pool_id)
    found = bookings.by_id(db, visit.id)  # again: an offer, say, was made while we waited
    assert found is not None
    if found.state not in LIVE_STATES or not transitions.become(
        db, found.id, (found.state, CANCELLED), now, EndedBy.FAMILY
    ):
        return False
    audit.note(db, "booking", found.id, "erase", now, before=found.state, after=CANCELLED)
    offer = waiting.live_offer(db, found.id)
    if offer is not None:
        waiting.end_offer(db, offer.id, OfferState.REVOKED, now)
    if found.state is BookingState.WAITING:
        pools.shift(db, found.pool_id, waiting=-1)
        return True
    places = offer.places if offer is not None else found.places
    if offer is not None:
        pools.shift(db, found.pool_id, offered=-places, held=places)
    else:
        pools.shift(db, found.pool_id, confirmed=-places, held=places)
    pools.note_return(db, found.pool_id, places, now, booking_id=found.id, release_at=None)
    return True
