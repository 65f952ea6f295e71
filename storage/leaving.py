"""How does a visit end when its family is gone, and nobody can be told?"""

from datetime import datetime

from storage import pools, transitions, waiting
from storage.bookings import Visit
from storage.db import Db
from storage.models import BookingState, EndedBy, OfferState

CANCELLED = BookingState.CANCELLED


def give_up(db: Db, visit: Visit, now: datetime) -> bool:
    """End a live visit; its places are noted as returned, for whoever waits to be asked next.

    Visits are given up in the order of their pools, so that two who do it at once never wait for
    each other. False when it had ended already.
    """
    pools.lock(db, visit.pool_id)
    offer = waiting.live_offer(db, visit.id)
    if offer is not None:
        waiting.end_offer(db, offer.id, OfferState.REVOKED, now)
    if not transitions.become(db, visit.id, (visit.state, CANCELLED), now, EndedBy.FAMILY):
        return False
    if visit.state is BookingState.WAITING:
        pools.shift(db, visit.pool_id, waiting=-1)
        return True
    places = offer.places if offer is not None else visit.places
    if offer is not None:
        pools.shift(db, visit.pool_id, offered=-places, held=places)
    else:
        pools.shift(db, visit.pool_id, confirmed=-places, held=places)
    pools.note_return(db, visit.pool_id, places, now, booking_id=visit.id, release_at=None)
    return True
