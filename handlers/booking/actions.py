"""What happens when a family books a visit?"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from handlers.booking import history, nearest, returns, rules, words
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile import actions as profile
from handlers.profile import consent
from handlers.profile.actions import NotThere
from handlers.profile.rules import No, Verdict, born
from handlers.texts import _
from storage import audit, green, limits, people, pools, transitions, venues
from storage.bookings import Visit
from storage.db import Db
from storage.failpoints import reached
from storage.models import BookingState
from storage.people import OfFamily
from storage.transitions import New
from storage.venues import Offered

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
CODE_LENGTH = 8
CODES_TRIED_MAX = 5  # of 30^8: after a million bookings, one in 650,000 is taken already


class SessionFull(Refused):
    """So many places are not left; the words name sessions where they are."""


class SessionClosed(Refused):
    """The session cannot be booked by this family at this moment."""


def book(here: Here, session: str, guests: Guests) -> Any:
    """Book a visit: take places, keep new children, give a code. The card, for `words.retold`.

    Raises SessionClosed, SessionFull, or Refused when the party cannot come.
    """
    limits.lock_family(here.db, here.speaker.family_id)
    offered = bookable(here, session)
    rule = words.rules_of(offered)
    children = children_coming(here, guests)
    party = rules.Party(tuple(rules_child(child) for child in children), guests.adults)
    refuse(rules.may_come(rule, party))
    refuse(history.may_come_again(here, offered, children))
    offered = take(here, offered, party, draws(here, offered))
    visit = store(here, offered, party, kept(here, children), BookingState.CONFIRMED)
    if offered.waiting:
        returns.passed_over(here.db, offered.pool_id, here.now, here.home_locale)
    reached("after_effect")
    return words.told(words.booked(visit, here.now), visit, here.speaker.locale)


def draws(here: Here, offered: Offered) -> list[int]:
    """The pools that the family's places can be of: what is kept for it is taken first."""
    kept = green.of_session(here.db, here.speaker.family_id, offered.id)
    return [offered.pool_id] if kept is None else [kept.pool_id, offered.pool_id]


def take(here: Here, offered: Offered, party: rules.Party, pool_ids: Sequence[int]) -> Offered:
    """Take the party's places of the first pool that has them; the session as it is then.

    Raises SessionFull, or SessionClosed when the base has cancelled it meanwhile.
    """
    places = rules.places(words.rules_of(offered), party)
    for pool_id in pool_ids:
        taken = pools.take(here.db, pool_id, places)
        if taken is not None:
            offered = offered._replace(
                pool_id=pool_id, waiting=taken.waiting, state=taken.session_state
            )
            verdict = rules.is_open(words.rules_of(offered), here.now)
            if isinstance(verdict, No):
                raise SessionClosed(verdict.why)
            return offered
    left = max(pools.left(here.db, pool_id) for pool_id in pool_ids)
    raise full(here, offered._replace(places_left=left), party)


def bookable(here: Here, session: str) -> Offered:
    """A session that the family can book now. Raises SessionClosed with the reason why not."""
    found = venues.session_for(here.db, here.speaker.family_id, session)
    if found is None:
        raise SessionClosed(_("This session is no longer offered. Please choose another one."))
    offered, has_visit = found
    verdict = rules.may_book(words.rules_of(offered), here.now, has_visit=has_visit)
    if isinstance(verdict, No):
        raise SessionClosed(verdict.why)
    kept = green.of_session(here.db, here.speaker.family_id, offered.id)
    left = max(offered.places_left, kept.places_left if kept else 0)
    return offered._replace(places_left=left)


def full(here: Here, offered: Offered, party: rules.Party | None) -> SessionFull:
    """Why a session does not take the party, with the nearest that do. None: the smallest one."""
    rule = words.rules_of(offered)
    wanted = rules.places(rule, party) if party else rules.smallest_party(rule)
    near = instead(here, offered, {offered.course_id}, party)
    return SessionFull(words.full(offered.places_left, wanted, near, offered.base_public_id))


def instead(
    here: Here, offered: Offered, courses: Collection[int], party: rules.Party | None
) -> list[Offered]:
    """The nearest sessions that would do instead of one; first those of the `courses`."""
    return nearest_to(here.db, here.now, offered, courses, party)


def nearest_to(
    db: Db, now: datetime, offered: Offered, courses: Collection[int], party: rules.Party | None
) -> list[Offered]:
    """The same, whoever asks."""
    places = rules.places(words.rules_of(offered), party) if party else 1
    found = {
        each.id: each
        for each in venues.sessions_instead(db, offered, places, now)
        if each.id != offered.id
    }
    candidates = [
        nearest.Candidate(
            session=words.rules_of(each),
            key=each.id,
            places_left=each.places_left,
            is_same_course=each.course_id in courses,
            is_same_base=each.base_id == offered.base_id,
        )
        for each in found.values()
    ]
    near = nearest.nearest(candidates, words.rules_of(offered), party, now)
    return [found[each.key] for each in near]


def rules_child(child: OfFamily) -> rules.Child:
    """What the rules need to know of a child."""
    return rules.Child(child.nickname, born(child.birth_month, child.grade, child.grade_year))


def children_coming(here: Here, guests: Guests) -> list[OfFamily]:
    """The children who come, those who are new not yet kept."""
    if not guests.children_count:
        return []
    consent.require(here)
    family = people.children_of(here.db, here.speaker.family_id)
    known = {child.public_id: child for child in family}
    if not known.keys() >= {*guests.children}:
        raise NotThere
    coming = [known[public_id] for public_id in guests.children]
    for new in guests.new_children:
        child = profile.told(here, family, new.nickname, new.age)
        family.append(child)
        coming.append(child)
    if len({child.public_id for child in coming}) < len(coming):
        raise Refused(_("The same child is in your party twice."))
    return coming


def kept(here: Here, children: Sequence[OfFamily]) -> list[int]:
    """The ids of children, those who are new kept now."""
    return [profile.keep(here, child) for child in children]


def store(
    here: Here,
    offered: Offered,
    party: rules.Party,
    child_ids: Sequence[int],
    state: BookingState,
    *,
    moved_from: Visit | None = None,
) -> Visit:
    """Store a visit whose places are taken, or are waited for.

    Raises SessionClosed when the family is in this session already.
    """
    new = New(
        public_id=secrets.token_hex(16),
        session_id=offered.id,
        pool_id=offered.pool_id,
        family_id=here.speaker.family_id,
        person_id=here.speaker.person_id,
        adults=party.adults,
        children=len(child_ids),
        policy_version=offered.policy_version,
        channel=here.speaker.channel,
        state=state,
        moved_from_id=moved_from and moved_from.id,
        changes=moved_from.changes + 1 if moved_from else 0,
    )
    for _attempt in range(CODES_TRIED_MAX):
        code = new_code()
        booking_id = transitions.add(here.db, new, code, here.now)
        if booking_id is not None:
            transitions.add_children(here.db, booking_id, offered.id, child_ids)
            who = here.speaker.person_id
            audit.note(here.db, "booking", booking_id, "book", here.now, person_id=who, after=state)
            return _visit(here, booking_id, code, new, offered)
    # Only another booking of this family, made since `bookable`, can stand in the way so often.
    raise SessionClosed(rules.visited_already())


def new_code() -> str:
    """A code nobody can guess from another one."""
    return "".join(secrets.choice(CODE_LETTERS) for _each in range(CODE_LENGTH))


def _visit(here: Here, booking_id: int, code: str, new: New, offered: Offered) -> Visit:
    return Visit(
        id=booking_id,
        public_id=new.public_id,
        code=code,
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


def refuse(verdict: Verdict) -> None:
    """Raise Refused when the verdict is a no."""
    if isinstance(verdict, No):
        raise Refused(verdict.why)
