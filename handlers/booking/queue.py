"""How does a family get on a waiting list, answer an offer, and leave?"""

from typing import Any

from handlers.booking import actions, history, returns, rules, waiting_words, waitlist, words
from handlers.booking.party import Guests
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile.actions import NotThere
from handlers.profile.rules import YES, No, Verdict
from handlers.texts import Text, _, ngettext, say
from storage import audit, bookings, limits, people, pools, transitions, venues, waiting
from storage.bookings import Visit
from storage.failpoints import reached
from storage.models import BookingState, EndedBy, OfferState, SessionState
from storage.pools import Places
from storage.venues import Offered as Session
from storage.waiting import Offered, Wish

WAITING, OFFERED, CONFIRMED = (
    BookingState.WAITING,
    BookingState.OFFERED,
    BookingState.CONFIRMED,
)


class PlacesFree(Refused):
    """There are places for the party: nobody has to wait."""


def join(here: Here, session: str, guests: Guests, *, takes_fewer: bool = False) -> Any:
    """Wait for places for a whole party, or for its children with fewer adults. The words.

    Raises SessionClosed, PlacesFree, or Refused when the party cannot come or the list is full.
    """
    limits.lock_family(here.db, here.speaker.family_id)
    offered = actions.bookable(here, session)
    children = actions.children_coming(here, guests)
    party = rules.Party(tuple(actions.rules_child(child) for child in children), guests.adults)
    rule = words.rules_of(offered)
    actions.refuse(rules.may_come(rule, party))
    actions.refuse(history.may_come_again(here, offered, children))
    pool = pools.lock(here.db, offered.pool_id)
    if pool.session_state is SessionState.CANCELLED:  # while we waited
        actions.bookable(here, session)
    if max(_free(pool), _kept(here, offered)) >= rules.places(rule, party):
        raise PlacesFree(_("There are places for you now: nobody has to wait."))
    actions.refuse(_may_wait(here, offered, pool))
    visit = actions.store(here, offered, party, actions.kept(here, children), WAITING)
    fewest = rules.adults_allowed(rule, len(children)).start + len(children)
    wish = Wish(
        places=visit.places,
        least=min(max(fewest, 1), visit.places) if takes_fewer else visit.places,
        priority=people.priority_of(here.db, here.speaker.family_id),
    )
    waiting.join(here.db, visit.id, offered.pool_id, wish, here.now)
    pools.shift(here.db, offered.pool_id, waiting=1)
    # Fewer places may do, or what is kept for somebody behind.
    returns.places_came(here.db, offered.pool_id, here.now, here.home_locale)
    reached("after_effect")
    text = waiting_words.joined(visit, waiting.ahead_of(here.db, visit.id))
    return say(text, here.speaker.locale)


def accept(here: Here, offer: str) -> Any:
    """Take the places offered. The card, for `words.retold`. Raises Refused when it is too late."""
    limits.lock_family(here.db, here.speaker.family_id)
    found = _standing(here, offer)
    pools.lock(here.db, found.pool_id)
    if found.expires_at <= here.now or not waiting.end_offer(
        here.db, found.id, OfferState.ACCEPTED, here.now
    ):
        raise Refused(_over(here, offer))
    actions.refuse(_may_come_now(here, found))
    became = transitions.become(here.db, found.booking_id, (OFFERED, CONFIRMED), here.now)
    assert became, "a live offer's visit is offered"
    pools.shift(here.db, found.pool_id, offered=-found.places, confirmed=found.places)
    fewer = found.places_wanted - found.places
    if fewer:
        transitions.leave_at_home(here.db, found.booking_id, fewer, here.now)
    _note(here, found, "accept", CONFIRMED)
    reached("after_effect")
    visit = bookings.by_id(here.db, found.booking_id)
    assert visit is not None
    return words.told(words.booked(visit, here.now), visit, here.speaker.locale)


def decline(here: Here, offer: str) -> None:
    """Let the places go and leave the list. Raises Refused when it is too late."""
    found = _standing(here, offer)
    pools.lock(here.db, found.pool_id)
    if not waiting.end_offer(here.db, found.id, OfferState.DECLINED, here.now):
        raise Refused(_over(here, offer))
    _leave_list(here, found)
    _note(here, found, "decline", BookingState.CANCELLED)
    returns.places_came(here.db, found.pool_id, here.now, here.home_locale)


def leave(here: Here, visit: Visit) -> None:
    """Leave a waiting list, with what may be offered there. Raises Refused when not on it."""
    pools.lock(here.db, visit.pool_id)
    offer, before = waiting.live_offer(here.db, visit.id), WAITING
    if offer is not None:
        waiting.end_offer(here.db, offer.id, OfferState.REVOKED, here.now)
        _leave_list(here, offer)
        before = OFFERED
    elif transitions.become(
        here.db, visit.id, (WAITING, BookingState.CANCELLED), here.now, EndedBy.FAMILY
    ):
        pools.shift(here.db, visit.pool_id, waiting=-1)
    else:
        raise Refused(_("You are no longer on this waiting list, so nothing was changed."))
    audit.note(
        here.db,
        "booking",
        visit.id,
        "leave",
        here.now,
        person_id=here.speaker.person_id,
        before=before,
        after=BookingState.CANCELLED,
    )
    returns.places_came(here.db, visit.pool_id, here.now, here.home_locale)


def only_offer(here: Here) -> str | None:
    """The offer that a bare word speaks of: the family's only live one; None: none, or several."""
    live = _live(here)
    return live[0].public_id if len(live) == 1 else None


def has_offers(here: Here) -> bool:
    """Whether anything is offered to the family."""
    return bool(_live(here))


def _live(here: Here) -> list[Offered]:
    newest = waiting.newest_offers(here.db, here.speaker.family_id, most=10)
    return [offer for offer in newest if offer.state is OfferState.LIVE]


def _free(pool: Places) -> int:
    return pool.capacity - pool.held - pool.offered - pool.confirmed


def _kept(here: Here, offered: Session) -> int:
    """How many places are left of those kept for the family."""
    return pools.left(here.db, offered.kept_pool_id) if offered.kept_pool_id is not None else 0


def _may_wait(here: Here, offered: Session, pool: Places) -> Verdict:
    """Whether the list of a session, and those the family is on, have room for one more."""
    terms = offered.terms
    if waitlist.stands_until(here.now, offered.starts_at, terms, offered.time_zone) is None:
        return No(_("It is too late for the waiting list of this session."))
    if pool.waiting >= offered.waiting_max:
        return No(_("The waiting list of this session is full."))
    if waiting.lists_of(here.db, here.speaker.family_id) >= terms.wait_max:
        return No(
            ngettext(
                "You are on {n} waiting list already. To leave it, type “my visits”.",
                "You are on {n} waiting lists already. To leave one, type “my visits”.",
                terms.wait_max,
            )
        )
    return YES


def _standing(here: Here, offer: str) -> Offered:
    found = waiting.offer_for(here.db, here.speaker.family_id, offer)
    if found is None:
        raise NotThere
    if found.state is not OfferState.LIVE:
        raise Refused(_over(here, offer))
    return found


def _may_come_now(here: Here, offer: Offered) -> Verdict:
    """Whether what the family booked, or missed, since it joined the list leaves it this visit."""
    visit = bookings.by_id(here.db, offer.booking_id)
    assert visit is not None
    session = venues.session_for(here.db, visit.family_id, visit.session_public_id)
    assert session is not None
    children = bookings.children_of(here.db, visit.id)
    return history.may_come_again(here, session[0], children, besides=visit.id)


def _over(here: Here, offer: str) -> Text:
    """Why an offer can no longer be answered."""
    found = waiting.offer_for(here.db, here.speaker.family_id, offer)
    if found is not None and found.state is OfferState.ACCEPTED:
        return _("You have taken these places already. Type “my visits” to see them.")
    if found is not None and found.state is OfferState.DECLINED:
        return _("You have declined these places already.")
    return waiting_words.TOO_LATE


def _leave_list(here: Here, offer: Offered) -> None:
    states = (OFFERED, BookingState.CANCELLED)
    became = transitions.become(here.db, offer.booking_id, states, here.now, EndedBy.FAMILY)
    assert became, "a live offer's visit is offered"
    pools.shift(here.db, offer.pool_id, offered=-offer.places)


def _note(here: Here, offer: Offered, action: str, after: BookingState) -> None:
    audit.note(
        here.db,
        "booking",
        offer.booking_id,
        action,
        here.now,
        person_id=here.speaker.person_id,
        before=OFFERED,
        after=after,
    )
