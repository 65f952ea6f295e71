"""What becomes of the visits to a session that its base calls off, or moves?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from handlers.booking import actions, called_off_words, rules, waitlist
from handlers.telling import tell_family
from storage import audit, bookings, calling_off, pools, transitions, venues, waiting
from storage.bookings import Visit
from storage.db import Db
from storage.failpoints import reached
from storage.models import BookingState, EndedBy, OfferState
from storage.venues import Offered

SOON = timedelta(hours=6)  # what concerns so near a session is told even in the quiet hours
ENDED = (BookingState.CONFIRMED, BookingState.WAITING, BookingState.OFFERED, BookingState.HELD)


class Times(NamedTuple):
    """When and where a session was."""

    starts_at: datetime
    ends_at: datetime
    room: str


def call_off(
    db: Db, session_id: int, reason: str, *, now: datetime, locale: str, by: int | None = None
) -> bool:
    """End every visit to a session, and tell each family once, with what would do instead.

    Nobody is to blame: nothing counts against a family. False when the session was off already.
    `by`: who called it off; `locale`: the language of those who named none.
    """
    pool_ids = calling_off.pools_of(db, session_id)
    locked = [pools.lock(db, pool_id) for pool_id in pool_ids]
    if not calling_off.call_off(db, session_id, reason):
        return False
    audit.note(db, "session", session_id, "call_off", now, person_id=by, reason=reason)
    found = [bookings.by_id(db, each) for each in calling_off.live_visits(db, session_id)]
    ended = [visit for visit in found if visit is not None and _end(db, visit, now, by)]
    for pool_id in pool_ids:
        calling_off.release_all(db, pool_id, now)
    for pool in locked:
        pools.shift(db, pool.id, held=-pool.held)
    for visit in ended:
        _tell(db, visit, reason, now, locale)
    reached("after_effect")
    return True


def moved(
    db: Db, session_id: int, was: Times, *, now: datetime, locale: str, by: int | None = None
) -> None:
    """Tell each family that a session has another time or place now; they may cancel for free."""
    calling_off.note_moved(db, session_id)
    audit.note(db, "session", session_id, "move", now, person_id=by)
    for booking_id in calling_off.live_visits(db, session_id):
        visit = bookings.by_id(db, booking_id)
        assert visit is not None
        if visit.state not in ENDED:
            continue
        tell_family(
            db,
            visit.family_id,
            called_off_words.moved(visit, was.starts_at, was.room),
            kind="urgent",
            once_key=f"moved:{visit.id}:{int(now.timestamp())}",
            now=now,
            locale=locale,
            due_at=_told_at(visit, min(visit.starts_at, was.starts_at), now),
            expires_at=max(visit.starts_at, was.starts_at),
        )


def _end(db: Db, visit: Visit, now: datetime, by: int | None) -> bool:
    """End a visit; the pool is locked. Who is inside already was there."""
    if visit.state not in ENDED:
        return False
    offer = waiting.live_offer(db, visit.id)
    if offer is not None:
        waiting.end_offer(db, offer.id, OfferState.REVOKED, now)
        pools.shift(db, visit.pool_id, offered=-offer.places)
    states = (visit.state, BookingState.CANCELLED)
    if not transitions.become(db, visit.id, states, now, EndedBy.BASE):
        return False
    if visit.state is BookingState.CONFIRMED:
        pools.shift(db, visit.pool_id, confirmed=-visit.places)
    elif visit.state is BookingState.WAITING:
        pools.shift(db, visit.pool_id, waiting=-1)
    audit.note(
        db, "booking", visit.id, "called off", now,
        person_id=by, before=visit.state, after=BookingState.CANCELLED,
    )  # fmt: skip
    return True


def _tell(db: Db, visit: Visit, reason: str, now: datetime, locale: str) -> None:
    near = instead(db, visit, now)
    tell_family(
        db,
        visit.family_id,
        called_off_words.called_off(visit, reason, near),
        kind="urgent",
        once_key=f"off:{visit.id}",
        now=now,
        locale=locale,
        due_at=_told_at(visit, visit.starts_at, now),
        expires_at=visit.ends_at,
    )


def _told_at(visit: Visit, starts_at: datetime, now: datetime) -> datetime:
    """At once; of a session days ahead, nobody is woken."""
    morning = waitlist.next_awake(now, visit.terms, visit.time_zone)
    return morning if starts_at - morning > SOON else now


def instead(db: Db, visit: Visit, now: datetime) -> Sequence[Offered]:
    """The nearest sessions that would take the whole party of a visit."""
    found = venues.session_for(db, visit.family_id, visit.session_public_id)
    assert found is not None
    offered, _has_visit = found
    children = bookings.children_of(db, visit.id)
    party = rules.Party(tuple(map(actions.rules_child, children)), visit.adults)
    if len(children) < visit.children:
        return ()
    return actions.nearest_to(db, now, offered, {offered.course_id}, party)
