"""Who did not come, and what do they hear of it?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.booking import limits
from handlers.booking.deadlines import door_closes
from handlers.conversation.question import Option
from handlers.desk import excuses, words
from handlers.messages import command_token
from handlers.telling import tell_family
from handlers.texts import _
from storage import audit, bookings, misses, pools, strikes, transitions
from storage import limits as history
from storage.bookings import Visit
from storage.db import Db
from storage.models import BookingState, EndedBy, SessionState, StrikeKind

CONFIRMED, NO_SHOW = BookingState.CONFIRMED, BookingState.NO_SHOW
BATCH = 50  # visits in a transaction
LOOKED_BACK = timedelta(days=3)  # older ones are let be: nobody could object to them any more


def due(db: Db, now: datetime) -> list[list[int]]:
    """The ids of visits that nobody came to although the door has closed, in batches."""
    first_day, last_day = (now - LOOKED_BACK).date(), (now + timedelta(days=1)).date()
    found = [
        booking_id
        for session in misses.begun(db, first_day, last_day, now)
        if now > door_closes(session.starts_at, session.ends_at, session.terms)
        for booking_id in misses.missing(db, session.id)
    ]
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


def miss(db: Db, booking_ids: Sequence[int], now: datetime, locale: str) -> int:
    """Note that nobody came to these visits, and tell the families; how many there were.

    `locale`: the language of those who named none.
    """
    found = [bookings.by_id(db, booking_id) for booking_id in booking_ids]
    visits = [visit for visit in found if visit is not None and _is_missed(visit, now)]
    for pool_id in sorted({visit.pool_id for visit in visits}):
        pools.lock(db, pool_id)
    return sum(_miss(db, visit, now, locale) for visit in visits)


def _is_missed(visit: Visit, now: datetime) -> bool:
    """Whether the door has closed by the terms that the visit was booked under."""
    is_closed = now > door_closes(visit.starts_at, visit.ends_at, visit.terms)
    return is_closed and visit.session_state is SessionState.PUBLISHED


def _miss(db: Db, visit: Visit, now: datetime, locale: str) -> bool:
    if not transitions.become(db, visit.id, (CONFIRMED, NO_SHOW), now, EndedBy.CLOCK):
        return False  # they came, or cancelled, since the job looked
    pools.shift(db, visit.pool_id, confirmed=-visit.places)
    audit.note(db, "booking", visit.id, "no_show", now, before=CONFIRMED, after=NO_SHOW)
    if strikes.add(db, visit.id, StrikeKind.NO_SHOW, now):
        _tell(db, visit, now, locale)
    return True


def _tell(db: Db, visit: Visit, now: datetime, locale: str) -> None:
    struck = strikes.of_visit(db, visit.id)
    assert struck is not None
    times = history.strikes(db, visit.family_id, visit.base_id)
    banned_until = limits.banned_until(times, visit.terms, now)
    object_to = Option(command_token("object", visit.public_id), _("Tell the base why"))
    tell_family(
        db,
        visit.family_id,
        (words.missed(struck, excuses.until(struck), banned_until), [object_to]),
        kind="strike",
        once_key=f"missed:{visit.id}",
        now=now,
        locale=locale,
    )
