"""What happens when a family books a visit?"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from handlers.booking import history, nearest, returns, rules, storing, words
from handlers.booking.party import Guests
from handlers.booking.storing import CODES_TRIED_MAX
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile import actions as profile
from handlers.profile import consent
from handlers.profile.actions import NotThere
from handlers.profile.rules import No, Verdict, born
from handlers.texts import _
from storage import green, limits, people, pools, venues
from storage.bookings import Visit
from storage.db import Db, Later
from storage.failpoints import reached
from storage.models import BookingState
from storage.people import OfFamily
from storage.venues import ForFamily, Offered


class SessionFull(Refused):
    """So many places are not left; the words name sessions where they are."""


class SessionClosed(Refused):
    """The session cannot be booked by this family at this moment."""


def book(here: Here, session: str, guests: Guests) -> Any:
    """Book a visit: take places, keep new children, give a code. The card, for `words.retold`.

    Raises SessionClosed, SessionFull, or Refused when the party cannot come.
    """
    offered, party, children = let_come(here, session, guests)
    offered, visit = _take_and_store(here, offered, party, children)
    if offered.waiting:
        returns.passed_over(here.db, offered.pool_id, here.now, here.home_locale)
    reached("after_effect")
    return words.told(words.booked(visit, here.now), visit, here.speaker.locale)


def let_come(
    here: Here, session: str, guests: Guests
) -> tuple[Offered, rules.Party, list[OfFamily]]:
    """A session that a party can come to, should there be places; the family is locked.

    Raises SessionClosed, or Refused when the party cannot come.
    """
    limits.lock_family(here.db, here.speaker.family_id)
    # Asked together once the lock is there, PostgreSQL is waited for once.
    asked = venues.ask_session(here.db, here.speaker.family_id, session)
    family = _ask_family(here) if guests.children_count else None
    before = history.ask(here, session, of_children=guests.children != ())
    offered = _bookable(here, asked)
    children = [] if family is None else _coming(here, guests, family)
    party = rules.Party(tuple(rules_child(child) for child in children), guests.adults)
    refuse(rules.may_come(words.rules_of(offered), party))
    refuse(history.may_come_again(here, offered, children, asked=before))
    return offered, party, children


def draws(offered: Offered) -> list[int]:
    """The pools that the family's places can be of: what is kept for it is taken first."""
    return [each for each in (offered.kept_pool_id, offered.pool_id) if each is not None]


def _take_and_store(
    here: Here, offered: Offered, party: rules.Party, children: Sequence[OfFamily]
) -> tuple[Offered, Visit]:
    """Take the party's places, and store its visit. Raises as `take` and `store` do."""
    places = rules.places(words.rules_of(offered), party)
    if offered.kept_pool_id is not None or places > offered.places_left:
        offered = take(here, offered, party, draws(offered))
        return offered, store(here, offered, party, kept(here, children), BookingState.CONFIRMED)
    # The places seem to be there, so all is asked for at once; it is undone when they are not.
    taking = pools.ask_to_take(here.db, offered.pool_id, places)
    keeping = [profile.ask_to_keep(here, child) for child in children]
    asked = storing.ask(here, offered, party, BookingState.CONFIRMED)
    taken = taking.outcome()
    if taken is None:
        raise _full(here, offered, party, draws(offered))
    offered = _taken(here, offered, offered.pool_id, taken)
    child_ids = [each() for each in keeping]
    visit = storing.stored(here, asked, offered, child_ids)
    return offered, visit or store(here, offered, party, child_ids, BookingState.CONFIRMED)


def take(here: Here, offered: Offered, party: rules.Party, pool_ids: Sequence[int]) -> Offered:
    """Take the party's places of the first pool that has them; the session as it is then.

    Raises SessionFull, or SessionClosed when the base has cancelled it meanwhile.
    """
    places = rules.places(words.rules_of(offered), party)
    for pool_id in pool_ids:
        taken = pools.take(here.db, pool_id, places)
        if taken is not None:
            return _taken(here, offered, pool_id, taken)
    raise _full(here, offered, party, pool_ids)


def _taken(here: Here, offered: Offered, pool_id: int, taken: pools.Taken) -> Offered:
    offered = offered._replace(pool_id=pool_id, waiting=taken.waiting, state=taken.session_state)
    verdict = rules.is_open(words.rules_of(offered), here.now)
    if isinstance(verdict, No):
        raise SessionClosed(verdict.why)
    return offered


def _full(here: Here, offered: Offered, party: rules.Party, pool_ids: Sequence[int]) -> SessionFull:
    left = max(pools.left(here.db, pool_id) for pool_id in pool_ids)
    return full(here, offered._replace(places_left=left), party)


def bookable(here: Here, session: str) -> Offered:
    """A session that the family can book now. Raises SessionClosed with the reason why not."""
    return _bookable(here, venues.ask_session(here.db, here.speaker.family_id, session))


def _bookable(here: Here, asked: Later[ForFamily]) -> Offered:
    found = asked.first()
    if found is None:
        raise SessionClosed(_("This session is no longer offered. Please choose another one."))
    offered = found.offered
    verdict = rules.may_book(words.rules_of(offered), here.now, has_visit=found.has_visit)
    if isinstance(verdict, No):
        raise SessionClosed(verdict.why)
    kept = green.of_session(here.db, offered.id) if found.is_green else None
    if kept is None:
        return offered
    left = max(offered.places_left, kept.places_left)
    return offered._replace(places_left=left, kept_pool_id=kept.pool_id)


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
    return _coming(here, guests, _ask_family(here))


class _Family(NamedTuple):
    """A family's consent and children, read later."""

    consent: Later[people.Answer]
    children: Later[OfFamily]


def _ask_family(here: Here) -> _Family:
    children = people.ask_children(here.db, here.speaker.family_id)
    return _Family(consent.ask(here), children)


def _coming(here: Here, guests: Guests, asked: _Family) -> list[OfFamily]:
    consent.require(here, asked.consent)
    family = asked.children.all()
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
    for _attempt in range(CODES_TRIED_MAX):
        asked = storing.ask(here, offered, party, state, moved_from=moved_from)
        visit = storing.stored(here, asked, offered, child_ids)
        if visit is not None:
            return visit
    # Only another booking of this family, made since `bookable`, can stand in the way so often.
    raise SessionClosed(rules.visited_already())


def refuse(verdict: Verdict) -> None:
    """Raise Refused when the verdict is a no."""
    if isinstance(verdict, No):
        raise Refused(verdict.why)
