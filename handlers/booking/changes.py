"""How does a booked visit change: cancelled, moved to another session, with other people?"""

from typing import Any

from handlers.booking import actions, deadlines, history, queue, returns, rules, words
from handlers.booking.actions import SessionFull
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.actions import NotThere
from handlers.texts import _
from storage import audit, bookings, calling_off, limits, pools, strikes, transitions, venues
from storage.bookings import Visit
from storage.failpoints import is_off, reached
from storage.models import BookingState, EndedBy, StrikeKind
from storage.venues import Offered

CONFIRMED, MOVED = BookingState.CONFIRMED, BookingState.MOVED
NOT_BOOKED = _("This visit is no longer booked, so nothing was changed.")


def cancel(here: Here, visit: str, *, is_warned: bool = True) -> None:
    """Cancel a visit and give its places back, or leave its waiting list, once.

    Raises Refused with the reason why not: also when it would count as missed and the family is
    not `is_warned`.
    """
    found = visit_of(here, visit)
    if found.state in (BookingState.WAITING, BookingState.OFFERED):
        queue.leave(here, found)
        return
    pools.lock(here.db, found.pool_id)
    found = visit_of(here, visit)  # again: another guardian may have changed it while we waited
    actions.refuse(deadlines.may_cancel(found, here.now))
    warning = deadlines.late_warning(found, here.now)
    is_late = warning is not None
    if warning is not None and not is_warned:
        raise Refused(warning)
    _end(here, found, EndedBy.LATE if is_late else EndedBy.FAMILY)
    if is_late:
        strikes.add(here.db, found.id, StrikeKind.LATE_CANCEL, here.now)
    _give_back(here, found, found.places)
    reached("after_effect")


def cancel_moved(here: Here, visit: Visit) -> None:
    """Cancel a visit that its base has moved since it was booked: whenever, and it never counts.

    Raises Refused with the reason why not.
    """
    if not calling_off.was_moved(here.db, visit.session_id, visit.created_at):
        raise Refused(_("This visit was not moved. To cancel it, type “my visits”."))
    pools.lock(here.db, visit.pool_id)
    visit = visit_of(here, visit.public_id)  # again: it may have changed while we waited
    if here.now >= visit.starts_at:
        actions.refuse(deadlines.may_cancel(visit, here.now))
    _end(here, visit, EndedBy.BASE)
    _give_back(here, visit, visit.places)
    reached("after_effect")


def move(here: Here, visit: str, session: str) -> Any:
    """Change to another session of the same base, in one transaction. The card, for `retold`.

    The old visit stays as it was when there are no places. Raises SessionFull, SessionClosed, or
    Refused with the reason why not.
    """
    limits.lock_family(here.db, here.speaker.family_id)
    found = changeable(here, visit)
    offered = actions.bookable(here, session)
    if offered.base_id != found.base_id:
        raise Refused(_("A visit can only be moved within its base. Please book a new one."))
    draws = actions.draws(offered)
    for pool_id in _in_order(found.pool_id, *draws):
        pools.lock(here.db, pool_id)
    found = changeable(here, visit)  # again: another guardian may have changed it while we waited
    children = bookings.children_of(here.db, found.id)
    party = rules.Party(tuple(map(actions.rules_child, children)), found.adults)
    if len(children) < found.children:
        raise Refused(_("A child of this visit is no longer kept. Please book a new one."))
    actions.refuse(rules.may_come(words.rules_of(offered), party))
    actions.refuse(history.may_come_again(here, offered, children, besides=found.id))
    offered = actions.take(here, offered, party, draws)
    if not transitions.become(here.db, found.id, (CONFIRMED, MOVED), here.now, EndedBy.FAMILY):
        raise Refused(NOT_BOOKED)
    _note(here, found, "move", MOVED)
    kept = [child.id for child in children if child.id is not None]
    new = actions.store(here, offered, party, kept, CONFIRMED, moved_from=found)
    if offered.waiting:
        returns.passed_over(here.db, offered.pool_id, here.now, here.home_locale)
    _give_back(here, found, found.places)
    reached("after_effect")
    return words.told(words.moved(new, here.now), new, here.speaker.locale)


def change_party(here: Here, visit: str, guests: Guests) -> Any:
    """Come with other people, more or fewer. The card, for `retold`.

    Raises SessionFull when there are no places for more, or Refused with the reason why not.
    """
    limits.lock_family(here.db, here.speaker.family_id)
    found, offered = changing(here, visit)
    children = actions.children_coming(here, guests)
    party = rules.Party(tuple(map(actions.rules_child, children)), guests.adults)
    rule = words.rules_of(offered)
    actions.refuse(rules.may_come(rule, party))
    pools.lock(here.db, found.pool_id)
    found = changeable(here, visit)  # again: another guardian may have changed it while we waited
    actions.refuse(history.may_bring(here, offered, children, besides=found.id))
    more = rules.places(rule, party) - found.places
    taken = pools.take(here.db, found.pool_id, more) if more > 0 else None
    if more > 0 and taken is None:
        left = pools.left(here.db, found.pool_id)
        raise SessionFull(words.too_few_left(left, more))
    numbers = (party.adults, len(children))
    if not transitions.change_party(here.db, found.id, numbers, here.now, changes=1):
        raise Refused(NOT_BOOKED)
    transitions.drop_children(here.db, found.id)
    transitions.add_children(here.db, found.id, found.session_id, actions.kept(here, children))
    _note(here, found, "party", CONFIRMED)
    if taken is not None and taken.waiting:
        returns.passed_over(here.db, found.pool_id, here.now, here.home_locale)
    if more < 0:
        _give_back(here, found, -more)
    reached("after_effect")
    changed = visit_of(here, visit)
    return words.told(words.changed(changed, here.now), changed, here.speaker.locale)


def visit_of(here: Here, visit: str) -> Visit:
    """A visit of the speaker's family. Raises NotThere."""
    found = bookings.visit_for(here.db, here.speaker.family_id, visit)
    if found is None:
        raise NotThere
    return found


def changeable(here: Here, visit: str) -> Visit:
    """A confirmed visit that may still be changed. Raises Refused with the reason why not."""
    found = visit_of(here, visit)
    if found.state is not CONFIRMED:
        raise Refused(NOT_BOOKED)
    actions.refuse(deadlines.may_change(found, here.now))
    return found


def changing(here: Here, visit: str) -> tuple[Visit, Offered]:
    """A visit that may still be changed, and its session. Raises Refused with the reason."""
    found = changeable(here, visit)
    session = venues.session_for(here.db, here.speaker.family_id, found.session_public_id)
    assert session is not None
    return found, session[0]


def _in_order(*pool_ids: int) -> list[int]:
    """As everybody locks them. Only the control of the race test locks them as they come."""
    return list(dict.fromkeys(pool_ids)) if is_off("lock_order") else sorted({*pool_ids})


def _end(here: Here, visit: Visit, ended_by: EndedBy) -> None:
    """End a confirmed visit. Raises Refused when it is none any more."""
    states = (CONFIRMED, BookingState.CANCELLED)
    pools.lock(here.db, visit.pool_id)
    if not transitions.become(here.db, visit.id, states, here.now, ended_by):
        raise Refused(NOT_BOOKED)
    _note(here, visit, "cancel", BookingState.CANCELLED)


def _give_back(here: Here, visit: Visit, places: int) -> None:
    returns.give_back(
        here.db, visit.pool_id, visit.id, places, now=here.now, locale=here.home_locale
    )


def _note(here: Here, visit: Visit, action: str, after: BookingState) -> None:
    audit.note(
        here.db,
        "booking",
        visit.id,
        action,
        here.now,
        person_id=here.speaker.person_id,
        before=CONFIRMED,
        after=after,
    )
