"""How is a visit stored whose places are taken, or waited for?"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.booking import rules
from handlers.here import Here
from storage import audit, transitions
from storage.bookings import Visit
from storage.db import Later
from storage.models import BookingState
from storage.transitions import New
from storage.venues import Offered

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
CODE_LENGTH = 8
CODES_TRIED_MAX = 5  # of 30^8: after a million bookings, one in 650,000 is taken already


@dataclass(frozen=True, slots=True)
class Asked:
    """A visit that is to be stored; whether it could be is read later."""

    new: New
    code: str
    booking_id: Later[int]


def ask(
    here: Here,
    offered: Offered,
    party: rules.Party,
    state: BookingState,
    *,
    moved_from: Visit | None = None,
) -> Asked:
    """Have a visit stored under a code that is probably not given yet; see `stored`."""
    new = New(
        public_id=secrets.token_hex(16),
        session_id=offered.id,
        pool_id=offered.pool_id,
        family_id=here.speaker.family_id,
        person_id=here.speaker.person_id,
        adults=party.adults,
        children=len(party.children),
        policy_version=offered.policy_version,
        channel=here.speaker.channel,
        state=state,
        moved_from_id=moved_from and moved_from.id,
        changes=moved_from.changes + 1 if moved_from else 0,
    )
    code = new_code()
    return Asked(new, code, transitions.ask_to_add(here.db, new, code, here.now))


def stored(here: Here, asked: Asked, offered: Offered, child_ids: Sequence[int]) -> Visit | None:
    """The visit with its children and its record; None when it could not be stored."""
    booking_id = asked.booking_id.first()
    if booking_id is None:
        return None
    transitions.add_children(here.db, booking_id, offered.id, child_ids)
    who, state = here.speaker.person_id, asked.new.state
    audit.note(here.db, "booking", booking_id, "book", here.now, person_id=who, after=state)
    return _visit(here, booking_id, asked, offered)


def new_code() -> str:
    """A code nobody can guess from another one."""
    number, letters = secrets.randbelow(len(CODE_LETTERS) ** CODE_LENGTH), ""
    for _each in range(CODE_LENGTH):
        number, letter = divmod(number, len(CODE_LETTERS))
        letters += CODE_LETTERS[letter]
    return letters


def _visit(here: Here, booking_id: int, asked: Asked, offered: Offered) -> Visit:
    new = asked.new
    return Visit(
        id=booking_id,
        public_id=new.public_id,
        code=asked.code,
        pool_id=new.pool_id,
        state=new.state,
        adults=new.adults,
        children=new.children,
        created_at=here.now,
        changed_at=here.now,
        starts_at=offered.starts_at,
        ends_at=offered.ends_at,
        room=offered.room,
        cancel_until=offered.cancel_until,
        price_fen=offered.price_fen,
        session_state=offered.state,
        course=offered.course,
        base=offered.base,
        address=offered.address,
        phone=offered.phone,
        time_zone=offered.time_zone,
        family_id=new.family_id,
        session_id=offered.id,
        session_public_id=offered.public_id,
        base_id=offered.base_id,
        base_public_id=offered.base_public_id,
        changes=new.changes,
        heads=0,
        terms=offered.terms,
    )
