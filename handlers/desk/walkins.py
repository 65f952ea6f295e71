"""How does a party come in that has not booked?"""

import secrets
from typing import Any

from handlers.booking import deadlines, returns
from handlers.booking.storing import CODES_TRIED_MAX, new_code
from handlers.desk import actions, rules
from handlers.desk.actions import Scan
from handlers.desk.staff import Desk, desk_of, require
from handlers.here import Here
from handlers.messages import Refused
from handlers.texts import Text, _, as_json
from storage import audit, checkins, pools, transitions, venues
from storage.checkins import WALK_IN
from storage.failpoints import reached
from storage.models import BookingState, Duty, Family, Person, SessionState
from storage.pools import Places
from storage.transitions import New
from storage.venues import Offered

NO_PLACES = _("So many places are not free in this session.")


def room(here: Here, session: str) -> int:
    """How many places are free for walk-ins. Raises Refused when nobody can be let in now."""
    offered = _open(here, session)
    return sum(max(draw.left, 0) for draw in checkins.draws(here.db, offered.id))


def walk_in(here: Here, session: str, adults: int, children: int) -> Any:
    """Let a party in that has not booked: their own pool's places first, then families' free ones.

    The words, as JSON. Raises Refused when the door is shut or the places are not there.
    """
    if adults + children < 1:
        raise Refused(_("Please choose at least one person."))
    offered = _open(here, session)
    desk = desk_of(here)
    are_all_counted = offered.terms.capacity_counts == "all"
    draws = checkins.draws(here.db, offered.id)
    # In the order of their ids, as everybody locks; drawn on in their own order.
    locked = {draw.id: pools.lock(here.db, draw.id) for draw in sorted(draws)}
    parts, left = [], (adults, children)
    for pool in (locked[draw.id] for draw in draws):
        part = rules.split(*left, _free(pool), are_all_counted=are_all_counted)
        if sum(part):
            parts.append((pool, part))
            left = left[0] - part[0], left[1] - part[1]
    if any(left):
        raise Refused(NO_PLACES)
    texts = []
    for pool, part in parts:
        assert pools.take(here.db, pool.id, sum(part) if are_all_counted else part[1])
        texts.append(as_json(_store(desk, offered, pool, part)))
        if pool.waiting:
            returns.passed_over(here.db, pool.id, here.now, here.home_locale)
    reached("after_effect")
    return texts


def _open(here: Here, session: str) -> Offered:
    found = venues.session_for(here.db, here.speaker.family_id, session)
    if found is None:
        raise Refused(_("There is no such session."))
    offered, _has_visit = found
    require(here, offered.base_id, Duty.DESK)
    if offered.state is SessionState.CANCELLED:
        raise Refused(_("The base has cancelled this session."))
    opens = deadlines.door_opens(offered.starts_at, offered.terms)
    closes = deadlines.door_closes(offered.starts_at, offered.ends_at, offered.terms)
    if not opens <= here.now <= closes:
        raise Refused(_("Walk-ins come in while the door of the session is open."))
    return offered


def _free(pool: Places) -> int:
    return max(pool.capacity - pool.held - pool.offered - pool.confirmed, 0)


def _store(desk: Desk, offered: Offered, pool: Places, party: tuple[int, int]) -> Text:
    """Keep a visit of somebody unknown, and check it in."""
    db, now = desk.db, desk.now
    family_id = db.insert(Family(created_at=now))
    nobody = Person(public_id=secrets.token_hex(16), family_id=family_id, created_at=now)
    new = New(
        public_id=secrets.token_hex(16),
        session_id=offered.id,
        pool_id=pool.id,
        family_id=family_id,
        person_id=db.insert(nobody),
        adults=party[0],
        children=party[1],
        policy_version=offered.policy_version,
        channel=WALK_IN,
    )
    for _attempt in range(CODES_TRIED_MAX):
        code = new_code()
        booking_id = transitions.add(db, new, code, now)
        if booking_id is not None:
            break
    assert booking_id is not None
    state = BookingState.CONFIRMED
    who = desk.person_id
    audit.note(db, "booking", booking_id, "walk_in", now, person_id=who, after=state)
    scan = Scan(f"walk-in:{new.public_id}", code, now)
    return actions.admit(desk, booking_id, scan).text
